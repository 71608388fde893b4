// ChaCha20 (RFC 8439, section 2.4) of many pieces of text under one key: each block of 64 bytes is one of 32
// lanes, whichever piece it belongs to, so that short pieces fill the vectors as well as long ones do.
#ifndef CHACHA20_H
#define CHACHA20_H

#include <stddef.h>

#include "vectors.h"

enum { chacha20_lanes = 32, chacha20_block = 64 };

// Bytes to be XORed with the keystream from the block of a lane on.
struct chacha20_piece {
    const uint8_t *source;
    uint8_t *destination;
    size_t count;
    unsigned lane;
};

struct chacha20 {
    uint8_t keystream[chacha20_lanes][chacha20_block] __attribute__((aligned(64)));
    uint32_t key[8];
    // The state's last row, for each lane: the number of the block, four zero bytes, and the nonce's number.
    vector block[2], nonce_low[2], nonce_high[2];
    unsigned lanes, pieces;
    struct chacha20_piece piece[chacha20_lanes];
};

VECTORS void chacha20_start(struct chacha20 *self, const uint8_t *key);

// XORs `count` bytes with the keystream of `nonce` from `block` on; they are written when lanes run out, or by
// `chacha20_flush`.
VECTORS void chacha20_add(
    struct chacha20 *self, uint64_t nonce, uint32_t block, const uint8_t *source, uint8_t *destination, size_t count);

// Writes all that was added.
VECTORS void chacha20_flush(struct chacha20 *self);

// The two halves of `chacha20_flush`, for callers that write some pieces first and others perhaps never.
VECTORS void chacha20_make_keystream(struct chacha20 *self);
VECTORS void chacha20_write(struct chacha20 *self, unsigned piece);

// Forgets key and keystream.
VECTORS void chacha20_end(struct chacha20 *self);

#endif
