// The instructions of this half of the cipher, and vectors of 256 bits.
#ifndef VECTORS_H
#define VECTORS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Only functions so marked may use these instructions: the rest of the program runs on any processor.
#define VECTORS __attribute__((unused, target("avx2,bmi2,tune=haswell")))

#define INLINE VECTORS static inline __attribute__((always_inline))

typedef __m256i vector;
// Bytes of stack that are zeroed below a batch's own memory. Its functions take less than 1800, by -fstack-usage.
enum { stack_depth = 3072 };

INLINE vector load(const void *start) { return _mm256_loadu_si256((const vector *)start); }
INLINE void store(void *start, vector a) { _mm256_storeu_si256((vector *)start, a); }

INLINE vector zero(void) { return _mm256_setzero_si256(); }
INLINE vector splat32(uint32_t word) { return _mm256_set1_epi32((int)word); }
INLINE vector word_numbers32(void) { return _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0); }

INLINE vector xor(vector a, vector b) { return _mm256_xor_si256(a, b); }
INLINE vector add32(vector a, vector b) { return _mm256_add_epi32(a, b); }

// By whole bytes it is one instruction instead of three.
INLINE vector rotated16(vector a) {
    return _mm256_shuffle_epi8(a, _mm256_set_epi64x(
        0x0d0c0f0e09080b0a, 0x0504070601000302, 0x0d0c0f0e09080b0a, 0x0504070601000302));
}
INLINE vector rotated8(vector a) {
    return _mm256_shuffle_epi8(a, _mm256_set_epi64x(
        0x0e0d0c0f0a09080b, 0x0605040702010003, 0x0e0d0c0f0a09080b, 0x0605040702010003));
}
INLINE vector rotated12(vector a) { return _mm256_or_si256(_mm256_slli_epi32(a, 12), _mm256_srli_epi32(a, 20)); }
INLINE vector rotated7(vector a) { return _mm256_or_si256(_mm256_slli_epi32(a, 7), _mm256_srli_epi32(a, 25)); }

#define XOR_ENDS(type) \
    do { \
        type first, last, key; \
        memcpy(&first, source, sizeof first); \
        memcpy(&last, source + count - sizeof last, sizeof last); \
        memcpy(&key, keystream, sizeof key); \
        first ^= key; \
        memcpy(&key, keystream + count - sizeof key, sizeof key); \
        last ^= key; \
        memcpy(destination, &first, sizeof first); \
        memcpy(destination + count - sizeof last, &last, sizeof last); \
    } while (0)

// Less than 64 bytes, by two words that may overlap: both are read before one is written.
INLINE void xor_rest(uint8_t *destination, const uint8_t *source, const uint8_t *keystream, size_t count) {
    if (count >= sizeof(__m256i))
        XOR_ENDS(__m256i);
    else if (count >= sizeof(__m128i))
        XOR_ENDS(__m128i);
    else if (count >= sizeof(uint64_t))
        XOR_ENDS(uint64_t);
    else if (count >= sizeof(uint32_t))
        XOR_ENDS(uint32_t);
    else
        for (size_t i = 0; i < count; i++) destination[i] = source[i] ^ keystream[i];
}

#endif
