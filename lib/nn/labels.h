/* Checks the labels or targets of a batch and the weights of its rows, and copies them into a
 * workspace. The table of losses says which of them each loss needs. */
#ifndef MLPBN_NN_LABELS_H
#define MLPBN_NN_LABELS_H

#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

typedef struct mlpbn__loss_traits {
    int needs_labels;        /* the loss needs class labels; otherwise targets */
    int has_classes;         /* the outputs are classes, which may have weights */
    int has_positives;       /* so may the share of a target that is 1 */
    int has_quantiles;       /* each output is a quantile of its target */
    int needs_probabilities; /* targets must be in [0, 1] */
    /* The activation that the loss contains: if it is the last layer's, the loss is computed
     * from the logits. 0: none. */
    mlpbn_activation fused_activation;
    int has_kink; /* the first or second derivative jumps where |error| is 0 or huber_delta */
} mlpbn__loss_traits;

/* Indexed by mlpbn_loss. */
extern const mlpbn__loss_traits mlpbn__losses[];

/* Reads the labels or targets and the weights of a batch of at most max_batch rows; sets
 * pass->fuses_activation. The weights are multiplied by a power of 2, so that no sum of products
 * overflows or vanishes unless the mean does; *sums, to which the losses of these rows will be
 * added, are brought to the same scale and receive the rows and their weights. */
mlpbn_status mlpbn__read_labels(mlpbn__pass *pass, const mlpbn__batch *batch,
                                const mlpbn_loss_options *loss, mlpbn__loss_sums *sums);

#endif
