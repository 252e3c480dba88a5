/* The frame of a worker written in C or C++: it speaks with run.py and keeps the clock; a
 * contestant only prepares and runs. The words between driver and worker, a line each:
 *
 *   setup KEY=VALUE ...   ->  ready WHO AND HOW, or skip WHY
 *   run                   ->  done SECONDS UNITS, and maybe PHASE=SECONDS ...
 *   drop                  ->  dropped; what setup made is freed
 *
 * A unit is a step of training, a call of prediction, or whatever the kind counts. Kind
 * "memory" gives bytes instead of seconds. */
#ifndef WORKER_H
#define WORKER_H

#include "dataset.h"
#include "job.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct contestant {
    const char *name;
    bool needs_data;

    /* Makes network and whatever else a step needs. Gives NULL and a reason, in words, for
     * what the contestant cannot do. data lives until after release. */
    void *(*prepare)(const bench_job *job, const dataset *data, const char **reason);
    void (*run)(void *state, size_t units);
    void (*release)(void *state);

    /* What is counted in each unit of run, to multiply those in "done"; NULL: one. */
    double (*amount)(const void *state);

    /* Prints " PHASE=SECONDS" for each part of the last run, without blanks within; NULL:
     * nothing is known of parts. */
    void (*print_phases)(const void *state);
} contestant;

/* Serves until standard input ends; main returns what it returns. */
int worker_serve(const contestant *who);

#ifdef __cplusplus
}
#endif

#endif
