// What both halves of the cipher share: the instructions asked for, and vectors of 512 bits.
#ifndef VECTORS_H
#define VECTORS_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

// Only functions so marked may use these instructions: the rest of the program runs on any processor.
#define VECTORS __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512ifma,avx512vbmi2,bmi2")))

#define INLINE VECTORS static inline __attribute__((always_inline))

typedef __m512i vector;

// Zeros aligned memory, its size rounded up to 64 bytes, even if nobody reads it again. Not by the C library: on the way to a
// function that is not bound yet, the dynamic linker saves all registers on the stack.
INLINE void wipe(void *start, size_t size) {
    for (size_t i = 0; i < size; i += sizeof(vector))
        _mm512_store_si512((uint8_t *)start + i, _mm512_setzero_si512());
    __asm__ volatile("" : : "r"(start) : "memory");
}

#endif
