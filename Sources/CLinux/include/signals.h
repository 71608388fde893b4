// Notes the signals that ask a program to end, instead of dying of them, so that it can undo what is half done.
#ifndef CLINUX_SIGNALS_H
#define CLINUX_SIGNALS_H

#include <stddef.h>

// Notes the `count` signals from here on, and unblocks them. Signals that were ignored before stay ignored. The program
// dies of the first request other than SIGPIPE after `grace` seconds, whatever it waits for. 0, or -1 with errno.
extern int clinux_note_signals(const int *signals, size_t count, unsigned grace);

// The first noted signal other than SIGPIPE; 0 while there is none.
extern int clinux_noted_request(void);
// Whether SIGPIPE was noted.
extern int clinux_noted_closed_pipe(void);

// A descriptor that becomes readable with the first noted request, and stays so; -1 before clinux_note_signals.
extern int clinux_noted_request_descriptor(void);

// Ends the program by a signal's default action. Returns only if the signal is blocked, or its default does not end it.
extern void clinux_die_by_signal(int signal);

// pidfd_open(2), since Linux 5.3: becomes readable when the child ends. Close-on-exec.
extern int clinux_process_descriptor(int pid);

#endif
