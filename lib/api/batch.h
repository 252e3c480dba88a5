/* How every call that takes rows begins. */
#ifndef MLPBN_API_BATCH_H
#define MLPBN_API_BATCH_H

#include "train/row_view.h"

/* Checks network, workspace and the view against each other; of at most `most` rows; and
 * makes all of the view a batch. What the workspace held is given up: a new
 * computation begins, even if it fails. */
mlpbn_status mlpbn__batch_read(mlpbn__batch *batch, const mlpbn_network *network,
                               mlpbn_workspace *workspace, const mlpbn_rows *rows,
                               size_t most);

#endif
