/* What the rows of a batch should come to, labels or targets and weights, checked and
 * brought into a workspace. */
#ifndef MLPBN_NN_LABELS_H
#define MLPBN_NN_LABELS_H

#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

typedef struct mlpbn__loss_needs {
    int labels;        /* class labels; else targets */
    int classes;       /* its outputs are classes, which may have weights */
    int probabilities; /* targets are in [0, 1] */
    /* The last layer's activation that it contains, so that it starts from the logits;
     * 0: none */
    mlpbn_activation activation;
} mlpbn__loss_needs;

/* By mlpbn_loss; the loss must be known. */
const mlpbn__loss_needs *mlpbn__needs_of(mlpbn_loss loss);

/* At most max_batch rows. Also sets whether the last activation is left to the loss. */
mlpbn_status mlpbn__batch_answers(const mlpbn__batch *batch, const mlpbn_network *network,
                                  mlpbn_workspace *ws, const mlpbn_loss_options *loss);

#endif
