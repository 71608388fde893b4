// Seals and opens batches on a stack of its own, and looks through that for what should have been wiped: the key,
// keystream, the keys of Poly1305, and these as limbs and words.
//
// residue      ends with 0 if nothing is left
// residue keep leaves something on purpose, to show that it would be found
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "CPacketCipher.h"
#include PARTS

enum { stack_size = 1 << 20, most_packets = 70, room = 1600 };

static uint8_t *stack;
static uint8_t key[32], text[most_packets][room];
static struct cpacketcipher_job jobs[most_packets];
static size_t count, length;
static int keeps;

static void *work(void *nothing) {
    volatile uint8_t kept[16384];
    cpacketcipher_seal(PATH, jobs, count, key);
    for (size_t i = 0; i < count; i++) jobs[i].source = jobs[i].destination;
    cpacketcipher_open(PATH, jobs, count, key);
    if (keeps)
        for (size_t i = 0; i < sizeof kept; i++) kept[i] = key[i % 32];
    return nothing;
}

static void run(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    memset(stack, 0, stack_size);
    pthread_attr_init(&attributes);
    if (pthread_attr_setstack(&attributes, stack, stack_size) || pthread_create(&thread, &attributes, work, NULL)) abort();
    pthread_join(thread, NULL);
}

// Words of a vector's lane, wherever in it.
static int is_left(const void *secret, size_t size, size_t word) {
    for (size_t i = 0; i + word <= size; i += word)
        for (size_t place = 0; place < stack_size; place += word)
            if (memcmp(stack + place, (const uint8_t *)secret + i, word) == 0) return 1;
    return 0;
}

// Of the packet's first blocks, and the limbs and words of r.
VECTORS static int leaves_keystream(uint64_t counter) {
    static const uint8_t zeros[256];
    static struct chacha20 chacha20;
    static struct authentication nothing;
    uint64_t keystream[32];
    chacha20_start(&chacha20, key, &nothing);
    chacha20_add(&chacha20, counter, 0, zeros, (uint8_t *)keystream, length < 192 ? length + 32 : 256);
    chacha20_flush(&chacha20);
    uint64_t low = keystream[0] & 0x0ffffffc0fffffff, high = keystream[1] & 0x0ffffffc0ffffffc;
    uint64_t limbs[] = {
        low & ((1LL << 44) - 1), (low >> 44 | high << 20) & ((1LL << 44) - 1), high >> 24,
        low, high, high + (high >> 2),
    };
    return is_left(limbs, sizeof limbs, 8) || is_left(keystream, length < 192 ? length / 8 * 8 + 32 : 256, 8);
}

static int leaves_something(void) {
    for (size_t i = 0; i < count; i++) {
        memset(text[i], 0x55, sizeof text[i]);
        jobs[i] = (struct cpacketcipher_job){text[i], text[i], length, i + 1, false};
    }
    run();
    if (is_left(key, sizeof key, 4)) return fprintf(stderr, "%zu packets of %zu leave the key\n", count, length), 1;
    for (size_t i = 0; i < count; i += 7)
        if (leaves_keystream(i + 1)) return fprintf(stderr, "%zu packets of %zu leave keystream\n", count, length), 1;
    return 0;
}

int main(int arguments, char **argument) {
    static const size_t counts[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 20, 33, 44, most_packets}, lengths[] = {0, 32, 64, 96, 736, 1328, 1424};
    keeps = arguments == 2 && strcmp(argument[1], "keep") == 0;
    stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 32; i++) key[i] = (uint8_t)(0x91 * i + 0x3b * i * i + 0xc7);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
            count = counts[i];
            length = lengths[k];
            if (leaves_something()) return 1;
        }
    return 0;
}
