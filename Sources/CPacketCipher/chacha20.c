#if defined(__x86_64__)
#include "chacha20.h"

#include <string.h>

static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

// Steps of four quarter rounds side by side on words a, b, c, d of x, where word i of each quarter is one row.
#define ADD_ROW(x, a0, a1, a2, a3, b0, b1, b2, b3) \
    x[a0] = _mm512_add_epi32(x[a0], x[b0]); \
    x[a1] = _mm512_add_epi32(x[a1], x[b1]); \
    x[a2] = _mm512_add_epi32(x[a2], x[b2]); \
    x[a3] = _mm512_add_epi32(x[a3], x[b3]);
#define XOR_ROTATE_ROW(x, d0, d1, d2, d3, a0, a1, a2, a3, bits) \
    x[d0] = _mm512_rol_epi32(_mm512_xor_si512(x[d0], x[a0]), bits); \
    x[d1] = _mm512_rol_epi32(_mm512_xor_si512(x[d1], x[a1]), bits); \
    x[d2] = _mm512_rol_epi32(_mm512_xor_si512(x[d2], x[a2]), bits); \
    x[d3] = _mm512_rol_epi32(_mm512_xor_si512(x[d3], x[a3]), bits);
#define QUARTER_ROUNDS(x, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3) \
    ADD_ROW(x, 0, 1, 2, 3, b0, b1, b2, b3) \
    XOR_ROTATE_ROW(x, d0, d1, d2, d3, 0, 1, 2, 3, 16) \
    ADD_ROW(x, c0, c1, c2, c3, d0, d1, d2, d3) \
    XOR_ROTATE_ROW(x, b0, b1, b2, b3, c0, c1, c2, c3, 12) \
    ADD_ROW(x, 0, 1, 2, 3, b0, b1, b2, b3) \
    XOR_ROTATE_ROW(x, d0, d1, d2, d3, 0, 1, 2, 3, 8) \
    ADD_ROW(x, c0, c1, c2, c3, d0, d1, d2, d3) \
    XOR_ROTATE_ROW(x, b0, b1, b2, b3, c0, c1, c2, c3, 7)
#define COLUMN_ROUND(x) QUARTER_ROUNDS(x, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
#define DIAGONAL_ROUND(x) QUARTER_ROUNDS(x, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14)

// Word i of sixteen blocks in x[i]; `half` says which lanes.
INLINE void load_state(
    vector x[16], const struct chacha20 *self, unsigned half) {
    for (int i = 0; i < 4; i++) x[i] = _mm512_set1_epi32((int)constants[i]);
    for (int i = 0; i < 8; i++) x[4 + i] = _mm512_set1_epi32((int)self->key[i]);
    x[12] = self->block[half];
    x[13] = _mm512_setzero_si512();
    x[14] = self->nonce_low[half];
    x[15] = self->nonce_high[half];
}

// Adds the state of the beginning, turns lanes into rows, and writes those: block after block.
INLINE void store_keystream(
    struct chacha20 *self, vector x[16], unsigned half) {
    vector start[16], row[16];
    load_state(start, self, half);
    for (int i = 0; i < 16; i++) x[i] = _mm512_add_epi32(x[i], start[i]);
    // Four words of blocks k, k + 4, k + 8 and k + 12 come together in row[4 * word / 4 + k].
    for (int i = 0; i < 16; i += 4) {
        vector low01 = _mm512_unpacklo_epi32(x[i], x[i + 1]), high01 = _mm512_unpackhi_epi32(x[i], x[i + 1]);
        vector low23 = _mm512_unpacklo_epi32(x[i + 2], x[i + 3]), high23 = _mm512_unpackhi_epi32(x[i + 2], x[i + 3]);
        row[i] = _mm512_unpacklo_epi64(low01, low23);
        row[i + 1] = _mm512_unpackhi_epi64(low01, low23);
        row[i + 2] = _mm512_unpacklo_epi64(high01, high23);
        row[i + 3] = _mm512_unpackhi_epi64(high01, high23);
    }
    vector *out = (vector *)self->keystream[16 * half];
    for (int k = 0; k < 4; k++) {
        vector early01 = _mm512_shuffle_i64x2(row[k], row[4 + k], 0x44);
        vector late01 = _mm512_shuffle_i64x2(row[k], row[4 + k], 0xee);
        vector early23 = _mm512_shuffle_i64x2(row[8 + k], row[12 + k], 0x44);
        vector late23 = _mm512_shuffle_i64x2(row[8 + k], row[12 + k], 0xee);
        out[k] = _mm512_shuffle_i64x2(early01, early23, 0x88);
        out[k + 4] = _mm512_shuffle_i64x2(early01, early23, 0xdd);
        out[k + 8] = _mm512_shuffle_i64x2(late01, late23, 0x88);
        out[k + 12] = _mm512_shuffle_i64x2(late01, late23, 0xdd);
    }
}

