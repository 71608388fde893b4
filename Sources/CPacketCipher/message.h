// What Poly1305 (RFC 8439, section 2.5) takes and makes, as its AEAD applies it to a ciphertext without associated
// data.
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>
#include <stdint.h>

struct poly1305_message {
    const uint8_t *text;
    size_t count;
    // 64 bytes readable, of which the first 32 are the one-time key.
    const uint8_t *key;
};

struct poly1305_tag {
    uint64_t low, high;
};

#endif
