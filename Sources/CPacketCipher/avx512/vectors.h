// The instructions of this half of the cipher, and vectors of 512 bits.
#ifndef VECTORS_H
#define VECTORS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

// Only functions so marked may use these instructions: the rest of the program runs on any processor.
#define VECTORS __attribute__((unused, target("avx512f,avx512bw,avx512dq,avx512vl,avx512ifma,avx512vbmi2,bmi2")))

#define INLINE VECTORS static inline __attribute__((always_inline))

typedef __m512i vector;
// Bytes of stack that are zeroed below a batch's own memory. Its functions take less than 4300, by -fstack-usage.
enum { stack_depth = 6144 };

INLINE vector load(const void *start) { return _mm512_loadu_si512(start); }
INLINE void store(void *start, vector a) { _mm512_storeu_si512(start, a); }

INLINE vector zero(void) { return _mm512_setzero_si512(); }
INLINE vector splat32(uint32_t word) { return _mm512_set1_epi32((int)word); }
INLINE vector word_numbers32(void) { return _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0); }

INLINE vector xor(vector a, vector b) { return _mm512_xor_si512(a, b); }
INLINE vector add32(vector a, vector b) { return _mm512_add_epi32(a, b); }

INLINE vector rotated16(vector a) { return _mm512_rol_epi32(a, 16); }
INLINE vector rotated12(vector a) { return _mm512_rol_epi32(a, 12); }
INLINE vector rotated8(vector a) { return _mm512_rol_epi32(a, 8); }
INLINE vector rotated7(vector a) { return _mm512_rol_epi32(a, 7); }

// Less than 64 bytes.
INLINE void xor_rest(uint8_t *destination, const uint8_t *source, const uint8_t *keystream, size_t count) {
    __mmask64 rest = _bzhi_u64(~0ULL, (unsigned)count);
    vector text = _mm512_maskz_loadu_epi8(rest, source);
    _mm512_mask_storeu_epi8(destination, rest, xor(text, load(keystream)));
}

#endif
