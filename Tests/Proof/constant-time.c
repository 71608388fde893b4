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

// The mistakes begin with a block of keystream, so that the sanitizer must have followed the key through vectors.
VECTORS static uint8_t secret_byte(void) {
    static struct chacha20 chacha20;
    static struct authentication nothing;
    static uint8_t block[64];
    chacha20_start(&chacha20, key, &nothing);
    chacha20_add(&chacha20, 1, 1, plaintext[0], block, sizeof block);
    chacha20_flush(&chacha20);
    return block[40];
}

// By a bit for each byte.
VECTORS static int is_large(uint8_t byte) {
#ifdef __AVX512BW__
    return _mm512_cmpgt_epi8_mask(_mm512_set1_epi8(byte), _mm512_set1_epi8(9)) > 0;
#else
    return _mm256_movemask_epi8(_mm256_cmpgt_epi8(_mm256_set1_epi8(byte), _mm256_set1_epi8(9))) != 0;
#endif
}

// A tag of a public text under a secret key.
VECTORS static int is_even_tag(void) {
    static uint8_t text[400];
    struct poly1305_message message = {text, sizeof text, plaintext[0]};
    struct poly1305_tag tag;
    struct authentication authentication = {.ready = 1, .added = 1, .messages = &message, .tags = &tag};
    __msan_poison(plaintext[0], 64);
    authenticate_until(&authentication, 1);
    return tag.high % 2 == 0;
}

int main(int count, char **arguments) {
    static const char table[256];
    const char *mode = count == 2 ? arguments[1] : "";
    __msan_poison(key, sizeof key);
    if (!cpacketcipher_is_available(PATH)) fail("This processor cannot run the cipher");
    if (strcmp(mode, "seal") == 0)
        all_shapes(seal);
    else if (strcmp(mode, "open") == 0)
        all_shapes(open);
    else if (strcmp(mode, "branch") == 0)
        return secret_byte() > 9 ? 2 : 3;
    else if (strcmp(mode, "address") == 0)
        return *(const volatile char *)&table[secret_byte()];
    else if (strcmp(mode, "mask") == 0)
        return is_large(secret_byte()) ? 2 : 3;
    else if (strcmp(mode, "tag") == 0)
        return is_even_tag() ? 2 : 3;
    else
        fail("usage: constant-time seal|open|branch|address|mask|tag");
    return 0;
}
