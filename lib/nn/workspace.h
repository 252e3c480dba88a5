/* The struct behind the handle workspace, and its arrays, in one block of memory,
 *
 *   | workspace | profile | caches | x | partial sums | labels | targets | weights |
 *
 * and for training
 *
 *   | z, a and moments of each layer | d0 | d1 | unit_preactivation | gradients |
 *
 * x is batch-major, x[row][input]; the other arrays are feature-major, z[unit][row]
 * (kernel/kernels.h). A workspace for prediction has two arrays instead of the second line;
 * layers write to them alternately. */
#ifndef MLPBN_NN_WORKSPACE_H
#define MLPBN_NN_WORKSPACE_H

#include "base/parallel.h"
#include "kernel/moments.h"
#include "model/model.h"
#include "nn/pass.h"
#include "nn/profile.h"

#include <mlpbn/workspace.h>

/* The results that a workspace holds. */
typedef enum mlpbn__stage {
    MLPBN__NOTHING,  /* no result that a later call may use */
    MLPBN__FORWARD,  /* activations and batch statistics of a training pass */
    MLPBN__GRADIENT, /* the same, and gradients */
} mlpbn__stage;

/* The arrays that a layer's forward pass keeps for its backward pass, each [units][ld]. */
typedef struct mlpbn__layer_cache {
    void *z;    /* W x; batchnorm before the activation replaces it by xhat */
    void *xhat; /* the normalized input of batchnorm; NULL without batchnorm */
    void *a;    /* the layer's output; may be the same array as z */
    mlpbn__moments *moments; /* [units]; NULL without batchnorm */
    int batch_statistics;    /* the pass normalized by batch, not by running statistics */
} mlpbn__layer_cache;

struct mlpbn_workspace {
    size_t network_id; /* of the network it was made for */
    mlpbn_dtype dtype;
    mlpbn_mode mode;
    size_t max_batch;
    int threads;
    mlpbn__pool *pool;    /* NULL: computes on the caller's thread alone */
    int in_caller_memory; /* there is nothing to free */
    mlpbn__stage stage;
    mlpbn__pass pass; /* the last pass, whose results the workspace holds */
    int is_profiled;
    mlpbn__profile *profile; /* NULL unless is_profiled */
    size_t ldx, ld;          /* strides of x and of feature-major arrays */
    void *x;                 /* [max_batch][ldx] */
    /* Partial sums of the input layer's product, [blocks - 1][units][ld], if threads compute
     * different blocks of input columns; otherwise NULL. */
    void *partial_sums;
    size_t n_layers;
    mlpbn__layer_cache *caches;
    /* [widest layer][ld]: the derivatives by a layer's output and by its input,
     * alternately. */
    void *d[2];
    uint64_t dropout_seed;
    void *unit_preactivation; /* [ld], recomputed in the backward pass */
    int32_t *labels;          /* [max_batch], -1 where the row is ignored */
    void *targets;            /* [outputs][ld] */
    double *weights;          /* [max_batch], of the rows */
    size_t n_gradients;
    void *gradients;
    double gradient_max_abs; /* the largest |gradient| when they were last checked */
};

void mlpbn__workspace_free(mlpbn_workspace *workspace);

mlpbn_status mlpbn__workspace_new(mlpbn_workspace **workspace,
                                  const mlpbn_network *network,
                                  const mlpbn_workspace_options *options);

/* Computes the size of a workspace. */
mlpbn_status mlpbn__workspace_size(size_t *bytes, const mlpbn_network *network,
                                   const mlpbn_workspace_options *options);

/* Makes a workspace with one thread in aligned memory of mlpbn__workspace_size bytes. */
mlpbn_workspace *mlpbn__workspace_create_in(void *memory, size_t bytes,
                                            const mlpbn_network *network,
                                            const mlpbn_workspace_options *options);

/* Begins a pass of n rows. Returns &ws->pass: it replaces the last one. */
mlpbn__pass *mlpbn__pass_begin(const mlpbn_network *network, mlpbn_workspace *ws,
                               size_t n, int training);

#endif
