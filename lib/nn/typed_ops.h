/* What the entry points compute, as a table of functions by dtype. Arguments were checked:
 * shapes, indices, dtypes, options, and that workspace and optimizer are the network's. After
 * an error the network is as it was. */
#ifndef MLPBN_NN_TYPED_OPS_H
#define MLPBN_NN_TYPED_OPS_H

#include "nn/optimizer.h"
#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

/* The gradient of a batch's cost, left in the workspace. metrics, dx: or NULL. */
typedef mlpbn_status mlpbn__gradient_fn(const mlpbn_network *network, mlpbn_workspace *ws,
                                        const mlpbn__batch *batch,
                                        const mlpbn_loss_options *loss,
                                        mlpbn_metrics *metrics, void *dx);

/* The gradient, and the update of parameters and running statistics. metrics: or NULL. */
typedef mlpbn_status mlpbn__train_step_fn(mlpbn_network *network,
                                          mlpbn_optimizer *optimizer, mlpbn_workspace *ws,
                                          const mlpbn__batch *batch,
                                          const mlpbn_loss_options *loss,
                                          mlpbn_metrics *metrics);

/* The metrics of a batch, or of any number of rows. */
typedef mlpbn_status mlpbn__loss_fn(const mlpbn_network *network, mlpbn_workspace *ws,
                                    const mlpbn__batch *batch,
                                    const mlpbn_loss_options *loss,
                                    mlpbn_metrics *metrics);

/* y[n][outputs] of a batch. */
typedef mlpbn_status mlpbn__outputs_fn(const mlpbn_network *network, mlpbn_workspace *ws,
                                       const mlpbn__batch *batch, void *y);

/* From dy[n][outputs] to the gradient and dx[n][inputs], which may be NULL. */
typedef mlpbn_status mlpbn__backward_fn(mlpbn_workspace *ws, const void *dy, void *dx);

typedef mlpbn_status mlpbn__update_fn(mlpbn_network *network, mlpbn_optimizer *optimizer,
                                      mlpbn_workspace *ws);

/* Running statistics by a batch's, or by those of all rows of a view. */
typedef void mlpbn__commit_fn(mlpbn_network *network, const mlpbn_workspace *ws);
typedef mlpbn_status mlpbn__recompute_fn(mlpbn_network *network, mlpbn_workspace *ws,
                                         const mlpbn__batch *batch);

typedef struct mlpbn__typed_ops {
    mlpbn__gradient_fn *gradient;
    mlpbn__train_step_fn *train_step;
    mlpbn__loss_fn *training_loss; /* by batch statistics */
    mlpbn__outputs_fn *forward;    /* the same, kept for backward */
    mlpbn__backward_fn *backward;
    mlpbn__update_fn
        *update; /* checks the gradients, which the caller may have changed */
    mlpbn__commit_fn *commit_statistics;
    mlpbn__recompute_fn *recompute_statistics;
    mlpbn__outputs_fn *predict; /* by running statistics */
    mlpbn__loss_fn *evaluate;   /* the same */
} mlpbn__typed_ops;

extern const mlpbn__typed_ops mlpbn__typed_ops_f32, mlpbn__typed_ops_f64;

static inline const mlpbn__typed_ops *mlpbn__typed_ops_of(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? &mlpbn__typed_ops_f32 : &mlpbn__typed_ops_f64;
}

#endif
