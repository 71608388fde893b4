// What both halves of the cipher share: the instructions asked for, and vectors of 512 bits.
#ifndef VECTORS_H
#define VECTORS_H

#include <immintrin.h>
#include <stdint.h>

// Only functions so marked may use these instructions: the rest of the program runs on any processor.
#define VECTORS __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512ifma,avx512vbmi2,bmi2")))

typedef __m512i vector;

#endif
