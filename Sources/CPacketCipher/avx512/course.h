// The way of eight lanes through up to eight messages, a chunk of four blocks at each step.
//
// A message is cut into chunks from its end; what its first one lacks are zeros that count for nothing. A lane takes
// every s-th chunk of its message, and all lanes arrive at their last chunks together.
#ifndef COURSE_H
#define COURSE_H

#include "../message.h"
#include "number.h"

enum { poly1305_messages = 8 };

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

#endif
