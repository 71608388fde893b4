// ChaCha20-Poly1305 (RFC 8439) of many packets under one key at once, for processors with AVX2 or with AVX-512
// and its 52-bit multiplication (IFMA). Packets have no associated data, and nonces of four zero bytes and a number
// (the WireGuard paper, section 5.4.6).
#ifndef CPACKETCIPHER_H
#define CPACKETCIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// One packet of a batch on its way through the cipher. Source and destination may be the same place, or places
// that do not overlap.
struct cpacketcipher_job {
    // To seal: the plaintext. To open: the ciphertext with its tag behind it.
    const uint8_t *source;
    // To seal: room for `count` + 16 bytes. To open: room for `count` bytes.
    uint8_t *destination;
    // Bytes of plaintext: 0 for a keepalive, less than 2^32.
    size_t count;
    // The nonce: four zero bytes and this number in little-endian order.
    uint64_t counter;
    // Set by opening: whether the tag was right.
    bool isAuthentic;
};

// The instructions that do the work.
enum cpacketcipher_path { cpacketcipher_avx2, cpacketcipher_avx512 };

// Whether this processor has the instructions, and the system saves their registers. The others below must not
// be called with those that it has not.
bool cpacketcipher_is_available(enum cpacketcipher_path path);

// Writes each plaintext's ciphertext and, behind it, its tag.
void cpacketcipher_seal(
    enum cpacketcipher_path path, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key);

// Checks each tag, and writes the plaintexts of those that are right. Destinations of the others stay untouched.
void cpacketcipher_open(
    enum cpacketcipher_path path, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key);

#pragma clang assume_nonnull end

#endif
