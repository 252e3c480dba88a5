/* The computations behind the public functions, as a table of functions for each dtype.
 * Arguments were checked: shapes, indices, dtypes, options, and that workspace and optimizer
 * belong to the network. On an error the network does not change. */
#ifndef MLPBN_NN_TYPED_OPS_H
#define MLPBN_NN_TYPED_OPS_H

#include "nn/optimizer.h"
#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

/* Computes the gradient of a batch's cost, in the workspace. metrics and dx may be NULL. */
typedef mlpbn_status mlpbn__gradient_fn(const mlpbn_network *network, mlpbn_workspace *ws,
                                        const mlpbn__batch *batch,
                                        const mlpbn_loss_options *loss,
                                        mlpbn_metrics *metrics, void *dx);

/* Computes the gradient, and updates parameters and running statistics. metrics may be
 * NULL. */
typedef mlpbn_status mlpbn__train_step_fn(mlpbn_network *network,
                                          mlpbn_optimizer *optimizer, mlpbn_workspace *ws,
                                          const mlpbn__batch *batch,
                                          const mlpbn_loss_options *loss,
                                          mlpbn_metrics *metrics);

/* Computes the metrics of a batch. For evaluate, it may be larger than max_batch. */
typedef mlpbn_status mlpbn__loss_fn(const mlpbn_network *network, mlpbn_workspace *ws,
                                    const mlpbn__batch *batch,
                                    const mlpbn_loss_options *loss,
                                    mlpbn_metrics *metrics);

/* Computes the outputs y[n][outputs] of a batch. */
typedef mlpbn_status mlpbn__outputs_fn(const mlpbn_network *network, mlpbn_workspace *ws,
                                       const mlpbn__batch *batch, void *y);

/* Computes the gradient, and dx[n][inputs] unless it is NULL, from dy[n][outputs]. */
typedef mlpbn_status mlpbn__backward_fn(mlpbn_workspace *ws, const void *dy, void *dx);

/* Updates the parameters and running statistics by the last gradient and its batch. */
typedef mlpbn_status mlpbn__update_fn(mlpbn_network *network, mlpbn_optimizer *optimizer,
                                      mlpbn_workspace *ws);

/* Updates the running statistics by those of the last batch. */
typedef void mlpbn__commit_fn(mlpbn_network *network, const mlpbn_workspace *ws);
/* Replaces the running statistics by those of all rows of a view. */
typedef mlpbn_status mlpbn__recompute_fn(mlpbn_network *network, mlpbn_workspace *ws,
                                         const mlpbn__batch *batch);

typedef struct mlpbn__typed_ops {
    mlpbn__gradient_fn *gradient;
    mlpbn__train_step_fn *train_step;
    mlpbn__loss_fn *training_loss; /* with batch statistics */
    mlpbn__outputs_fn *forward;    /* with batch statistics; `backward` may follow */
    mlpbn__backward_fn *backward;
    mlpbn__update_fn *update; /* checks the gradients: the caller may have changed them */
    mlpbn__commit_fn *commit_statistics;
    mlpbn__recompute_fn *recompute_statistics;
    mlpbn__outputs_fn *predict; /* with running statistics */
    mlpbn__loss_fn *evaluate;   /* with running statistics */
} mlpbn__typed_ops;

extern const mlpbn__typed_ops mlpbn__typed_ops_f32, mlpbn__typed_ops_f64;

static inline const mlpbn__typed_ops *mlpbn__typed_ops_of(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? &mlpbn__typed_ops_f32 : &mlpbn__typed_ops_f64;
}

#endif
