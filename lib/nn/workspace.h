/* What stands behind the handle workspace: one block of memory,
 *
 *   | workspace | profile | caches | x | partial sums | labels | targets | weights |
 *
 * and for training
 *
 *   | z, a and moments of each layer | d0 | d1 | row | gradients |
 *
 * x is batch-major, x[row][input], the rest feature-major, z[unit][row] (kernel/kernels.h).
 * A workspace for prediction has two arrays instead of the second line, which the layers
 * write in turn. */
#ifndef MLPBN_NN_WORKSPACE_H
#define MLPBN_NN_WORKSPACE_H

#include "base/parallel.h"
#include "kernel/moments.h"
#include "model/model.h"
#include "nn/pass.h"
#include "nn/profile.h"

#include <mlpbn/workspace.h>

/* What a workspace holds of the last computation. */
typedef enum mlpbn__stage {
    MLPBN__NOTHING,  /* or nothing that may be built upon */
    MLPBN__FORWARD,  /* activations and batch statistics of a training pass */
    MLPBN__GRADIENT, /* gradients too */
} mlpbn__stage;

/* What a layer's forward pass keeps for its backward pass; each array is [units][ld]. */
typedef struct mlpbn__layer_cache {
    void *z;    /* W x; with batchnorm before the activation it becomes xhat */
    void *xhat; /* the normalized input of batchnorm; NULL without */
    void *a;    /* the layer's output; may be the same array as z without batchnorm */
    mlpbn__moments *moments; /* [units]; NULL without batchnorm */
    int batch_statistics; /* the pass normalized by the batch, not by running averages */
} mlpbn__layer_cache;

struct mlpbn_workspace {
    size_t network_id; /* of the network it was made for */
    mlpbn_dtype dtype;
    mlpbn_mode mode;
    size_t max_batch;
    int threads;
    mlpbn__pool *pool;    /* NULL: computes on the caller's thread alone */
    int in_caller_memory; /* so that there is nothing to free */
    mlpbn__stage stage;
    mlpbn__pass pass; /* the last one, which made what the workspace holds */
    int is_profiled;
    mlpbn__profile *profile; /* NULL unless is_profiled */
    size_t ldx, ld;          /* strides of x and of feature-major arrays */
    void *x;                 /* [max_batch][ldx] */
    /* Of the input layer's product, cut by columns: [chunks - 1][units][ld]. NULL: it is not
     * cut by columns. */
    void *partial_sums;
    size_t n_layers;
    mlpbn__layer_cache *caches;
    void *d
        [2]; /* derivatives by a layer's output and by its input, in turn: [widest][ld] */
    uint64_t dropout_seed;
    void *row; /* [ld], one unit's batch, for as long as that unit is worked on */
    int32_t *labels;
    void *targets;         /* [outputs][ld] */
    double *weights;       /* of rows */
    double sum_of_weights; /* that the loss of these rows is divided by */
    size_t n_gradients;
    void *gradients;
    double gradient_max_abs; /* the largest |gradient| when they were computed */
};

void mlpbn__workspace_free(mlpbn_workspace *workspace);

mlpbn_status mlpbn__workspace_new(mlpbn_workspace **workspace,
                                  const mlpbn_network *network,
                                  const mlpbn_workspace_options *options);

/* How many bytes a workspace takes. */
mlpbn_status mlpbn__workspace_size(size_t *bytes, const mlpbn_network *network,
                                   const mlpbn_workspace_options *options);

/* Makes a workspace of one thread in aligned memory of mlpbn__workspace_size bytes. */
mlpbn_workspace *mlpbn__workspace_create_in(void *memory, size_t bytes,
                                            const mlpbn_network *network,
                                            const mlpbn_workspace_options *options);

/* Begins a pass of n rows, which replaces the last one. It belongs to the workspace. */
mlpbn__pass *mlpbn__pass_begin(const mlpbn_network *network, mlpbn_workspace *ws,
                               size_t n, int training);

#endif
