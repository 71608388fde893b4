// X25519 (RFC 7748) of up to eight pairs of a key and a point at once, for processors with AVX-512 and its 52-bit
// multiplication (IFMA): all of them take hardly longer than one.
#ifndef CKEYEXCHANGE_H
#define CKEYEXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum { ckeyexchange_most = 8 };

// One exchange of several.
struct ckeyexchange_job {
    // 32 bytes, which are secret.
    const uint8_t *scalar;
    // 32 bytes; those of 9 and 31 zeros stand for the base point, which gives the public key.
    const uint8_t *point;
    // Room for 32 bytes: zeros for a point of low order.
    uint8_t *shared;
};

// Whether this processor has the instructions, and the system saves their registers. `multiply` must not be called
// where it has not.
bool ckeyexchange_is_available(void);

// `count`: at most `ckeyexchange_most`.
void ckeyexchange_multiply(const struct ckeyexchange_job *jobs, size_t count);

#pragma clang assume_nonnull end

#endif
