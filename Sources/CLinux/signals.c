#define _GNU_SOURCE
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile sig_atomic_t request, closed_pipe;
static volatile sig_atomic_t wake = -1;
static unsigned grace_seconds;

// Everything called here is async-signal-safe.
static void note(int signal) {
    int before = errno;
    uint64_t one = 1;
    if (signal == SIGPIPE) {
        closed_pipe = 1;
    } else if (!request) {
        request = signal;
        alarm(grace_seconds);
        if (write((int)wake, &one, sizeof one) < 0) errno = before;
    }
    errno = before;
}

static void give_up(int signal) {
    (void)signal;
    clinux_die_by_signal((int)request);
}

static int is_ignored(int signal) {
    struct sigaction now;
    return sigaction(signal, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

int clinux_note_signals(const int *signals, size_t count, unsigned grace) {
    struct sigaction action = {.sa_handler = give_up, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (wake < 0) wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake < 0 || sigaction(SIGALRM, &action, NULL) < 0) return -1;
    grace_seconds = grace;
    // While the handler runs for one request, the other requests wait.
    for (size_t i = 0; i < count; i++) sigaddset(&action.sa_mask, signals[i]);
    action.sa_handler = note;
    for (size_t i = 0; i < count; i++) {
        if (!is_ignored(signals[i]) && sigaction(signals[i], &action, NULL) < 0) return -1;
    }
    // Our parent may have blocked the signals, and a mask is inherited.
    return sigprocmask(SIG_UNBLOCK, &action.sa_mask, NULL);
}

int clinux_noted_request(void) { return (int)request; }

int clinux_noted_closed_pipe(void) { return (int)closed_pipe; }

int clinux_noted_request_descriptor(void) { return (int)wake; }

void clinux_die_by_signal(int signal) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signal);
    sigaction(signal, &action, NULL);
    raise(signal);
    // The signal is blocked until here only if its own handler is running.
    sigprocmask(SIG_UNBLOCK, &one, NULL);
}

int clinux_process_descriptor(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
