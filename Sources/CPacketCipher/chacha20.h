// ChaCha20 (RFC 8439, section 2.4) of many pieces of text under one key: each block of 64 bytes is one of 32
// lanes, whichever piece it belongs to, so that short pieces fill the vectors as well as long ones do.
#ifndef CHACHA20_H
#define CHACHA20_H

// Bytes to be XORed with the keystream from the block of a lane on.
struct chacha20_piece {
    const uint8_t *source;
    uint8_t *destination;
    size_t count;
    unsigned lane;
};

struct chacha20 {
    uint8_t keystream[chacha20_lanes][chacha20_block] __attribute__((aligned(64)));
    struct state state;
    unsigned lanes, pieces;
    struct authentication *meanwhile;
    struct chacha20_piece piece[chacha20_lanes];
};

// Zeros memory, its size rounded up to a vector's, even if nobody reads it again. Not by the C library: on the way to
// a function that is not bound yet, the dynamic linker saves all registers on the stack. Compilers make such a loop a
// call of memset if nothing is between its steps.
INLINE void wipe(void *start, size_t size) {
    for (size_t i = 0; i < size; i += sizeof(vector)) {
        store((uint8_t *)start + i, zero());
        __asm__ volatile("" : : "r"(start) : "memory");
    }
}

// `meanwhile`: what may be done between rounds.
VECTORS static void chacha20_start(struct chacha20 *self, const uint8_t *key, struct authentication *meanwhile) {
    wipe(&self->state, sizeof self->state);
    memcpy(self->state.key, key, sizeof self->state.key);
    self->lanes = self->pieces = 0;
    self->meanwhile = meanwhile;
}

// The two halves of `chacha20_flush`, for callers that write some pieces first and others perhaps never.
VECTORS static void chacha20_make_keystream(struct chacha20 *self) {
    make_keystream(self->keystream, &self->state, self->lanes, self->meanwhile);
    self->meanwhile->ready = self->meanwhile->added;
}

VECTORS static void chacha20_write(struct chacha20 *self, unsigned index) {
    struct chacha20_piece piece = self->piece[index];
    const uint8_t *keystream = self->keystream[piece.lane];
    for (; piece.count >= chacha20_block; piece.count -= chacha20_block) {
        for (size_t i = 0; i < chacha20_block; i += sizeof(vector))
            store(piece.destination + i, xor(load(piece.source + i), load(keystream + i)));
        piece.source += chacha20_block;
        piece.destination += chacha20_block;
        keystream += chacha20_block;
    }
    if (piece.count > 0) xor_rest(piece.destination, piece.source, keystream, piece.count);
}

// Writes all that was added.
VECTORS static void chacha20_flush(struct chacha20 *self) {
    chacha20_make_keystream(self);
    for (unsigned i = 0; i < self->pieces; i++) chacha20_write(self, i);
    self->lanes = self->pieces = 0;
}

// Gives `count` lanes from `self->lanes` on to blocks that follow each other. What is written behind them is
// overwritten when those lanes are taken.
INLINE void take_lanes(struct chacha20 *self, uint64_t nonce, uint32_t block, unsigned count) {
    const unsigned words = sizeof(vector) / sizeof(uint32_t);
    for (unsigned i = 0; i < count; i += words) {
        store(self->state.block + self->lanes + i, add32(word_numbers32(), splat32(block + i)));
        store(self->state.nonce_low + self->lanes + i, splat32((uint32_t)nonce));
        store(self->state.nonce_high + self->lanes + i, splat32((uint32_t)(nonce >> 32)));
    }
    self->lanes += count;
}

// XORs `count` bytes with the keystream of `nonce` from `block` on; they are written when lanes run out, or by
// `chacha20_flush`.
VECTORS static void chacha20_add(
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

// Forgets key and keystream.
VECTORS static void chacha20_end(struct chacha20 *self) { wipe(self, offsetof(struct chacha20, lanes)); }

#endif
