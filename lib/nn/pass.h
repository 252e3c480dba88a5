/* The state of one forward pass, and of the backward pass that may follow it. */
#ifndef MLPBN_NN_PASS_H
#define MLPBN_NN_PASS_H

#include "model/model.h"

#include <mlpbn/common.h>

#include <stddef.h>

typedef struct mlpbn__pass {
    const mlpbn_network *network;
    mlpbn_workspace *ws;
    size_t n; /* rows of the batch */
    /* Stride from unit to unit in feature-major arrays [units][n], in elements. It is 1 if a
     * single row is predicted: the units are then adjacent. */
    size_t ld;
    int training;          /* with batch statistics and dropout; 0: running statistics */
    int fuses_activation;  /* the loss contains the last layer's activation */
    uint64_t dropout_step; /* the network's steps when the pass began */
    mlpbn__revision revision; /* the network's when the pass began */
} mlpbn__pass;

#endif