VECTORS static void make_16_blocks(struct chacha20 *self) {
    vector x[16];
    load_state(x, self, 0);
    for (int i = 0; i < 10; i++) {
        COLUMN_ROUND(x)
        DIAGONAL_ROUND(x)
    }
    store_keystream(self, x, 0);
}

// Each step waits for the one before it, so that a second state in the other sixteen registers costs little. The
// processor finds by itself what it can do meanwhile; a finer mixture here makes compilers spill registers.
VECTORS static void make_32_blocks(struct chacha20 *self) {
    vector x[16], y[16];
    load_state(x, self, 0);
    load_state(y, self, 1);
    for (int i = 0; i < 10; i++) {
        COLUMN_ROUND(x)
        DIAGONAL_ROUND(x)
        COLUMN_ROUND(y)
        DIAGONAL_ROUND(y)
    }
    store_keystream(self, x, 0);
    store_keystream(self, y, 1);
}

void chacha20_start(struct chacha20 *self, const uint8_t *key) {
    memcpy(self->key, key, sizeof self->key);
    self->lanes = self->pieces = 0;
    for (int half = 0; half < 2; half++)
        self->block[half] = self->nonce_low[half] = self->nonce_high[half] = _mm512_setzero_si512();
}

// Gives `count` lanes from `self->lanes` on to blocks that follow each other.
INLINE void take_lanes(struct chacha20 *self, uint64_t nonce, uint32_t block, unsigned count) {
    const vector numbers = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    uint32_t taken = _bzhi_u32(~0U, count) << self->lanes;
    for (unsigned half = 0; half < 2; half++) {
        __mmask16 mask = (__mmask16)(taken >> 16 * half);
        vector blocks = _mm512_add_epi32(numbers, _mm512_set1_epi32((int)(block - self->lanes + 16 * half)));
        self->block[half] = _mm512_mask_mov_epi32(self->block[half], mask, blocks);
        self->nonce_low[half] = _mm512_mask_set1_epi32(self->nonce_low[half], mask, (int)(uint32_t)nonce);
        self->nonce_high[half] = _mm512_mask_set1_epi32(self->nonce_high[half], mask, (int)(uint32_t)(nonce >> 32));
    }
    self->lanes += count;
}

void chacha20_add(
    struct chacha20 *self, uint64_t nonce, uint32_t block, const uint8_t *source, uint8_t *destination, size_t count) {
    while (count > 0) {
        if (self->lanes == chacha20_lanes) chacha20_flush(self);
        size_t room = (chacha20_lanes - self->lanes) * (size_t)chacha20_block, now = count < room ? count : room;
        unsigned lanes = (unsigned)((now + chacha20_block - 1) / chacha20_block);
        self->piece[self->pieces++] = (struct chacha20_piece){source, destination, now, self->lanes};
        take_lanes(self, nonce, block, lanes);
        source += now;
        destination += now;
        count -= now;
        block += lanes;
    }
}

void chacha20_make_keystream(struct chacha20 *self) {
    if (self->lanes > 16)
        make_32_blocks(self);
    else if (self->lanes > 0)
        make_16_blocks(self);
}

void chacha20_write(struct chacha20 *self, unsigned index) {
    struct chacha20_piece piece = self->piece[index];
    const uint8_t (*keystream)[chacha20_block] = (const uint8_t(*)[chacha20_block])self->keystream + piece.lane;
    for (; piece.count >= chacha20_block; piece.count -= chacha20_block) {
        vector text = _mm512_loadu_si512(piece.source);
        _mm512_storeu_si512(piece.destination, _mm512_xor_si512(text, _mm512_load_si512(*keystream++)));
        piece.source += chacha20_block;
        piece.destination += chacha20_block;
    }
    if (piece.count == 0) return;
    __mmask64 rest = _bzhi_u64(~0ULL, (unsigned)piece.count);
    vector text = _mm512_maskz_loadu_epi8(rest, piece.source);
    _mm512_mask_storeu_epi8(piece.destination, rest, _mm512_xor_si512(text, _mm512_load_si512(*keystream)));
}

void chacha20_flush(struct chacha20 *self) {
    chacha20_make_keystream(self);
    for (unsigned i = 0; i < self->pieces; i++) chacha20_write(self, i);
    self->lanes = self->pieces = 0;
}

void chacha20_end(struct chacha20 *self) { wipe(self, offsetof(struct chacha20, lanes)); }

#endif
