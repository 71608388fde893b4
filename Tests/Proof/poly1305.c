// Compares the cipher's Poly1305 with schoolbook arithmetic, on keys and texts that random ones never come near: sums
// around p and 2^130, limbs all ones, r of 0, 1 and as large as it can be. The schoolbook knows RFC 8439's vectors.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include PARTS

enum { most_text = 2000 };

// Little-endian digits of 8 bits.
struct big {
    unsigned digit[40];
};

static void carry(struct big *a) {
    for (int i = 0; i < 39; i++) {
        a->digit[i + 1] += a->digit[i] >> 8;
        a->digit[i] &= 255;
    }
}

// What is at 2^130 and above comes back times 5, until nothing is; then p is taken away if that can be done.
static void modulo_p(struct big *a) {
    carry(a);
    for (int i = 0; i < 4; i++) {
        struct big above = {{0}};
        for (int k = 16; k < 39; k++) above.digit[k - 16] = (a->digit[k] >> 2 | a->digit[k + 1] << 6) & 255;
        for (int k = 17; k < 40; k++) a->digit[k] = 0;
        a->digit[16] &= 3;
        for (int k = 0; k < 23; k++) a->digit[k] += 5 * above.digit[k];
        carry(a);
    }
    struct big more = *a;
    more.digit[0] += 5;
    carry(&more);
    if (more.digit[16] < 4) return;
    *a = more;
    a->digit[16] &= 3;
}

static void schoolbook(const uint8_t key[32], const uint8_t *text, size_t count, uint8_t tag[16]) {
    static const uint8_t clamp[16] = {255, 255, 255, 15, 252, 255, 255, 15, 252, 255, 255, 15, 252, 255, 255, 15};
    struct big h = {{0}};
    for (size_t start = 0; start < count; start += 16) {
        size_t size = count - start < 16 ? count - start : 16;
        for (size_t i = 0; i < size; i++) h.digit[i] += text[start + i];
        h.digit[size] += 1;
        carry(&h);
        struct big product = {{0}};
        for (int i = 0; i < 18; i++)
            for (int k = 0; k < 16; k++) product.digit[i + k] += h.digit[i] * (unsigned)(key[k] & clamp[k]);
        h = product;
        modulo_p(&h);
    }
    for (int i = 0; i < 16; i++) h.digit[i] += key[16 + i];
    carry(&h);
    for (int i = 0; i < 16; i++) tag[i] = (uint8_t)h.digit[i];
}

static size_t from_hex(const char *text, uint8_t *bytes) {
    size_t count = strlen(text) / 2;
    for (size_t i = 0; i < count; i++) {
        unsigned byte;
        sscanf(text + 2 * i, "%2x", &byte);
        bytes[i] = (uint8_t)byte;
    }
    return count;
}

// Section 2.5.2, and vectors 7 to 11 of section A.3.
static int knows_vectors(void) {
    static const char *const vectors[][3] = {
        {"85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
         "43727970746f6772617068696320466f72756d2052657365617263682047726f7570", "a8061dc1305136c6c22b8baf0c0127a9"},
        {"0100000000000000000000000000000000000000000000000000000000000000",
         "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000",
         "05000000000000000000000000000000"},
        {"0100000000000000000000000000000000000000000000000000000000000000",
         "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101",
         "00000000000000000000000000000000"},
        {"0200000000000000000000000000000000000000000000000000000000000000", "fdffffffffffffffffffffffffffffff",
         "faffffffffffffffffffffffffffffff"},
        {"0100000000000000040000000000000000000000000000000000000000000000",
         "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000"
         "01000000000000000000000000000000",
         "14000000000000005500000000000000"},
        {"0100000000000000040000000000000000000000000000000000000000000000",
         "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000",
         "13000000000000000000000000000000"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t key[32], text[80], wanted[16], tag[16];
        from_hex(vectors[i][0], key);
        from_hex(vectors[i][2], wanted);
        schoolbook(key, text, from_hex(vectors[i][1], text), tag);
        if (memcmp(tag, wanted, 16) != 0) return 0;
    }
    return 1;
}

static uint64_t state = 1;

static unsigned below(unsigned bound) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (unsigned)(state >> 33) % bound;
}

