#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* The size of a MAC in bytes. Made here because a parameter keeps the pointer to its name, and what Swift passes
   for a string is gone after the call. */
static inline OSSL_PARAM copenssl_mac_size(size_t *size) {
    return OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, size);
}
