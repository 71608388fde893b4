// Numbers modulo p = 2^130 - 5 are three limbs, at 2^0, 2^44 and 2^88; each lane of a vector has a number of its
// own. Limbs that go into a multiplication have less than 2^46 (the multiplier takes 52 bits).
#ifndef NUMBER_H
#define NUMBER_H

#include "vectors.h"

struct number {
    vector limb[3];
};

// A number to multiply with: limbs 1 and 2 also times 20, since 2^132 = 4 * 2^130 = 4 * 5 modulo p.
struct factor {
    vector limb[3], times20[3];
};

// Sums of products' low 52 bits, and of what is above those.
struct product {
    vector low[3], high[3];
};

INLINE vector mask44(void) { return _mm512_set1_epi64((1LL << 44) - 1); }
INLINE vector mask42(void) { return _mm512_set1_epi64((1LL << 42) - 1); }

INLINE struct number split(vector low, vector high) {
    return (struct number){{
        _mm512_and_si512(low, mask44()),
        _mm512_and_si512(_mm512_shrdi_epi64(low, high, 44), mask44()),
        _mm512_srli_epi64(high, 24),
    }};
}

INLINE struct factor factor(struct number a) {
    struct factor f;
    for (int i = 0; i < 3; i++) {
        vector times4 = _mm512_slli_epi64(a.limb[i], 2);
        f.limb[i] = a.limb[i];
        f.times20[i] = _mm512_add_epi64(times4, _mm512_slli_epi64(times4, 2));
    }
    return f;
}

INLINE void add_product(struct product *sum, struct number a, const struct factor *f) {
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            vector b = k >= i ? f->limb[k - i] : f->times20[k - i + 3];
            sum->low[k] = _mm512_madd52lo_epu64(sum->low[k], a.limb[i], b);
            sum->high[k] = _mm512_madd52hi_epu64(sum->high[k], a.limb[i], b);
        }
}

// Carries. Of up to four products and a number: low sums are below 12 * 2^52 + 2^44, high ones below 2^46 (limb 2:
// 2^41, as nothing in it is times 20).
INLINE struct number reduced(struct product sum) {
    vector a = sum.low[0], b = sum.low[1], c = sum.low[2], carry;
    // 2^52 at limb i is 2^8 at limb i + 1.
    b = _mm512_add_epi64(b, _mm512_slli_epi64(sum.high[0], 8));
    c = _mm512_add_epi64(c, _mm512_slli_epi64(sum.high[1], 8));
    b = _mm512_add_epi64(b, _mm512_srli_epi64(a, 44));
    a = _mm512_and_si512(a, mask44());
    c = _mm512_add_epi64(c, _mm512_srli_epi64(b, 44));
    b = _mm512_and_si512(b, mask44());
    // From 2^130 on everything comes back times 5: below 5 * 2^52.
    carry = _mm512_add_epi64(_mm512_srli_epi64(c, 42), _mm512_slli_epi64(sum.high[2], 10));
    c = _mm512_and_si512(c, mask42());
    a = _mm512_add_epi64(a, _mm512_add_epi64(carry, _mm512_slli_epi64(carry, 2)));
    b = _mm512_add_epi64(b, _mm512_srli_epi64(a, 44));
    a = _mm512_and_si512(a, mask44());
    return (struct number){{a, b, c}};
}

INLINE struct product no_product(void) {
    vector zero = _mm512_setzero_si512();
    return (struct product){{zero, zero, zero}, {zero, zero, zero}};
}

VECTORS static struct number multiplied(struct number a, const struct factor *f) {
    struct product product = no_product();
    add_product(&product, a, f);
    return reduced(product);
}

// Carries until limbs, below 2^48 each, have 44, 44 and 42 bits, and takes p away if that can be done.
VECTORS static struct number least(struct number a) {
    vector x = a.limb[0], y = a.limb[1], z = a.limb[2];
    for (int i = 0; i < 2; i++) {
        y = _mm512_add_epi64(y, _mm512_srli_epi64(x, 44));
        x = _mm512_and_si512(x, mask44());
        z = _mm512_add_epi64(z, _mm512_srli_epi64(y, 44));
        y = _mm512_and_si512(y, mask44());
        vector carry = _mm512_srli_epi64(z, 42);
        z = _mm512_and_si512(z, mask42());
        x = _mm512_add_epi64(x, _mm512_add_epi64(carry, _mm512_slli_epi64(carry, 2)));
    }
    // Where the second round carried out of z, x is small: no limb has a bit too many.
    // A number is at least p if 5 more reach 2^130; without that bit they are then the number less p.
    vector x5 = _mm512_add_epi64(x, _mm512_set1_epi64(5));
    vector y5 = _mm512_add_epi64(y, _mm512_srli_epi64(x5, 44));
    vector z5 = _mm512_add_epi64(z, _mm512_srli_epi64(y5, 44));
    __mmask8 reaches = _mm512_test_epi64_mask(z5, _mm512_set1_epi64(1LL << 42));
    return (struct number){{
        _mm512_mask_and_epi64(x, reaches, x5, mask44()),
        _mm512_mask_and_epi64(y, reaches, y5, mask44()),
        _mm512_mask_and_epi64(z, reaches, z5, mask42()),
    }};
}

#endif
