/* The derivative of a batch's cost by one element, from differences (mlpbn/gradcheck.h). */
#ifndef MLPBN_NN_FINITE_DIFFERENCE_H
#define MLPBN_NN_FINITE_DIFFERENCE_H

#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

/* The cost as a function of the elements of a network and of rows. */
typedef struct mlpbn__objective {
    mlpbn_network *network; /* in f64; its parameters may be changed */
    mlpbn_workspace *workspace;
    mlpbn__batch batch;
    const mlpbn_loss_options *loss;
    /* A hash of the side of its kink that each pre-activation and each error is on. */
    uint64_t pattern;
} mlpbn__objective;

/* Sets the pattern; the status is that of the cost. */
mlpbn_status mlpbn__objective_begin(mlpbn__objective *objective);

typedef struct mlpbn__derivative {
    double value;
    int at_kink; /* there is none */
} mlpbn__derivative;

/* By *p, which is as it was afterwards. The first step is scale / 128. Two estimates agree
 * when they differ by less than tolerance * max(|value|, floor) / 1000. */
mlpbn__derivative mlpbn__differentiate(const mlpbn__objective *objective, double *p,
                                       double scale, double tolerance, double floor);

#endif
