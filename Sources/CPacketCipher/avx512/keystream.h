// Keystream of 16 or 32 blocks at a time.
#ifndef KEYSTREAM_H
#define KEYSTREAM_H

#include "../rounds.h"
#include "authentication.h"

// Adds the state of the beginning, turns lanes into rows, and writes those: block after block.
INLINE void store_blocks(
    uint8_t (*keystream)[chacha20_block], vector x[16], const struct state *state, unsigned first) {
    vector row[16];
    add_state(x, state, first);
    // Four words of blocks k, k + 4, k + 8 and k + 12 come together in row[4 * word / 4 + k].
    for (int i = 0; i < 16; i += 4) {
        vector low01 = _mm512_unpacklo_epi32(x[i], x[i + 1]), high01 = _mm512_unpackhi_epi32(x[i], x[i + 1]);
        vector low23 = _mm512_unpacklo_epi32(x[i + 2], x[i + 3]), high23 = _mm512_unpackhi_epi32(x[i + 2], x[i + 3]);
        row[i] = _mm512_unpacklo_epi64(low01, low23);
        row[i + 1] = _mm512_unpackhi_epi64(low01, low23);
        row[i + 2] = _mm512_unpacklo_epi64(high01, high23);
        row[i + 3] = _mm512_unpackhi_epi64(high01, high23);
    }
    vector *out = (vector *)keystream[first];
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

VECTORS static __attribute__((noinline)) void make_16_blocks(
    uint8_t (*keystream)[chacha20_block], const struct state *state) {
    vector x[16];
    load_state(x, state, 0);
    for (int i = 0; i < 10; i++) {
        COLUMN_ROUND(x)
        DIAGONAL_ROUND(x)
    }
    store_blocks(keystream, x, state, 0);
}

// Each step waits for the one before it, so that a second state in the other sixteen registers costs little. The
// processor finds by itself what it can do meanwhile; a finer mixture here makes compilers spill registers.
VECTORS static __attribute__((noinline)) void make_32_blocks(
    uint8_t (*keystream)[chacha20_block], const struct state *state) {
    vector x[16], y[16];
    load_state(x, state, 0);
    load_state(y, state, 16);
    for (int i = 0; i < 10; i++) {
        COLUMN_ROUND(x)
        DIAGONAL_ROUND(x)
        COLUMN_ROUND(y)
        DIAGONAL_ROUND(y)
    }
    store_blocks(keystream, x, state, 0);
    store_blocks(keystream, y, state, 16);
}

// At least `lanes` blocks. Nothing is done meanwhile: Poly1305 needs the same parts of the processor.
VECTORS static void make_keystream(
    uint8_t (*keystream)[chacha20_block], const struct state *state, unsigned lanes,
    struct authentication *meanwhile) {
    (void)meanwhile;
    if (lanes > 16)
        make_32_blocks(keystream, state);
    else if (lanes > 0)
        make_16_blocks(keystream, state);
}

#endif
