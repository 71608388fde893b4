// Runs the cipher under the memory sanitizer with key and plaintext marked as never written. The sanitizer follows
// what comes of them, and ends the program with a report where a branch, an address or a call into the system would
// depend on it. Whether a tag was right is marked as public by the cipher itself; ciphertexts are made so here.
//
// constant-time seal|open   ends with 0 if nothing secret showed
// constant-time branch|address|mask|tag   does what the cipher must not, to show that it would be found
#include <sanitizer/msan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CPacketCipher.h"
#include PARTS

enum { most_packets = 70, room = 1600 };

static uint8_t key[32], plaintext[most_packets][room], sealed[most_packets][room], opened[most_packets][room];
static struct cpacketcipher_job jobs[most_packets];

static void fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(1);
}

// Whether no byte is known to be public.
static int is_secret(const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (__msan_test_shadow((const uint8_t *)bytes + i, 1) == -1) return 0;
    return 1;
}

// Packets that are all of one length, or all of different ones.
static void seal(size_t count, size_t length, size_t step) {
    for (size_t i = 0; i < count; i++) {
        size_t size = length + i * step % 1500;
        __msan_poison(plaintext[i], sizeof plaintext[i]);
        __msan_unpoison(sealed[i], sizeof sealed[i]);
        jobs[i] = (struct cpacketcipher_job){plaintext[i] + i % 5, sealed[i] + i % 7, size, i << 31, false};
    }
    cpacketcipher_seal(PATH, jobs, count, key);
    for (size_t i = 0; i < count; i++)
        if (!is_secret(jobs[i].destination, jobs[i].count + 16)) fail("The sanitizer lost sight of a ciphertext");
}

static void open(size_t count, size_t length, size_t step) {
    seal(count, length, step);
    for (size_t i = 0; i < count; i++) {
        __msan_unpoison(sealed[i], sizeof sealed[i]);
        __msan_unpoison(opened[i], sizeof opened[i]);
        if (i % 3 == 1) jobs[i].destination[jobs[i].count / 2] ^= 1;
        jobs[i] = (struct cpacketcipher_job){jobs[i].destination, opened[i], jobs[i].count, jobs[i].counter, false};
    }
    cpacketcipher_open(PATH, jobs, count, key);
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].isAuthentic != (i % 3 != 1)) fail("A packet is judged wrongly");
        if (jobs[i].isAuthentic && !is_secret(opened[i], jobs[i].count)) fail("The sanitizer lost sight of a plaintext");
    }
}

static void all_shapes(void (*work)(size_t count, size_t length, size_t step)) {
    static const size_t counts[] = {1, 2, 3, 4, 5, 8, 9, 44, 64, 65, most_packets};
    static const size_t lengths[] = {0, 1, 15, 16, 48, 63, 64, 65, 1424, 1500};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) work(counts[i], lengths[k], 0);
        work(counts[i], 0, 37);
        work(counts[i], 3, 1);
    }
}

// The mistakes begin with a block of keystream, so that the sanitizer must have followed the key through vectors. They
// take it from memory: as an argument or a result it would already be reported for that.
static uint8_t secret[64];

VECTORS static void make_secret(void) {
    static struct chacha20 chacha20;
    static struct authentication nothing;
    chacha20_start(&chacha20, key, &nothing);
    chacha20_add(&chacha20, 1, 1, plaintext[0], secret, sizeof secret);
    chacha20_flush(&chacha20);
}

static void branch(void) {
    if (secret[40] > 9) puts("large");
}

static void address(void) {
    static const char table[256];
    (void)*(const volatile char *)&table[secret[40]];
}

// By a bit for each byte.
VECTORS static void mask(void) {
#ifdef AVX512
    if (_mm512_cmpgt_epi8_mask(_mm512_loadu_si512(secret), _mm512_set1_epi8(9)) > 0) puts("large");
#else
    if (_mm256_movemask_epi8(_mm256_cmpgt_epi8(load(secret), _mm256_set1_epi8(9))) != 0) puts("large");
#endif
}

// Of a public text under a secret key.
VECTORS static void tag(void) {
    static uint8_t text[400];
    struct poly1305_message message = {text, sizeof text, plaintext[0]};
    struct poly1305_tag tag;
    struct authentication authentication = {.ready = 1, .added = 1, .messages = &message, .tags = &tag};
    __msan_poison(plaintext[0], 64);
    authenticate_until(&authentication, 1);
    if (tag.high % 2 == 0) puts("even");
}

int main(int count, char **arguments) {
    const char *mode = count == 2 ? arguments[1] : "";
    __msan_poison(key, sizeof key);
    if (!cpacketcipher_is_available(PATH)) fail("This processor cannot run the cipher");
    make_secret();
    if (strcmp(mode, "seal") == 0)
        all_shapes(seal);
    else if (strcmp(mode, "open") == 0)
        all_shapes(open);
    else if (strcmp(mode, "branch") == 0)
        branch();
    else if (strcmp(mode, "address") == 0)
        address();
    else if (strcmp(mode, "mask") == 0)
        mask();
    else if (strcmp(mode, "tag") == 0)
        tag();
    else
        fail("usage: constant-time seal|open|branch|address|mask|tag");
    return 0;
}
