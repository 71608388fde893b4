// Poly1305 of up to eight messages at once.
//
// A lane takes every s-th chunk of four blocks, m0 to m3, of its message: s = 1 where there are eight messages. It does
//
//     h = h * r^(4s) + m0 * r^3 + m1 * r^2 + m2 * r + m3
//
// which has one carry for four blocks, and three of four products do not wait for h. At the end the lane whose
// last chunk is j chunks away from the message's last one multiplies by r^(4j + 1), and the lanes of a message
// are added.
#ifndef TAGS_H
#define TAGS_H

#include "course.h"

// Powers of r that a lane multiplies with.
struct powers {
    // r to r^3, and r^4s.
    struct factor r, r2, r3, step;
    // r^(4j + 1), j being how far the lane's last chunk is from the message's.
    struct factor end;
};

VECTORS static void raise(struct powers *self, struct number r, unsigned lanes_each) {
    // Lanes with bit i of j set.
    static const __mmask8 bits[3] = {0x55, 0x33, 0x0f};
    self->r = factor(r);
    struct number r2 = multiplied(r, &self->r), end = r;
    self->r2 = factor(r2);
    self->r3 = factor(multiplied(r2, &self->r));
    struct number step = multiplied(r2, &self->r2);
    self->step = factor(step);
    for (unsigned i = 0; 1U << i < lanes_each; i++) {
        struct number more = multiplied(end, &self->step);
        for (int k = 0; k < 3; k++) end.limb[k] = _mm512_mask_mov_epi64(end.limb[k], bits[i], more.limb[k]);
        step = multiplied(step, &self->step);
        self->step = factor(step);
    }
    self->end = factor(end);
}

// Adds up the lanes of each message; the sum is in all of them.
VECTORS static struct number gathered(struct number a, unsigned lanes_each) {
    for (int k = 0; k < 3; k++) {
        vector x = a.limb[k];
        if (lanes_each > 1) x = _mm512_add_epi64(x, _mm512_permutex_epi64(x, 0xb1));
        if (lanes_each > 2) x = _mm512_add_epi64(x, _mm512_permutex_epi64(x, 0x4e));
        if (lanes_each > 4) x = _mm512_add_epi64(x, _mm512_shuffle_i64x2(x, x, 0x4e));
        a.limb[k] = x;
    }
    return a;
}

// The sum modulo 2^128 with the key's second half.
VECTORS static void store_tags(
    struct poly1305_tag *tags, unsigned count, unsigned lanes_each, struct number a, vector pad_low, vector pad_high) {
    vector low = _mm512_or_si512(a.limb[0], _mm512_slli_epi64(a.limb[1], 44));
    vector high = _mm512_or_si512(_mm512_srli_epi64(a.limb[1], 20), _mm512_slli_epi64(a.limb[2], 24));
    low = _mm512_add_epi64(low, pad_low);
    high = _mm512_add_epi64(high, pad_high);
    __mmask8 carries = _mm512_cmplt_epu64_mask(low, pad_low);
    high = _mm512_mask_add_epi64(high, carries, high, _mm512_set1_epi64(1));
    uint64_t lows[8], highs[8];
    _mm512_storeu_si512(lows, low);
    _mm512_storeu_si512(highs, high);
    for (unsigned i = 0; i < count; i++) tags[i] = (struct poly1305_tag){lows[i * lanes_each], highs[i * lanes_each]};
}

// The part of the next chunk that does not wait for h.
INLINE struct product chunk_product(struct course *course, const struct powers *powers) {
    struct number m[4];
    next_chunks(course, m);
    struct product sum = no_product();
    for (int i = 0; i < 3; i++) sum.low[i] = m[3].limb[i];
    add_product(&sum, m[0], &powers->r3);
    add_product(&sum, m[1], &powers->r2);
    add_product(&sum, m[2], &powers->r);
    return sum;
}

// The sum of all chunks of each lane. The next chunk's part is computed between h's product and its carries, which
// are one long wait.
VECTORS static struct number summed(struct course *course, const struct powers *powers) {
    vector zero = _mm512_setzero_si512();
    struct number h = {{zero, zero, zero}};
    struct product sum = chunk_product(course, powers);
    for (unsigned i = 1; i < course->steps; i++) {
        add_product(&sum, h, &powers->step);
        struct product next = chunk_product(course, powers);
        h = reduced(sum);
        sum = next;
    }
    add_product(&sum, h, &powers->step);
    return reduced(sum);
}

// `count`: 1 to 8. Leaves powers of keys on the stack, which the caller wipes.
VECTORS static void poly1305_tags(
    const struct poly1305_message *messages, unsigned count, struct poly1305_tag *tags) {
    struct course course;
    struct powers powers;
    lay_out(&course, messages, count);
    uint64_t keys[8];
    for (unsigned lane = 0; lane < 8; lane++) {
        unsigned i = lane / course.lanes_each;
        keys[lane] = (uintptr_t)(i < count ? messages[i].key : zeros);
    }
    vector key[8];
    load_words(key, keys);
    // Some bits of r are cleared (section 2.5).
    struct number r = split(
        _mm512_and_si512(key[0], _mm512_set1_epi64(0x0ffffffc0fffffff)),
        _mm512_and_si512(key[1], _mm512_set1_epi64(0x0ffffffc0ffffffc)));
    raise(&powers, r, course.lanes_each);

    struct number h = summed(&course, &powers);
    h = gathered(multiplied(h, &powers.end), course.lanes_each);
    store_tags(tags, count, course.lanes_each, least(h), key[2], key[3]);
}

#endif
