/* What training shows on stderr while it runs: a line an epoch and, on a terminal, a bar
 * for the epoch that runs, redrawn in place at most ten times a second. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress_bar {
    bool shown, terminal;
    uint64_t runs, epochs;
    double start, drawn; /* stopwatch: first step, latest bar; 0: none yet */
    /* Not NULL: counts the steps of several runs at once. */
    _Atomic uint64_t *counter;
} progress_bar;

/* Where training stands. */
typedef struct progress_state {
    uint64_t run;         /* from 1 */
    uint64_t step, steps; /* taken in this run; in an epoch */
    double learning_rate;
    double cost, accuracy;    /* on training rows */
    double validation;        /* accuracy on validation rows when last measured */
    double images_per_second; /* of training steps alone */
} progress_state;

progress_bar progress_start(bool quiet, uint64_t runs, uint64_t epochs);

/* To be called after every step, and after every epoch. */
void progress_step(progress_bar *bar, const progress_state *state);
void progress_epoch(const progress_bar *bar, const progress_state *state);

/* For runs side by side, each with a bar of its own that is not shown: one line for all of
 * them, redrawn in place on a terminal, else ended. fraction is of the steps of this
 * session, seconds since its start. */
void progress_whole(bool terminal, const char *what, uint64_t done, uint64_t runs,
                    double fraction, double seconds);

#endif
