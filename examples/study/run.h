/* One training run: the published protocol for these networks. Rows are
 * shuffled every epoch; plain SGD takes a step a batch, with the cyclic learning rate of
 * that step. */
#ifndef RUN_H
#define RUN_H

#include "../cifar.h"
#include "curves.h"
#include "progress.h"
#include "resume.h"
#include "train_log.h"
#include "train_options.h"

/* What a run reads and where it reports to. */
typedef struct trial_setup {
    const train_options *options;
    const cifar_data *data;  /* as the network sees it */
    const cifar_data *whole; /* before it was shrunk; NULL: it was not */
    const mlpbn_network *prototype;
    progress_bar *bar;
    train_log *log;     /* NULL: none */
    curve_list *curves; /* NULL: none */
    bool drawn;         /* measure the start and every epoch, for log and curves */
    size_t curve_rows;  /* training rows that a point before the end is measured on, which
                         * takes a third of the time if it is all; 0: all */
    const resume_point *resume; /* NULL: no checkpoints */
    /* Not NULL: a copy of the prototype that the run starts from, whatever the seed says,
     * and leaves its own parameters in. */
    mlpbn_network *carried;
} trial_setup;

/* Steps of a run, for the time that is left. */
uint64_t trial_steps(const train_options *options, const cifar_data *data);

/* Trains a copy of the prototype; runs count from 1. Errors are fatal. */
trial_result trial_run(const trial_setup *setup, uint64_t run);

#endif