// Bytes all alike, mostly alike, or random.
static void fill(uint8_t *bytes, size_t count) {
    static const uint8_t favourites[] = {0, 255, 255, 1, 254, 251, 252, 128};
    unsigned how = below(4);
    uint8_t favourite = favourites[below(sizeof favourites)];
    for (size_t i = 0; i < count; i++)
        bytes[i] = how == 0 || (how < 3 && below(8) > 0) ? favourite : (uint8_t)below(256);
}

static void fill_key(uint8_t key[64]) {
    fill(key, 64);
    switch (below(4)) {
    case 0: memset(key, 255, 16); break;
    case 1:
        memset(key, 0, 16);
        key[0] = (uint8_t)below(6);
        break;
    }
}

// With r = 1 the sum before the last reduction is that of the blocks, here 2p + k = 8 * 2^128 - 10 + k: five blocks, a
// 1 at 2^128 of each, and 64 * 2^64 for the length leave 3 * 2^128 - 10 + k - 64 * 2^64 for the text.
static void fill_around_p(uint8_t key[64], uint8_t text[64], int k) {
    memset(key, 0, 16);
    key[0] = 1;
    memset(text, 255, 48);
    memset(text + 48, 0, 16);
    text[32] = (uint8_t)(255 - 7 + k);
    text[40] = 255 - 64;
}

static unsigned long compared;

static int are_right(const struct poly1305_message *messages, const struct poly1305_tag *tags, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        static uint8_t whole[most_text + 48];
        uint8_t wanted[16];
        size_t padded = (messages[i].count + 15) / 16 * 16;
        memset(whole, 0, sizeof whole);
        memcpy(whole, messages[i].text, messages[i].count);
        uint64_t length = messages[i].count;
        memcpy(whole + padded + 8, &length, 8);
        schoolbook(messages[i].key, whole, padded + 16, wanted);
        compared++;
        if (memcmp(wanted, &tags[i], 16) != 0) {
            fprintf(stderr, "Message %u of %u, %zu bytes, has another tag\n", i, count, messages[i].count);
            return 0;
        }
    }
    return 1;
}

// As a batch has it done, short messages without vectors perhaps, and some of it between rounds; and all by vectors.
VECTORS static int agree(const struct poly1305_message *messages, unsigned count) {
    struct poly1305_tag tags[8];
    struct authentication authentication = {.ready = count, .added = count, .messages = messages, .tags = tags};
#ifdef AVX512
    poly1305_tags(messages, count, tags);
    if (!are_right(messages, tags, count)) return 0;
    memset(tags, 0, sizeof tags);
#else
    for (unsigned i = below(60); i > 0; i--) authenticate_some(&authentication);
#endif
    authenticate_until(&authentication, 1 + below(count));
    authenticate_until(&authentication, count);
    return are_right(messages, tags, count);
}

int main(int count, char **arguments) {
    static uint8_t texts[8][most_text], keys[8][64];
    struct poly1305_message messages[8];
    int rounds = count == 2 ? atoi(arguments[1]) : 1000;
    if (!knows_vectors()) return fprintf(stderr, "The schoolbook is wrong\n"), 1;
    for (int k = -20; k <= 7; k++)
        for (unsigned many = 1; many <= 8; many++) {
            for (unsigned i = 0; i < many; i++) {
                fill_around_p(keys[i], texts[i], k);
                fill(keys[i] + 16, 16);
                messages[i] = (struct poly1305_message){texts[i], 64, keys[i]};
            }
            if (!agree(messages, many)) return 1;
        }
    for (int round = 0; round < rounds; round++) {
        unsigned many = 1 + below(8), longest = below(4) ? 200 : most_text;
        size_t same = below(longest + 1);
        for (unsigned i = 0; i < many; i++) {
            size_t size = round % 2 ? same : below(longest + 1);
            fill(texts[i], size);
            fill_key(keys[i]);
            messages[i] = (struct poly1305_message){texts[i], size, keys[i]};
        }
        if (!agree(messages, many)) return 1;
    }
    printf("%lu tags\n", compared);
    return 0;
}
