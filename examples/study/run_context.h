/* The objects of one training run. */
#ifndef RUN_CONTEXT_H
#define RUN_CONTEXT_H

#include "augment.h"
#include "run.h"

enum { EVALUATION_BATCH = 1000 }; /* rows; larger batches are evaluated faster */

typedef struct run_context {
    const run_setup *setup;
    const cifar_data *full_size; /* the pictures before downsampling, to be augmented */
    mlpbn_network *network;
    mlpbn_optimizer *optimizer;
    mlpbn_sampler *sampler;
    mlpbn_workspace *training, *evaluation;
    mlpbn_loss_options loss;
    augmentation augmentation;
    augmented_batch augmented; /* no pixels: without augmentation */
    uint64_t steps;            /* per epoch */
    run_state state;
    double start; /* stopwatch, less the seconds of the run before it was resumed */
} run_context;

/* Creates the objects of a run, at its beginning. Errors are fatal. */
run_context run_context_create(const run_setup *setup, uint64_t run);

/* Copies the parameters to warm_start, if there is one; destroys the objects. */
void run_context_destroy(run_context *r);

#endif
