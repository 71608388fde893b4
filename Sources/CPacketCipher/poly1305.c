#if defined(__x86_64__)
#include "poly1305.h"

// Numbers modulo p = 2^130 - 5 are three limbs, at 2^0, 2^44 and 2^88; each lane of a vector has a number of its
// own. Limbs that go into a multiplication have less than 2^46 (the multiplier takes 52 bits).
//
// A message is cut into chunks of four blocks, m0 to m3, from its end: zeros that count for nothing fill up the
// first chunk. A lane takes every s-th chunk of its message, s = 1 where there are eight messages, and does
//
//     h = h * r^(4s) + m0 * r^3 + m1 * r^2 + m2 * r + m3
//
// which has one carry for four blocks, and three of four products do not wait for h. At the end the lane whose
// last chunk is j chunks away from the message's last one multiplies by r^(4j + 1), and the lanes of a message
// are added.

#define INLINE VECTORS static inline __attribute__((always_inline))

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

// Eight rows of 64 bytes to eight vectors: word i of every row is in word[i].
INLINE void load_words(vector word[8], const uint64_t row[8]) {
    vector pair[8], half[8];
    for (int i = 0; i < 8; i += 2) {
        vector even = _mm512_loadu_si512((const void *)row[i]), odd = _mm512_loadu_si512((const void *)row[i + 1]);
        pair[i] = _mm512_unpacklo_epi64(even, odd);
        pair[i + 1] = _mm512_unpackhi_epi64(even, odd);
    }
    // Now word[2k + b] of rows i and i + 1 is the k-th 128 bits of pair[i + b].
    for (int b = 0; b < 2; b++) {
        half[b] = _mm512_shuffle_i64x2(pair[b], pair[2 + b], 0x44);
        half[2 + b] = _mm512_shuffle_i64x2(pair[b], pair[2 + b], 0xee);
        half[4 + b] = _mm512_shuffle_i64x2(pair[4 + b], pair[6 + b], 0x44);
        half[6 + b] = _mm512_shuffle_i64x2(pair[4 + b], pair[6 + b], 0xee);
        word[b] = _mm512_shuffle_i64x2(half[b], half[4 + b], 0x88);
        word[2 + b] = _mm512_shuffle_i64x2(half[b], half[4 + b], 0xdd);
        word[4 + b] = _mm512_shuffle_i64x2(half[2 + b], half[6 + b], 0x88);
        word[6 + b] = _mm512_shuffle_i64x2(half[2 + b], half[6 + b], 0xdd);
    }
}

// A message's first and last chunk, made up apart: they have zeros in front, and the length behind.
struct chunks {
    uint8_t first[64], last[64];
} __attribute__((aligned(64)));

// Where each lane is in its message. Addresses are numbers, since the first chunk may begin before the message.
struct course {
    struct chunks ends[poly1305_messages];
    // Which chunk is next; below 0 for a lane that has not begun.
    vector chunk;
    vector address, first_address, last_address, last_chunk;
    // Lanes whose first chunk has more than i blocks of zeros in front.
    __mmask8 lacks[3];
    unsigned lanes_each, steps;
};

static const uint8_t zeros[64] __attribute__((aligned(64)));

// The last 16 bytes of what is authenticated are two lengths: 0 of the associated data, and that of the ciphertext.
VECTORS static void make_ends(struct chunks *ends, const struct poly1305_message *message, size_t chunks, size_t gap) {
    uintptr_t start = (uintptr_t)message->text - gap;
    size_t begin = chunks == 1 ? gap : 0, end = message->count + gap - 64 * (chunks - 1);
    __mmask64 filled = _bzhi_u64(~0ULL, (unsigned)end) & ~_bzhi_u64(~0ULL, (unsigned)begin);
    vector last = _mm512_maskz_loadu_epi8(filled, (const void *)(start + 64 * (chunks - 1)));
    _mm512_store_si512(ends->last, _mm512_mask_set1_epi64(last, 0x80, (long long)message->count));
    if (chunks > 1)
        _mm512_store_si512(ends->first, _mm512_maskz_loadu_epi8(~0ULL << gap, (const void *)start));
}

