// The tags of a batch, eight messages at a time.
#ifndef AUTHENTICATION_H
#define AUTHENTICATION_H

#include "../poly1305.h"
#include "tags.h"

struct authentication {
    // Messages in front of `next` have their tags; those in front of `ready` have their keys and ciphertexts in
    // memory; those in front of `added` will have them when the keystream that is being made has been written.
    size_t next, ready, added;
    const struct poly1305_message *messages;
    struct poly1305_tag *tags;
} __attribute__((aligned(64)));

// Powers of r and the way back from vectors take as long as so many blocks.
enum { few_blocks = 24 };

INLINE size_t blocks(const struct poly1305_message *messages, unsigned count) {
    size_t sum = count;
    for (unsigned i = 0; i < count; i++) sum += (messages[i].count + 15) / 16;
    return sum;
}

VECTORS static struct poly1305_tag tag_of(const struct poly1305_message *message) {
    struct poly1305 poly1305;
    poly1305_start(&poly1305, message);
    return poly1305_end(&poly1305, message);
}

// Does what is to be done in front of the message `end`, which is not above `ready`.
VECTORS static void authenticate_until(struct authentication *self, size_t end) {
    while (self->next < end) {
        const struct poly1305_message *messages = self->messages + self->next;
        struct poly1305_tag *tags = self->tags + self->next;
        size_t left = self->ready - self->next;
        unsigned count = left < poly1305_messages ? (unsigned)left : poly1305_messages;
        if (blocks(messages, count) > few_blocks)
            poly1305_tags(messages, count, tags);
        else
            for (unsigned i = 0; i < count; i++) tags[i] = tag_of(&messages[i]);
        self->next += count;
    }
}

#endif
