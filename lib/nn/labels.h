/* Labels or targets of a batch, and the weights of its rows, checked and brought into a
 * workspace; and what each loss needs of them. */
#ifndef MLPBN_NN_LABELS_H
#define MLPBN_NN_LABELS_H

#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>

typedef struct mlpbn__loss_traits {
    int needs_labels;        /* class labels; else targets */
    int has_classes;         /* its outputs are classes, which may have weights */
    int needs_probabilities; /* targets are in [0, 1] */
    /* The last layer's activation that the loss contains, so that it starts from the logits;
     * 0: none */
    mlpbn_activation fused_activation;
    int has_kink; /* its derivative jumps, or has a bend, where |error| is 0 or huber_delta */
} mlpbn__loss_traits;

/* By mlpbn_loss. */
extern const mlpbn__loss_traits mlpbn__losses[];

/* Reads those of a batch of at most max_batch rows; sets pass->fuses_activation. */
mlpbn_status mlpbn__read_labels(mlpbn__pass *pass, const mlpbn__batch *batch,
                                const mlpbn_loss_options *loss);

/* The sum of the weights of rows must be above 0, and finite. */
mlpbn_status mlpbn__check_weight_sum(double sum);

#endif
