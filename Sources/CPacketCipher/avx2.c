#if defined(__x86_64__)
#include "avx2.h"

#include "batch.h"
#include "paths.h"

VECTORS CLEARS_REGISTERS void seal_avx2(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    seal_all(jobs, count, key);
}

VECTORS CLEARS_REGISTERS void open_avx2(struct cpacketcipher_job *jobs, size_t count, const uint8_t *key) {
    open_all(jobs, count, key);
}

#endif
