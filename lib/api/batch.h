/* Checks of arguments that all calls with rows share. Each makes *batch all of the rows. */
#ifndef MLPBN_API_BATCH_H
#define MLPBN_API_BATCH_H

#include "nn/rows.h"
#include "nn/workspace.h"

/* Checks that rows are valid for this network, and at most max_rows. */
mlpbn_status mlpbn__check_rows(mlpbn__batch *batch, const mlpbn_network *network,
                               const mlpbn_rows *rows, size_t max_rows);

/* Checks network and workspace, discards the results that the workspace holds, since a new
 * computation begins, and checks rows as above. */
mlpbn_status mlpbn__read_batch(mlpbn__batch *batch, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows,
                               size_t max_rows);

/* Checks all arguments of a training call; there may be at most max_batch rows. */
mlpbn_status mlpbn__read_training_batch(mlpbn__batch *batch, const mlpbn_network *network,
                                        mlpbn_workspace *workspace,
                                        const mlpbn_rows *rows);

#endif
