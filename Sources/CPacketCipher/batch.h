// A batch of packets on its way through ChaCha20 and Poly1305.
#ifndef BATCH_H
#define BATCH_H

#include <string.h>

#include "CPacketCipher.h"
#include "chacha20.h"

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define DECLASSIFY(value) __msan_unpoison(&(value), sizeof(value))
#endif
#endif
// What everybody may learn: tests of constant time treat everything else that comes of a key as secret.
#ifndef DECLASSIFY
#define DECLASSIFY(value)
#endif

// Marks functions that outside code calls: registers hold words of keys and keystream when they return, and code that
// saves all registers, as the dynamic linker does at a first call, would leave them on the stack.
#if __has_attribute(zero_call_used_regs)
#define CLEARS_REGISTERS __attribute__((zero_call_used_regs("all")))
#else
#define CLEARS_REGISTERS
#endif

enum { tag_size = 16, most_jobs = 64 };

// What a batch needs besides its packets.
struct batch {
    struct chacha20 chacha20;
    struct authentication authentication;
    // Block 0 of each packet: its Poly1305 key (RFC 8439, section 2.6).
    uint8_t keys[most_jobs][chacha20_block] __attribute__((aligned(64)));
    struct poly1305_message messages[most_jobs];
    struct poly1305_tag tags[most_jobs] __attribute__((aligned(64)));
};

VECTORS static void add_key(struct batch *self, const struct cpacketcipher_job *job, size_t index) {
    static const uint8_t zeros[chacha20_block];
    chacha20_add(&self->chacha20, job->counter, 0, zeros, self->keys[index], chacha20_block);
}

VECTORS static void add_text(struct batch *self, const struct cpacketcipher_job *job) {
    chacha20_add(&self->chacha20, job->counter, 1, job->source, job->destination, job->count);
}

// Of a ciphertext whose key, and which itself if it is not there, has been added.
VECTORS static void add_message(struct batch *self, const uint8_t *ciphertext, size_t count, size_t index) {
    self->messages[index] = (struct poly1305_message){ciphertext, count, self->keys[index]};
    self->authentication.added = index + 1;
}

VECTORS static void begin(struct batch *self) {
    wipe(&self->authentication, sizeof self->authentication);
    self->authentication.messages = self->messages;
    self->authentication.tags = self->tags;
}

VECTORS static void seal(struct batch *self, const struct cpacketcipher_job *jobs, size_t count) {
    begin(self);
    for (size_t i = 0; i < count; i++) {
        add_key(self, &jobs[i], i);
        add_text(self, &jobs[i]);
        add_message(self, jobs[i].destination, jobs[i].count, i);
    }
    chacha20_flush(&self->chacha20);
    authenticate_until(&self->authentication, count);
    for (size_t i = 0; i < count; i++) memcpy(jobs[i].destination + jobs[i].count, &self->tags[i], tag_size);
}

static bool is_right(const struct poly1305_tag *tag, const uint8_t *received) {
    uint64_t words[2];
    memcpy(words, received, tag_size);
    uint64_t difference = (tag->low ^ words[0]) | (tag->high ^ words[1]);
    DECLASSIFY(difference);
    return difference == 0;
}

VECTORS static void authenticate(struct batch *self, struct cpacketcipher_job *job, size_t index) {
    authenticate_until(&self->authentication, index + 1);
    job->isAuthentic = is_right(&self->tags[index], job->source + job->count);
}

VECTORS static void open(struct batch *self, struct cpacketcipher_job *jobs, size_t count) {
    begin(self);
    for (size_t i = 0; i < count; i++) {
        add_key(self, &jobs[i], i);
        add_message(self, jobs[i].source, jobs[i].count, i);
    }
    chacha20_flush(&self->chacha20);
    for (size_t i = 0; i < count; i++) {
        authenticate(self, &jobs[i], i);
        if (jobs[i].isAuthentic) add_text(self, &jobs[i]);
    }
    chacha20_flush(&self->chacha20);
}

// All keystream at once, where one filling of the lanes has room for it. The text of a packet, which is the piece
// behind its key, is written if the packet is accepted.
VECTORS static void open_few(struct batch *self, struct cpacketcipher_job *jobs, size_t count) {
    struct chacha20 *chacha20 = &self->chacha20;
    unsigned piece[chacha20_lanes];
    begin(self);
    for (size_t i = 0; i < count; i++) {
        piece[i] = chacha20->pieces;
        add_key(self, &jobs[i], i);
        add_message(self, jobs[i].source, jobs[i].count, i);
        add_text(self, &jobs[i]);
    }
    chacha20_make_keystream(chacha20);
    for (size_t i = 0; i < count; i++) chacha20_write(chacha20, piece[i]);
    for (size_t i = 0; i < count; i++) {
        authenticate(self, &jobs[i], i);
        if (jobs[i].isAuthentic && jobs[i].count > 0) chacha20_write(chacha20, piece[i] + 1);
    }
    chacha20->lanes = chacha20->pieces = 0;
}

// Whether keys and texts of these packets need no more lanes than there are.
static bool are_few(const struct cpacketcipher_job *jobs, size_t count) {
    size_t blocks = count;
    for (size_t i = 0; i < count && blocks <= chacha20_lanes; i++)
        blocks += (jobs[i].count + chacha20_block - 1) / chacha20_block;
    return blocks <= chacha20_lanes;
}

static size_t part(size_t count) { return count < most_jobs ? count : most_jobs; }

// What the functions above kept on the stack in passing: powers of r, and registers that had to make room. Such a size
// needs no padding for alignment between it and the address to return to, in which something would be left.
VECTORS static __attribute__((noinline)) void wipe_stack(void) {
    uint8_t below[stack_depth + 8];
    wipe(below, stack_depth);
    wipe(below + sizeof below - sizeof(vector), sizeof(vector));
}

VECTORS static void forget(struct batch *self, size_t count) {
    wipe_stack();
    chacha20_end(&self->chacha20);
    wipe(&self->authentication, sizeof self->authentication);
    wipe(self->keys, count * sizeof self->keys[0]);
    wipe(self->tags, count * sizeof self->tags[0]);
}

// Marks functions that must not be inlined: the compiler then spills registers, such as vectors of a key word, to
// frames below that of the caller of `forget`, and not into it.
#define BELOW VECTORS static __attribute__((noinline))

BELOW void seal_parts(struct batch *self, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    chacha20_start(&self->chacha20, key, &self->authentication);
    for (size_t i = 0; i < count; i += most_jobs) seal(self, jobs + i, part(count - i));
}

BELOW void open_parts(struct batch *self, struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    chacha20_start(&self->chacha20, key, &self->authentication);
    if (are_few(jobs, count))
        open_few(self, jobs, count);
    else
        for (size_t i = 0; i < count; i += most_jobs) open(self, jobs + i, part(count - i));
}

VECTORS static void seal_all(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    struct batch batch;
    seal_parts(&batch, jobs, count, key);
    forget(&batch, part(count));
}

VECTORS static void open_all(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    struct batch batch;
    open_parts(&batch, jobs, count, key);
    forget(&batch, part(count));
}

#endif
