/* One training run by the published protocol: rows are shuffled every epoch, and plain SGD
 * takes a step for each batch, with the cyclic learning rate of that step. Options of
 * train_recipe.h change it. */
#ifndef RUN_H
#define RUN_H

#include "../cifar.h"
#include "curves.h"
#include "progress.h"
#include "resume.h"
#include "train_log.h"
#include "train_options.h"

/* The inputs of a run, and where its progress and curves are written. */
typedef struct run_setup {
    const train_options *options;
    const cifar_data *data;      /* the network's inputs */
    const cifar_data *full_size; /* before downsampling; NULL: data is not downsampled */
    /* Each run trains a copy, with initial weights from its own seed. */
    const mlpbn_network *network;
    progress_bar *bar;
    train_log *log;      /* NULL: none */
    curve_list *curves;  /* NULL: none */
    bool records_curves; /* measure before the first and after every epoch */
    /* The number of training rows that points of the curves are measured on, except the last; 0:
     * all, which takes a third of the run's time. */
    size_t curve_rows;
    const resume_context *resume; /* NULL: no checkpoints */
    /* NULL: no warm start. Else the run starts from these parameters instead of initial
     * weights, and writes the trained ones back. */
    mlpbn_network *warm_start;
} run_setup;

/* The number of steps in a run. */
uint64_t run_steps(const train_options *options, const cifar_data *data);

/* Trains a copy of the network and measures it; runs count from 1. Errors are fatal. */
run_result train_run(const run_setup *setup, uint64_t run);

#endif
