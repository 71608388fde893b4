// Poly1305 (RFC 8439, section 2.5) of up to eight messages at once, as its AEAD applies it to a ciphertext
// without associated data.
#ifndef POLY1305_H
#define POLY1305_H

#include <stddef.h>

#include "vectors.h"

enum { poly1305_messages = 8 };

struct poly1305_message {
    const uint8_t *text;
    size_t count;
    // 64 bytes readable, of which the first 32 are the one-time key.
    const uint8_t *key;
};

struct poly1305_tag {
    uint64_t low, high;
};

// `count`: 1 to 8. Leaves powers of keys on the stack, which the caller wipes.
VECTORS void poly1305_tags(const struct poly1305_message *messages, unsigned count, struct poly1305_tag *tags);

#endif
