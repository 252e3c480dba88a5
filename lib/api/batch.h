/* How every call that takes rows begins. */
#ifndef MLPBN_API_BATCH_H
#define MLPBN_API_BATCH_H

#include "nn/rows.h"
#include "nn/workspace.h"

/* Checks the view for this network, of at most max_rows, and makes all of it a batch. */
mlpbn_status mlpbn__check_rows(mlpbn__batch *batch, const mlpbn_network *network,
                               const mlpbn_rows *rows, size_t max_rows);

/* The same with a workspace, which gives up what it holds: a new computation begins, even if
 * it fails. */
mlpbn_status mlpbn__read_batch(mlpbn__batch *batch, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows,
                               size_t max_rows);

/* A batch for training has two rows at least, where its statistics are used. */
mlpbn_status mlpbn__check_batch_statistics(const mlpbn__batch *batch,
                                           const mlpbn_network *network);

/* A batch for training, of at most the workspace's max_batch. */
mlpbn_status mlpbn__read_training_batch(mlpbn__batch *batch, const mlpbn_network *network,
                                        mlpbn_workspace *workspace,
                                        const mlpbn_rows *rows);

#endif
