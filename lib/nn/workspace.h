/* What stands behind the handle workspace: one block of memory,
 *
 *   | workspace | profile | traces | x | parts | labels | targets | weights |    and for training
 *   | z, a and moments of each layer | d0 | d1 | row | gradients |
 *
 * x is batch-major, x[row][input], the rest feature-major, z[unit][row] (kernel/kernels.h).
 * A workspace for prediction has, in place of the second line, two arrays that layers
 * write in turn. */
#ifndef MLPBN_NN_WORKSPACE_H
#define MLPBN_NN_WORKSPACE_H

#include "base/parallel.h"
#include "kernel/moments.h"
#include "model/model.h"
#include "nn/profile.h"

#include <mlpbn/workspace.h>

/* What a workspace holds of the last computation. */
typedef enum mlpbn__stage {
    MLPBN__NOTHING,  /* or nothing that may be built upon */
    MLPBN__FORWARD,  /* activations and batch statistics of a training pass */
    MLPBN__GRADIENT, /* gradients too */
} mlpbn__stage;

/* What a layer leaves behind for its backward pass. */
typedef struct mlpbn__layer_cache {
    void *z;    /* W x; with batchnorm before the activation it becomes xhat */
    void *xhat; /* what batchnorm normalized; NULL without */
    void *a;    /* the layer's output; may be the same array as z without batchnorm */
    mlpbn__moments *moments; /* [units]; NULL without batchnorm */
} mlpbn__layer_cache;

struct mlpbn_workspace {
    size_t network_id; /* of the network it was made for */
    mlpbn_dtype dtype;
    mlpbn_mode mode;
    size_t max_batch;
    int threads;
    mlpbn__pool *pool; /* NULL: computes on the caller's thread alone */
    int is_placed;     /* in the caller's memory */
    mlpbn__stage stage;
    int is_profiled;
    mlpbn__profile *profile; /* where it is; or NULL */
    size_t n;                /* rows of the last computation */
    size_t ldx,
        ld; /* strides of x and of feature-major arrays, which is 1 while a call of
                     * mlpbn/predict.h computes a single row: its units are neighbours */
    void *x;
    void *partial_sums; /* of the first product, by columns; NULL: not cut by columns */
    size_t n_layers;
    mlpbn__layer_cache *traces;
    void *d[2]; /* derivatives by a layer's output and by its input, in turn */
    uint64_t dropout_seed;
    uint64_t dropout_step; /* the network's, when the last forward pass began */
    void *row;             /* one unit's batch, for as long as that unit is worked on */
    int to_logits; /* the last activation is part of the loss and left out of the passes */
    int32_t *labels;
    void *targets;
    double *weights;       /* of rows */
    double sum_of_weights; /* that the loss of these rows is divided by */
    size_t n_gradients;
    void *gradients;
    double gradient_magnitude; /* of the largest gradient, when they were computed */
};

void mlpbn__workspace_free(mlpbn_workspace *workspace);

mlpbn_status mlpbn__workspace_new(mlpbn_workspace **workspace,
                                  const mlpbn_network *network,
                                  const mlpbn_workspace_options *options);

/* Bytes that it takes. */
mlpbn_status mlpbn__workspace_size(size_t *bytes, const mlpbn_network *network,
                                   const mlpbn_workspace_options *options);

/* On one thread, in memory that is aligned, of the bytes that were measured. */
mlpbn_workspace *mlpbn__workspace_create_in(void *memory, size_t bytes,
                                            const mlpbn_network *network,
                                            const mlpbn_workspace_options *options);

#endif