// How many lanes share a message, if all have `chunks` chunks: halving the steps must pay for more powers of r.
static unsigned lanes_for(unsigned messages, size_t chunks) {
    unsigned lanes = 1;
    while (2 * lanes * messages <= 8 && chunks > 4 * lanes) lanes *= 2;
    return lanes;
}

VECTORS static void lay_out(struct course *self, const struct poly1305_message *messages, unsigned count) {
    uint64_t first[8], last[8], address[8], most = 0;
    int64_t chunk[8], last_chunk[8];
    size_t chunks[8];
    self->lacks[0] = self->lacks[1] = self->lacks[2] = 0;
    for (unsigned i = 0; i < count; i++) {
        chunks[i] = ((messages[i].count + 15) / 16 + 1 + 3) / 4;
        if (chunks[i] > most) most = chunks[i];
    }
    unsigned each = lanes_for(count, most);
    self->lanes_each = each;
    self->steps = (unsigned)((most + each - 1) / each);
    for (unsigned lane = 0; lane < 8; lane++) {
        unsigned i = lane / each;
        if (i >= count) {
            chunk[lane] = INT32_MIN;
            first[lane] = last[lane] = address[lane] = last_chunk[lane] = 0;
            continue;
        }
        size_t gap = 16 * (4 * chunks[i] - (messages[i].count + 15) / 16 - 1);
        if (lane % each == 0) make_ends(&self->ends[i], &messages[i], chunks[i], gap);
        chunk[lane] = (int64_t)(lane % each + chunks[i]) - (int64_t)(self->steps * each);
        first[lane] = (uintptr_t)self->ends[i].first;
        last[lane] = (uintptr_t)self->ends[i].last;
        last_chunk[lane] = (int64_t)chunks[i] - 1;
        address[lane] = (uintptr_t)messages[i].text - gap + 64 * (uint64_t)chunk[lane];
        for (unsigned block = 0; block < 3; block++)
            self->lacks[block] |= (__mmask8)((gap > 16 * block) << lane);
    }
    self->chunk = _mm512_loadu_si512(chunk);
    self->address = _mm512_loadu_si512(address);
    self->first_address = _mm512_loadu_si512(first);
    self->last_address = _mm512_loadu_si512(last);
    self->last_chunk = _mm512_loadu_si512(last_chunk);
}

// The chunks that the lanes are at, as numbers for each of their four blocks; then all go on to the next.
INLINE void next_chunks(struct course *self, struct number m[4]) {
    __mmask8 begun = _mm512_cmpge_epi64_mask(self->chunk, _mm512_setzero_si512());
    __mmask8 is_first = _mm512_cmpeq_epi64_mask(self->chunk, _mm512_setzero_si512());
    __mmask8 is_last = _mm512_cmpeq_epi64_mask(self->chunk, self->last_chunk);
    vector address = _mm512_mask_mov_epi64(_mm512_set1_epi64((long long)(uintptr_t)zeros), begun, self->address);
    address = _mm512_mask_mov_epi64(address, is_first, self->first_address);
    address = _mm512_mask_mov_epi64(address, is_last, self->last_address);
    uint64_t row[8] __attribute__((aligned(64)));
    _mm512_store_si512(row, address);
    vector word[8];
    load_words(word, row);
    const vector top = _mm512_set1_epi64(1LL << 40);
    for (int i = 0; i < 4; i++) {
        // A block's bytes have a 1 behind them: 2^128.
        __mmask8 counts = i < 3 ? begun & (__mmask8)~(is_first & self->lacks[i]) : begun;
        m[i] = split(word[2 * i], word[2 * i + 1]);
        m[i].limb[2] = _mm512_mask_or_epi64(m[i].limb[2], counts, m[i].limb[2], top);
    }
    self->chunk = _mm512_add_epi64(self->chunk, _mm512_set1_epi64(self->lanes_each));
    self->address = _mm512_add_epi64(self->address, _mm512_set1_epi64(64 * self->lanes_each));
}

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

void poly1305_tags(const struct poly1305_message *messages, unsigned count, struct poly1305_tag *tags) {
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
