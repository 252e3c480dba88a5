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

/* What a run reads and where it reports to. */
typedef struct run_setup {
    const train_options *options;
    const cifar_data *data;      /* as the network sees it */
    const cifar_data *full_size; /* before downsampling; NULL: data is not downsampled */
    /* Each run trains a copy, with initial weights from its own seed. */
    const mlpbn_network *network;
    progress_bar *bar;
    train_log *log;      /* NULL: none */
    curve_list *curves;  /* NULL: none */
    bool records_curves; /* measure before the first and after every epoch */
    /* Training rows that a point of the curves before the last is measured on; 0: all, which
     * takes a third of the time. */
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
