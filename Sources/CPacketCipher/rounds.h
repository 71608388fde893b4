// The state of ChaCha20 (RFC 8439, section 2.3) and its rounds, for as many blocks at once as a vector has words.
#ifndef ROUNDS_H
#define ROUNDS_H

enum { chacha20_lanes = 32, chacha20_block = 64 };

// All lanes have the same key. Behind the lanes there is room for a vector that begins at the last one.
struct state {
    uint32_t key[8];
    // The state's last row, for each lane: the number of the block, four zero bytes, and the nonce's number.
    uint32_t block[chacha20_lanes + 16], nonce_low[chacha20_lanes + 16], nonce_high[chacha20_lanes + 16];
} __attribute__((aligned(64)));

// Steps of four quarter rounds side by side on words a, b, c, d of x, where word i of each quarter is one row.
#define ADD_ROW(x, a0, a1, a2, a3, b0, b1, b2, b3) \
    x[a0] = add32(x[a0], x[b0]); \
    x[a1] = add32(x[a1], x[b1]); \
    x[a2] = add32(x[a2], x[b2]); \
    x[a3] = add32(x[a3], x[b3]);
#define XOR_ROTATE_ROW(x, d0, d1, d2, d3, a0, a1, a2, a3, rotated) \
    x[d0] = rotated(xor(x[d0], x[a0])); \
    x[d1] = rotated(xor(x[d1], x[a1])); \
    x[d2] = rotated(xor(x[d2], x[a2])); \
    x[d3] = rotated(xor(x[d3], x[a3]));
#define QUARTER_ROUNDS(x, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3) \
    ADD_ROW(x, 0, 1, 2, 3, b0, b1, b2, b3) \
    XOR_ROTATE_ROW(x, d0, d1, d2, d3, 0, 1, 2, 3, rotated16) \
    ADD_ROW(x, c0, c1, c2, c3, d0, d1, d2, d3) \
    XOR_ROTATE_ROW(x, b0, b1, b2, b3, c0, c1, c2, c3, rotated12) \
    ADD_ROW(x, 0, 1, 2, 3, b0, b1, b2, b3) \
    XOR_ROTATE_ROW(x, d0, d1, d2, d3, 0, 1, 2, 3, rotated8) \
    ADD_ROW(x, c0, c1, c2, c3, d0, d1, d2, d3) \
    XOR_ROTATE_ROW(x, b0, b1, b2, b3, c0, c1, c2, c3, rotated7)
#define COLUMN_ROUND(x) QUARTER_ROUNDS(x, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define DIAGONAL_ROUND(x) QUARTER_ROUNDS(x, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14)

// Word i of the state in x[i], for the lanes from `first` on.
INLINE void load_state(vector x[16], const struct state *self, unsigned first) {
    static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (int i = 0; i < 4; i++) x[i] = splat32(constants[i]);
    for (int i = 0; i < 8; i++) x[4 + i] = splat32(self->key[i]);
    x[12] = load(self->block + first);
    x[13] = zero();
    x[14] = load(self->nonce_low + first);
    x[15] = load(self->nonce_high + first);
}

INLINE void add_state(vector x[16], const struct state *self, unsigned first) {
    vector start[16];
    load_state(start, self, first);
    for (int i = 0; i < 16; i++) x[i] = add32(x[i], start[i]);
}

#endif
