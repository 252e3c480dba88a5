/* The derivative of a batch's cost by one number, from differences (mlpbn/gradcheck.h). */
#ifndef MLPBN_API_DIFFERENCE_H
#define MLPBN_API_DIFFERENCE_H

#include "model/model.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>
#include <mlpbn/rows.h>

typedef struct mlpbn__objective {
    mlpbn_network *network; /* in f64, and ours to nudge */
    mlpbn_workspace *workspace;
    const mlpbn_rows *rows;
    const mlpbn_loss_options *loss; /* NULL: the defaults */
    uint64_t pattern;               /* which side of its kink every number is on */
} mlpbn__objective;

/* Sets the pattern; the status is that of the cost. */
mlpbn_status mlpbn__objective_begin(mlpbn__objective *objective);

typedef struct mlpbn__derivative {
    double value;
    int at_kink; /* there is none */
} mlpbn__derivative;

/* By *p, which is as it was afterwards; first nudged by scale / 128. Two estimates agree
 * when they differ by less than tolerance * max(|value|, floor) / 1000. */
mlpbn__derivative mlpbn__differentiate(const mlpbn__objective *objective, double *p,
                                       double scale, double tolerance, double floor);

#endif
