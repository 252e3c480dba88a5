/* The progress of training on stderr: a line for each epoch and, on a terminal, a bar, which is
 * redrawn in place at most ten times a second. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress_bar {
    bool shown, terminal;
    uint64_t runs, epochs;
    double start, redrawn; /* stopwatch at first step and latest redraw; 0: none yet */
    double done_at_start;  /* share of all steps at `start`; a resumed run has some */
    /* Counts the steps of all runs of a job_pool; NULL: does not count. */
    _Atomic uint64_t *counter;
} progress_bar;

/* The state of training that a line shows. */
typedef struct progress_state {
    uint64_t run;         /* from 1 */
    uint64_t step, steps; /* steps taken in this run; steps per epoch */
    double learning_rate;
    double cost, accuracy;    /* means over the steps of this epoch */
    double validation;        /* accuracy on validation rows when last measured */
    double images_per_second; /* of training steps alone */
} progress_state;

progress_bar progress_start(bool quiet, uint64_t runs, uint64_t epochs);

/* Show the state. To be called after every step, and after every epoch. */
void progress_step(progress_bar *bar, const progress_state *state);
void progress_epoch(const progress_bar *bar, const progress_state *state);

/* Prints one line for all runs of a job_pool: redrawn in place on a terminal, else with a
 * newline. fraction: the part of this program's steps that is done; seconds: the time since it
 * started. */
void progress_overall(bool terminal, const char *what, uint64_t done, uint64_t runs,
                      double fraction, double seconds);

#endif
