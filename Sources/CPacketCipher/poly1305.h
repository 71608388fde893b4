// Poly1305 of one message, in the processor's ordinary registers: while vectors are busy with something else, and for
// messages too short to be worth vectors.
//
// Numbers modulo p = 2^130 - 5 are words of 64 bits. r has no more than 124 of them, and its upper word is a multiple
// of 4, so that what is at 2^128 and above comes back times 5/4.
#ifndef POLY1305_H
#define POLY1305_H

#include "message.h"

struct poly1305 {
    uint64_t r[2], r1_back;
    // Below 2^130 and a little.
    uint64_t h[3];
    // What is still to come: whole blocks, and less than one.
    const uint8_t *text;
    size_t blocks, rest;
};

// h = (h + block + 2^128) * r
INLINE void absorb_words(struct poly1305 *self, uint64_t low, uint64_t high) {
    typedef unsigned __int128 wide;
    wide sum = (wide)self->h[0] + low, carry = (wide)self->h[1] + high + (uint64_t)(sum >> 64);
    uint64_t a = (uint64_t)sum, b = (uint64_t)carry, c = self->h[2] + 1 + (uint64_t)(carry >> 64);
    wide d = (wide)a * self->r[0] + (wide)b * self->r1_back;
    wide e = (wide)a * self->r[1] + (wide)b * self->r[0] + c * self->r1_back + (uint64_t)(d >> 64);
    uint64_t f = c * self->r[0] + (uint64_t)(e >> 64);
    // Five times f / 4, which are the bits from 2^130 on.
    sum = (wide)(uint64_t)d + (f >> 2) + (f & ~3ULL);
    carry = (wide)(uint64_t)e + (uint64_t)(sum >> 64);
    self->h[0] = (uint64_t)sum;
    self->h[1] = (uint64_t)carry;
    self->h[2] = (f & 3) + (uint64_t)(carry >> 64);
}

INLINE void absorb_block(struct poly1305 *self, size_t index) {
    uint64_t words[2];
    memcpy(words, self->text + 16 * index, sizeof words);
    absorb_words(self, words[0], words[1]);
}

INLINE void go_on(struct poly1305 *self, size_t blocks) {
    self->text += 16 * blocks;
    self->blocks -= blocks;
}

// On its own, so that compilers leave numbers in registers.
VECTORS static __attribute__((noinline)) void absorb(struct poly1305 *self, size_t blocks) {
    struct poly1305 local = *self;
    for (size_t i = 0; i < blocks; i++) absorb_block(&local, i);
    go_on(&local, blocks);
    *self = local;
}

// Two messages, which do not wait for each other: in less than 1.2 times the time of one.
VECTORS static __attribute__((noinline)) void absorb_two(struct poly1305 *self, struct poly1305 *other, size_t blocks) {
    struct poly1305 one = *self, two = *other;
    for (size_t i = 0; i < blocks; i++) {
        absorb_block(&one, i);
        absorb_block(&two, i);
    }
    go_on(&one, blocks);
    go_on(&two, blocks);
    *self = one;
    *other = two;
}

VECTORS static void poly1305_start(struct poly1305 *self, const struct poly1305_message *message) {
    memcpy(self->r, message->key, sizeof self->r);
    // Some bits of r are cleared (section 2.5).
    self->r[0] &= 0x0ffffffc0fffffff;
    self->r[1] &= 0x0ffffffc0ffffffc;
    self->r1_back = self->r[1] + (self->r[1] >> 2);
    memset(self->h, 0, sizeof self->h);
    self->text = message->text;
    self->blocks = message->count / 16;
    self->rest = message->count % 16;
}

// Takes p away if that can be done, which is if 5 more reach 2^130; without that bit they are then the number less p.
INLINE void reduce(uint64_t h[3]) {
    typedef unsigned __int128 wide;
    wide low = (wide)h[0] + 5, high = (wide)h[1] + (uint64_t)(low >> 64);
    uint64_t reaches = -((h[2] + (uint64_t)(high >> 64)) >> 2);
    h[0] ^= (h[0] ^ (uint64_t)low) & reaches;
    h[1] ^= (h[1] ^ (uint64_t)high) & reaches;
}

// The last 16 bytes of what is authenticated are two lengths: 0 of the associated data, and that of the ciphertext.
VECTORS static struct poly1305_tag poly1305_end(struct poly1305 *self, const struct poly1305_message *message) {
    absorb(self, self->blocks);
    if (self->rest > 0) {
        uint64_t words[2] = {0, 0};
        for (size_t i = 0; i < self->rest; i++) words[i / 8] |= (uint64_t)self->text[i] << i % 8 * 8;
        absorb_words(self, words[0], words[1]);
    }
    absorb_words(self, 0, message->count);
    reduce(self->h);
    uint64_t pad[2];
    memcpy(pad, message->key + 16, sizeof pad);
    unsigned __int128 low = (unsigned __int128)self->h[0] + pad[0];
    return (struct poly1305_tag){(uint64_t)low, self->h[1] + pad[1] + (uint64_t)(low >> 64)};
}

#endif
