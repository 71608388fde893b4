// Signals that ask a program to end, noted instead of obeyed, so that it can put right what it has half done.
#ifndef CLINUX_SIGNALS_H
#define CLINUX_SIGNALS_H

#include <stddef.h>

// From here on the `count` signals are noted, and not blocked. Those that were ignored before stay ignored. `grace` seconds after the
// first request other than SIGPIPE the program dies of it, whatever it waits for. 0, or -1 with errno.
extern int clinux_note_signals(const int *signals, size_t count, unsigned grace);

// The first noted signal other than SIGPIPE; 0 while there is none.
extern int clinux_noted_request(void);
// Whether SIGPIPE was noted.
extern int clinux_noted_closed_pipe(void);

// A descriptor that is readable as soon as there is a noted request, and stays so; -1 before clinux_note_signals.
extern int clinux_noted_request_descriptor(void);

// Ends the program by a signal's default action. Returns only where the signal is blocked or has none that ends.
extern void clinux_die_by_signal(int signal);

// pidfd_open(2), since Linux 5.3: readable when the child has ended. Close-on-exec.
extern int clinux_process_descriptor(int pid);

#endif
