/* How every call that takes rows begins. */
#ifndef MLPBN_API_BATCH_H
#define MLPBN_API_BATCH_H

#include "nn/rows.h"

/* Checks network, workspace and the view against each other; of at most `most` rows; and
 * makes all of the view a batch. What the workspace held is given up: a new
 * computation begins, even if it fails. */
mlpbn_status mlpbn__batch_read(mlpbn__batch *batch, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows,
                               size_t most);

/* Goes on to the next rows of the view, at most so many; 0 when there are none left. Begins
 * with the first ones where batch->n is 0. */
int mlpbn__batch_next(mlpbn__batch *batch, size_t most);

#endif
