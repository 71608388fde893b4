// Numbers modulo p = 2^255 - 19 are five limbs, at multiples of 51 bits; each lane of a vector has a number of its own.
// Limbs are below 2^51 + 2^18 between operations: the multiplier takes 52 bits.
#ifndef FIELD_H
#define FIELD_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

// Only functions so marked may use these instructions: the rest of the program runs on any processor.
#define VECTORS __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512ifma,bmi2")))

#define INLINE VECTORS static inline __attribute__((always_inline))

typedef __m512i vector;

struct field {
    vector limb[5];
};

INLINE vector mask51(void) { return _mm512_set1_epi64((1LL << 51) - 1); }

// One round of carries, from all limbs at the same time; 2^255 comes back as 19. Limbs up to 2^61 are below
// 2^51 + 2^15 after it.
INLINE struct field carried(struct field a) {
    struct field r;
    vector carry[5];
    for (int i = 0; i < 5; i++) {
        carry[i] = _mm512_srli_epi64(a.limb[i], 51);
        r.limb[i] = _mm512_and_si512(a.limb[i], mask51());
    }
    r.limb[0] = _mm512_madd52lo_epu64(r.limb[0], carry[4], _mm512_set1_epi64(19));
    for (int i = 1; i < 5; i++) r.limb[i] = _mm512_add_epi64(r.limb[i], carry[i - 1]);
    return r;
}

INLINE struct field added(struct field a, struct field b) {
    for (int i = 0; i < 5; i++) a.limb[i] = _mm512_add_epi64(a.limb[i], b.limb[i]);
    return carried(a);
}

// 2p is added so that no limb becomes negative.
INLINE struct field subtracted(struct field a, struct field b) {
    for (int i = 0; i < 5; i++) {
        vector twice_p = _mm512_set1_epi64(i == 0 ? (1LL << 52) - 38 : (1LL << 52) - 2);
        a.limb[i] = _mm512_sub_epi64(_mm512_add_epi64(a.limb[i], twice_p), b.limb[i]);
    }
    return carried(a);
}

// Sums of products' low 52 bits at the limb of that number, and of what is above those: at twice the next limb.
// Ten limbs of up to 10 * 2^52 < 2^56; the upper five, from 2^255 on, come back times 19: below 2^61.
INLINE struct field reduced(const vector low[9], const vector high[9]) {
    struct field r;
    vector limb[10];
    for (int i = 0; i < 10; i++) {
        vector above = i > 0 ? _mm512_slli_epi64(high[i - 1], 1) : _mm512_setzero_si512();
        limb[i] = i < 9 ? _mm512_add_epi64(low[i], above) : above;
    }
    for (int i = 0; i < 5; i++) {
        vector upper = limb[i + 5];
        vector times19 = _mm512_add_epi64(
            _mm512_add_epi64(_mm512_slli_epi64(upper, 4), _mm512_slli_epi64(upper, 1)), upper);
        r.limb[i] = _mm512_add_epi64(limb[i], times19);
    }
    return carried(r);
}

INLINE struct field multiplied(struct field a, struct field b) {
    vector low[9], high[9];
    for (int i = 0; i < 9; i++) low[i] = high[i] = _mm512_setzero_si512();
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < 5; k++) {
            low[i + k] = _mm512_madd52lo_epu64(low[i + k], a.limb[i], b.limb[k]);
            high[i + k] = _mm512_madd52hi_epu64(high[i + k], a.limb[i], b.limb[k]);
        }
    return reduced(low, high);
}

// The products of different limbs once, and then doubled.
INLINE struct field squared(struct field a) {
    vector low[9], high[9];
    for (int i = 0; i < 9; i++) low[i] = high[i] = _mm512_setzero_si512();
    for (int i = 0; i < 5; i++)
        for (int k = i + 1; k < 5; k++) {
            low[i + k] = _mm512_madd52lo_epu64(low[i + k], a.limb[i], a.limb[k]);
            high[i + k] = _mm512_madd52hi_epu64(high[i + k], a.limb[i], a.limb[k]);
        }
    for (int i = 0; i < 9; i++) {
        low[i] = _mm512_slli_epi64(low[i], 1);
        high[i] = _mm512_slli_epi64(high[i], 1);
    }
    for (int i = 0; i < 5; i++) {
        low[2 * i] = _mm512_madd52lo_epu64(low[2 * i], a.limb[i], a.limb[i]);
        high[2 * i] = _mm512_madd52hi_epu64(high[2 * i], a.limb[i], a.limb[i]);
    }
    return reduced(low, high);
}

// a + 121665 b
INLINE struct field added_times_a24(struct field a, struct field b) {
    struct field high;
    vector a24 = _mm512_set1_epi64(121665);
    for (int i = 0; i < 5; i++) {
        a.limb[i] = _mm512_madd52lo_epu64(a.limb[i], b.limb[i], a24);
        high.limb[i] = _mm512_slli_epi64(_mm512_madd52hi_epu64(_mm512_setzero_si512(), b.limb[i], a24), 1);
    }
    a.limb[0] = _mm512_madd52lo_epu64(a.limb[0], high.limb[4], _mm512_set1_epi64(19));
    for (int i = 1; i < 5; i++) a.limb[i] = _mm512_add_epi64(a.limb[i], high.limb[i - 1]);
    return carried(a);
}

// Changes places in the lanes of the mask.
INLINE void swap(__mmask8 lanes, struct field *a, struct field *b) {
    for (int i = 0; i < 5; i++) {
        vector kept = a->limb[i];
        a->limb[i] = _mm512_mask_mov_epi64(kept, lanes, b->limb[i]);
        b->limb[i] = _mm512_mask_mov_epi64(b->limb[i], lanes, kept);
    }
}

VECTORS static __attribute__((noinline)) struct field squared_times(struct field a, int count) {
    for (int i = 0; i < count; i++) a = squared(a);
    return a;
}

// a^(p - 2), which is 1 / a, and 0 for 0: 2^255 - 21 in binary is 250 ones and 01011.
VECTORS static struct field inverted(struct field a) {
    struct field two = squared(a);                                              // 2
    struct field nine = multiplied(squared_times(two, 2), a);                   // 9
    struct field eleven = multiplied(nine, two);                                // 11
    struct field ones5 = multiplied(squared(eleven), nine);                     // 2^5 - 1
    struct field ones10 = multiplied(squared_times(ones5, 5), ones5);           // 2^10 - 1
    struct field ones20 = multiplied(squared_times(ones10, 10), ones10);        // 2^20 - 1
    struct field ones40 = multiplied(squared_times(ones20, 20), ones20);        // 2^40 - 1
    struct field ones50 = multiplied(squared_times(ones40, 10), ones10);        // 2^50 - 1
    struct field ones100 = multiplied(squared_times(ones50, 50), ones50);       // 2^100 - 1
    struct field ones200 = multiplied(squared_times(ones100, 100), ones100);    // 2^200 - 1
    struct field ones250 = multiplied(squared_times(ones200, 50), ones50);      // 2^250 - 1
    return multiplied(squared_times(ones250, 5), eleven);                       // 2^255 - 21
}

#endif
