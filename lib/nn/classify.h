/* The classes of rows (mlpbn_classify). */
#ifndef MLPBN_NN_CLASSIFY_H
#define MLPBN_NN_CLASSIFY_H

#include "nn/rows.h"
#include "nn/workspace.h"

/* Computes labels[n], and probabilities[n][classes] unless it is NULL, of a batch of any size.
 * On an error neither changes. MLPBN_EINVAL if the outputs are no classes; MLPBN_ENOMEM. */
mlpbn_status mlpbn__classify(const mlpbn_network *network, mlpbn_workspace *workspace,
                             const mlpbn__batch *rows, int32_t *labels,
                             double *probabilities);

#endif
