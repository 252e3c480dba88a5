/* The derivative of a batch's cost by one element, by central differences
 * (mlpbn/gradcheck.h). */
#ifndef MLPBN_NN_FINITE_DIFFERENCE_H
#define MLPBN_NN_FINITE_DIFFERENCE_H

#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

/* The cost as a function of the parameters of a network and of its inputs. */
typedef struct mlpbn__objective {
    mlpbn_network *network; /* in f64; its parameters may be changed */
    mlpbn_workspace *workspace;
    mlpbn__batch batch;
    const mlpbn_loss_options *loss;
    /* A hash of which side of its kinks each pre-activation and each error is on. */
    uint64_t pattern;
} mlpbn__objective;

/* Computes the cost once and sets the pattern. Returns the status of that computation. */
mlpbn_status mlpbn__objective_begin(mlpbn__objective *objective);

typedef struct mlpbn__derivative {
    double value;
    int at_kink; /* the cost is not differentiable there: value is meaningless */
} mlpbn__derivative;

/* The derivative by *p, which is restored afterwards. The first step is scale / 128. The steps
 * shrink until two estimates differ by less than tolerance * max(|value|, floor) / 1000. */
mlpbn__derivative mlpbn__differentiate(const mlpbn__objective *objective, double *p,
                                       double scale, double tolerance, double floor);

#endif
