/* The computations over a network and a workspace, by dtype. They are written once on
 * `real`; a table per dtype lets the entry points call them without knowing it.
 *
 * Arguments are checked before: shapes, labels, indices, dtypes and the workspace fit. */
#ifndef MLPBN_NN_TYPED_OPS_H
#define MLPBN_NN_TYPED_OPS_H

#include "kernel/moments.h"
#include "nn/optimizer.h"
#include "nn/rows.h"
#include "nn/workspace.h"

#include <mlpbn/loss.h>
#include <mlpbn/rows.h>

/* The L2 penalty factor / 2 * sum p^2, whose derivative is factor * p. */
typedef struct mlpbn__decay {
    double factor;
    unsigned kinds; /* of tensors: bits MLPBN_KIND_BIT */
} mlpbn__decay;

static inline int mlpbn__decays(const mlpbn__decay *decay, mlpbn_tensor_kind kind)
{
    return decay->factor > 0 && (decay->kinds & MLPBN_KIND_BIT(kind)) != 0;
}

typedef struct mlpbn__typed_ops {
    /* Whether the backward pass of this activation wants what the forward pass got. */
    int (*keeps_z)(mlpbn_activation activation);
    /* The batch times the first layer's weights, where each computation begins; sets the
     * workspace's n and, in training, x. */
    mlpbn_status (*input_layer)(const mlpbn_network *network, mlpbn_workspace *ws,
                                const mlpbn__batch *batch);
    /* What came of that and the computation behind it; but if that was a number which is not
     * finite and a row has one, so that it is no wonder, says which row. */
    mlpbn_status (*report_nonfinite_row)(const mlpbn_network *network,
                                         mlpbn_workspace *ws, const mlpbn__batch *batch,
                                         mlpbn_status status);
    /* That to outputs, with batch statistics; or with running ones, to those of the first
     * n_layers; or to what the batchnorm of layer l normalizes, in its trace's a. */
    mlpbn_status (*forward)(const mlpbn_network *network, mlpbn_workspace *ws);
    mlpbn_status (*predict)(const mlpbn_network *network, mlpbn_workspace *ws,
                            size_t n_layers);
    mlpbn_status (*batchnorm_input)(const mlpbn_network *network, mlpbn_workspace *ws,
                                    size_t l);

    /* The outputs from and their derivatives to feature-major; y, dy: [n][outputs]. */
    void (*read_outputs)(const mlpbn_network *network, const mlpbn_workspace *ws,
                         void *y);
    mlpbn_status (*write_derivatives)(const mlpbn_network *network, mlpbn_workspace *ws,
                                      const void *dy);

    /* Adds the loss of the outputs to *score; with scale != 0 also sets their derivatives,
     * times scale. */
    void (*loss)(const mlpbn_network *network, mlpbn_workspace *ws,
                 const mlpbn_loss_options *loss, double scale, mlpbn__loss_sums *score);
    /* Derivatives by the outputs to gradients, plus those of the penalty; dx [n][inputs]
     * or NULL. */
    mlpbn_status (*backward)(const mlpbn_network *network, mlpbn_workspace *ws,
                             const mlpbn__decay *decay, void *dx);
    /* The L2 penalty. */
    double (*penalty)(const mlpbn_network *network, const mlpbn__decay *decay);
    /* Checks that the gradients, as they now are, are finite; sets gradient_magnitude. */
    mlpbn_status (*check_gradients)(const mlpbn_network *network, mlpbn_workspace *ws);
    /* Parameters by gradients; nothing is changed unless all of it stays finite. */
    mlpbn_status (*step)(mlpbn_optimizer *optimizer, mlpbn_network *network,
                         const mlpbn_workspace *ws);
    /* Running statistics by batch statistics; the end of a step. */
    void (*commit)(mlpbn_network *network, const mlpbn_workspace *ws);
    /* Adds the batch that batchnorm_input left to the moments [units] of the `before` rows
     * before it; running statistics by those of n rows. */
    void (*add_moments)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                        size_t before, mlpbn__moments *moments);
    mlpbn_status (*set_statistics)(mlpbn_layer *layer, size_t n,
                                   const mlpbn__moments *moments);
} mlpbn__typed_ops;

extern const mlpbn__typed_ops mlpbn__typed_ops_f32, mlpbn__typed_ops_f64;

static inline const mlpbn__typed_ops *mlpbn__typed_ops_of(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? &mlpbn__typed_ops_f32 : &mlpbn__typed_ops_f64;
}

#endif
