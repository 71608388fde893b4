// Keystream of eight or sixteen blocks at a time, and the authentication of packets meanwhile.
#ifndef KEYSTREAM_H
#define KEYSTREAM_H

#include "../rounds.h"
#include "authentication.h"

// Eight words of eight lanes to eight rows, a block apart.
INLINE void store_rows(uint8_t *row, const vector x[8]) {
    vector pair[8], four[8];
    for (int i = 0; i < 8; i += 2) {
        pair[i] = _mm256_unpacklo_epi32(x[i], x[i + 1]);
        pair[i + 1] = _mm256_unpackhi_epi32(x[i], x[i + 1]);
    }
    // Four words of lanes k and k + 4 come together in four[k], and the next four words in four[4 + k].
    for (int i = 0; i < 8; i += 4) {
        four[i] = _mm256_unpacklo_epi64(pair[i], pair[i + 2]);
        four[i + 1] = _mm256_unpackhi_epi64(pair[i], pair[i + 2]);
        four[i + 2] = _mm256_unpacklo_epi64(pair[i + 1], pair[i + 3]);
        four[i + 3] = _mm256_unpackhi_epi64(pair[i + 1], pair[i + 3]);
    }
    for (int k = 0; k < 4; k++) {
        store(row + chacha20_block * k, _mm256_permute2x128_si256(four[k], four[4 + k], 0x20));
        store(row + chacha20_block * (4 + k), _mm256_permute2x128_si256(four[k], four[4 + k], 0x31));
    }
}

// Adds the state of the beginning, turns lanes into rows, and writes those: block after block.
INLINE void store_blocks(
    uint8_t (*keystream)[chacha20_block], vector x[16], const struct state *state, unsigned first) {
    add_state(x, state, first);
    store_rows(keystream[first], x);
    store_rows(keystream[first] + sizeof(vector), x + 8);
}

// On its own, so that a state has all registers.
VECTORS static __attribute__((noinline)) void double_round(vector state[16]) {
    vector x[16];
    for (int i = 0; i < 16; i++) x[i] = state[i];
    COLUMN_ROUND(x)
    DIAGONAL_ROUND(x)
    for (int i = 0; i < 16; i++) state[i] = x[i];
}

VECTORS static void make_8_blocks(
    uint8_t (*keystream)[chacha20_block], const struct state *state, unsigned first,
    struct authentication *meanwhile) {
    vector x[16];
    load_state(x, state, first);
    for (int i = 0; i < 10; i++) {
        double_round(x);
        authenticate_some(meanwhile);
    }
    store_blocks(keystream, x, state, first);
}

// Each step waits for the one before it. Two states and a message, a bit of each in turn, are three works that do not wait
// for each other; the processor finds by itself what it can do.
VECTORS static void make_16_blocks(
    uint8_t (*keystream)[chacha20_block], const struct state *state, unsigned first,
    struct authentication *meanwhile) {
    vector x[16], y[16];
    load_state(x, state, first);
    load_state(y, state, first + 8);
    for (int i = 0; i < 10; i++) {
        double_round(x);
        authenticate_some(meanwhile);
        double_round(y);
        authenticate_some(meanwhile);
    }
    store_blocks(keystream, x, state, first);
    store_blocks(keystream, y, state, first + 8);
}

// At least `lanes` blocks.
VECTORS static void make_keystream(
    uint8_t (*keystream)[chacha20_block], const struct state *state, unsigned lanes,
    struct authentication *meanwhile) {
    unsigned first = 0;
    for (; first + 8 < lanes; first += 16) make_16_blocks(keystream, state, first, meanwhile);
    if (first < lanes) make_8_blocks(keystream, state, first, meanwhile);
}

#endif
