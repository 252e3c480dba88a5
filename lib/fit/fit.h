/* Trains a network on a data set (mlpbn/fit.h). */
#ifndef MLPBN_FIT_FIT_H
#define MLPBN_FIT_FIT_H

#include "fit/history.h"
#include "io/safetensors/checkpoint.h"
#include "nn/optimizer.h"
#include "nn/rows.h"
#include "nn/sampler.h"
#include "nn/workspace.h"

/* What mlpbn_fit is given, all checked. */
typedef struct mlpbn__fit_job {
    mlpbn_network *network;
    mlpbn_optimizer *optimizer;
    mlpbn_rows train, validation; /* views; validation.n is 0 if there is none */
    const mlpbn_loss_options *loss;
    const mlpbn_fit_options *options;
    mlpbn__optimizer_options_check_fn *check_optimizer; /* of what a checkpoint holds */
} mlpbn__fit_job;

/* Sums over the steps of an epoch so far, of which each batch counts by its rows. */
typedef struct mlpbn__epoch_sums {
    uint64_t rows, correct;
    double loss, cost;
} mlpbn__epoch_sums;

/* What a run has done so far; a checkpoint holds all of it. */
typedef struct mlpbn__fit_state {
    uint64_t epoch, step; /* finished epochs, and steps taken */
    mlpbn__epoch_sums sums;
    double seconds; /* before the last resume */
    /* Each is the monitored number of an epoch: of the best one, and of the last one that was
     * an improvement for early stopping; infinite before the first. */
    double best, improved;
    uint64_t waited; /* epochs since that improvement */
    mlpbn_plateau plateau;
    uint64_t halvings;           /* of the learning rate */
    mlpbn_network *best_network; /* NULL without validation */
    mlpbn_history *history;
} mlpbn__fit_state;

/* A run: the job, its state and its tools. */
typedef struct mlpbn__fit_run {
    mlpbn__fit_job job;
    mlpbn__fit_state state;
    mlpbn_workspace *workspace;
    mlpbn_sampler *sampler;
    double begin;      /* mlpbn__now() when this call began */
    mlpbn_fit_end end; /* 0: training goes on */
} mlpbn__fit_run;

/* Trains. *history receives the history if training has begun; history may be NULL. */
mlpbn_status mlpbn__fit(const mlpbn__fit_job *job, mlpbn_history **history);

#endif
