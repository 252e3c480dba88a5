/* One batch on its way through a network. */
#ifndef MLPBN_NN_PASS_H
#define MLPBN_NN_PASS_H

#include <mlpbn/common.h>

#include <stddef.h>

typedef struct mlpbn__pass {
    const mlpbn_network *network;
    mlpbn_workspace *ws;
    size_t n; /* rows of the batch */
    /* Elements from unit to unit in feature-major arrays [units][n]. It is 1 where a single
     * row is predicted: then the units are neighbors. */
    size_t ld;
    int training;          /* batch statistics and dropout; else running statistics */
    int fuses_activation;  /* the loss contains the last activation, which is left out */
    uint64_t dropout_step; /* the network's steps when the pass began */
} mlpbn__pass;

#endif
