// Swift's Mutex, as the thread sanitizer has to see it.
//
// Where nobody else wants the lock, its code is compiled into ours and sanitized with it. Where somebody does, two
// functions of a library do the work, of which the sanitizer knows nothing: it would take what the lock guards for
// unguarded. These stand in front of them and tell.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Synchronization._MutexHandle._lockSlow(UInt32) and ._unlockSlow()
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

extern void __tsan_acquire(void *);
extern void __tsan_release(void *);

typedef SWIFT void lock_function(uint32_t, SELF void *);
typedef SWIFT void unlock_function(SELF void *);

SWIFT void clocks_lock(uint32_t state, SELF void *mutex) __asm__(LOCK);
SWIFT void clocks_unlock(SELF void *mutex) __asm__(UNLOCK);

static lock_function *lock;
static unlock_function *unlock;

__attribute__((constructor)) static void find(void) {
    lock = (lock_function *)dlsym(RTLD_NEXT, LOCK);
    unlock = (unlock_function *)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void clocks_lock(uint32_t state, SELF void *mutex) {
    lock(state, mutex);
    __tsan_acquire(mutex);
}

SWIFT void clocks_unlock(SELF void *mutex) {
    __tsan_release(mutex);
    unlock(mutex);
}
