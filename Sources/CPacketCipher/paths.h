// The same work by different instructions.
#ifndef PATHS_H
#define PATHS_H

#include "CPacketCipher.h"

void seal_avx2(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key);
void open_avx2(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key);
void seal_avx512(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key);
void open_avx512(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key);

#endif
