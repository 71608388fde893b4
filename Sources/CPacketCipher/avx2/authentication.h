// The tags of a batch, message after message, computed a few blocks at a time while vectors are busy with keystream.
#ifndef AUTHENTICATION_H
#define AUTHENTICATION_H

#include <stdbool.h>

#include "../poly1305.h"

struct authentication {
    // Messages in front of `next` have their tags; those in front of `ready` have their keys and ciphertexts in
    // memory; those in front of `added` will have them when the keystream that is being made has been written.
    size_t next, ready, added;
    const struct poly1305_message *messages;
    struct poly1305_tag *tags;
    // Of messages[next], if it is begun.
    struct poly1305 poly1305;
    bool isBegun;
} __attribute__((aligned(64)));

VECTORS static void begin_message(struct authentication *self) {
    self->isBegun = self->next < self->ready;
    if (self->isBegun) poly1305_start(&self->poly1305, &self->messages[self->next]);
}

VECTORS static void end_message(struct authentication *self) {
    self->tags[self->next] = poly1305_end(&self->poly1305, &self->messages[self->next]);
    self->next++;
    self->isBegun = false;
}

VECTORS static __attribute__((noinline)) void change_message(struct authentication *self) {
    if (self->isBegun) end_message(self);
    begin_message(self);
}

// A bit of work, if there is any.
INLINE void authenticate_some(struct authentication *self) {
    if (self->isBegun && self->poly1305.blocks >= 4)
        absorb(&self->poly1305, 4);
    else
        change_message(self);
}

// Brings the message to its end, and the one behind it as far along as it goes meanwhile.
VECTORS static void authenticate_next(struct authentication *self) {
    struct poly1305 other;
    if (!self->isBegun) begin_message(self);
    if (self->next + 1 == self->ready) return end_message(self);
    poly1305_start(&other, &self->messages[self->next + 1]);
    absorb_two(&self->poly1305, &other, self->poly1305.blocks < other.blocks ? self->poly1305.blocks : other.blocks);
    end_message(self);
    self->poly1305 = other;
    self->isBegun = true;
}

// Does what is left to be done in front of the message `end`, which is not above `ready`.
VECTORS static void authenticate_until(struct authentication *self, size_t end) {
    while (self->next < end) authenticate_next(self);
}

#endif
