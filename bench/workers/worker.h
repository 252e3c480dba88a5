/* The main loop of a worker in C or C++: it implements the protocol with run.py and measures
 * time; a contestant has callbacks that prepare and run its work. The protocol, a line each:
 *
 *   setup KEY=VALUE ...   ->  ready WHO AND HOW, or skip WHY
 *   run                   ->  done SECONDS RUNS, and maybe PHASE=SECONDS ...
 *   drop                  ->  dropped, after the state of setup is freed
 *
 * A run is one training step, one prediction call, or one execution of another kind of job. The
 * kind "memory" returns bytes instead of seconds. */
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

    /* Creates the network and all that a step needs. Returns NULL and writes a reason for a job
     * that the contestant cannot do. data is valid until release. */
    void *(*prepare)(const bench_job *job, const dataset *data, const char **reason);
    void (*run)(void *state, size_t repeats);
    void (*release)(void *state);

    /* The FLOPs of one run: "done" then reports FLOPs in place of RUNS. NULL: it reports RUNS. */
    double (*flops_per_run)(const void *state);

    /* Prints " PHASE=SECONDS" for each phase of the last run, without blanks in the names;
     * NULL: phases are not measured. */
    void (*print_phases)(const void *state);
} contestant;

/* Serves until standard input ends. Returns the exit status of main. */
int worker_serve(const contestant *who);

#ifdef __cplusplus
}
#endif

#endif
