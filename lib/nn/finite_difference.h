/* The derivative of a batch's cost by one element, by central differences
 * (mlpbn/gradcheck.h). */
#ifndef MLPBN_NN_FINITE_DIFFERENCE_H
#define MLPBN_NN_FINITE_DIFFERENCE_H

#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/gradcheck.h>
#include <mlpbn/loss.h>

/* Why an element has no numeric derivative; the layer is that of an activation's kink. */
typedef struct mlpbn__obstacle {
    mlpbn_skip_reason reason; /* MLPBN_NOT_SKIPPED: there is none */
    size_t layer;
} mlpbn__obstacle;

/* The cost as a function of the parameters of a network and of its inputs. */
typedef struct mlpbn__objective {
    mlpbn_network *network; /* in f64; its parameters may be changed */
    mlpbn_workspace *workspace;
    mlpbn__batch batch;
    const mlpbn_loss_options *loss;
    double cost_noise; /* a bound of the cost's rounding errors */
    /* [n_layers + 1] each, for each layer a hash of which side of its kinks each pre-activation
     * is on, then one of the errors and the kinks of the loss: at the point where the cost is
     * differentiated, and at a point nearby. */
    uint64_t *patterns, *nearby;
} mlpbn__objective;

/* Computes the cost once and sets the patterns. Returns the status of that computation, or
 * MLPBN_ENOMEM. */
mlpbn_status mlpbn__objective_begin(mlpbn__objective *objective);

void mlpbn__objective_end(mlpbn__objective *objective);

/* Whether the last pass in this workspace, of a network of the same layers in any dtype, had a
 * unit or an error on another side of a kink than the objective has. */
mlpbn__obstacle mlpbn__rounded_across_kink(const mlpbn__objective *objective,
                                           const mlpbn_network *network,
                                           const mlpbn_workspace *workspace);

typedef struct mlpbn__derivative {
    double value;
    double error;             /* that rounding of the cost may cause in the value */
    mlpbn__obstacle obstacle; /* if there is one, value is meaningless */
} mlpbn__derivative;

/* The derivative by *p, which is restored afterwards. The first step is scale / 128. The steps
 * shrink until two estimates differ by less than tolerance * max(|value|, floor) / 1000. */
mlpbn__derivative mlpbn__differentiate(const mlpbn__objective *objective, double *p,
                                       double scale, double tolerance, double floor);

#endif
