/* What training calls share: reading a batch, its forward pass, its cost, its gradient. */
#ifndef MLPBN_API_GRADIENT_H
#define MLPBN_API_GRADIENT_H

#include "nn/typed_ops.h"

/* Reads and checks the rows of a training batch. */
mlpbn_status mlpbn__train_batch(mlpbn__batch *batch, const mlpbn_network *network,
                                mlpbn_workspace *ws, const mlpbn_rows *rows);

/* The outputs of a batch that was read, with batch statistics. */
mlpbn_status mlpbn__train_forward(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const mlpbn__batch *batch);

/* Loss, penalty and both together of these rows by the training pass. */
mlpbn_status mlpbn__train_metrics(const mlpbn_network *network, mlpbn_workspace *ws,
                                  const mlpbn_rows *rows,
                                  const mlpbn_loss_options *options,
                                  mlpbn_metrics *metrics);

/* The gradient, left in the workspace; dx: [n][inputs] or NULL. caller is what to check
 * and whether metrics are wanted, ours receives them. */
mlpbn_status mlpbn__train_gradient(const mlpbn_network *network, mlpbn_workspace *ws,
                                   const mlpbn_rows *rows,
                                   const mlpbn_loss_options *options,
                                   const mlpbn_metrics *caller, mlpbn_metrics *ours,
                                   void *dx);

#endif
