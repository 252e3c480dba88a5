/* The parameters and gradients of a layer, and tiles of its units. Arrays are feature-major,
 * [units][n], with a stride of pass->ld elements from unit to unit. */
#ifndef MLPBN_NN_LAYER_PARAMS_H
#define MLPBN_NN_LAYER_PARAMS_H

#include "base/real.h"
#include "nn/workspace.h"

/* A layer's tensors, each [units]; NULL: the layer does not have it. */
typedef struct R(layer_params) {
    const real *bias, *gamma, *beta, *running_mean, *running_var;
} R(layer_params);

R(layer_params) R(params_of)(const mlpbn_layer *layer);

/* The parameter of one unit, or `fallback` if params is NULL. */
static inline real R(param_or)(const real *params, size_t unit, real fallback)
{
    return params ? params[unit] : fallback;
}

/* The parameters from this unit on, or NULL if params is NULL. */
static inline const real *R(param_at)(const real *params, size_t unit)
{
    return params ? params + unit : NULL;
}

/* Neighboring units, for which a is computed from z together. */
typedef struct mlpbn__unit_tile {
    size_t first, units;
} mlpbn__unit_tile;

/* y = x + bias for a tile, with padding zeroed; bias: [units] of the layer, or NULL. */
void R(add_bias)(const mlpbn__pass *pass, mlpbn__unit_tile tile, const real *bias,
                 const real *x, real *y);

/* The gradient of a layer's tensor; NULL if it has no such tensor. */
real *R(gradient_of)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                     mlpbn_tensor_kind kind);

enum { R(MAX_TILE_UNITS) = 128 };

/* The number of units of a tile. If nothing but padding lies between the units (ld is the padded
 * n, not that of a larger batch), a tile is as large as stays in the L1 cache from one operation
 * to the next; otherwise it is one unit. */
size_t R(tile_units)(const mlpbn__pass *pass);

/* The number of elements of a tile, including the padding between its units. */
static inline size_t R(tile_length)(const mlpbn__pass *pass, mlpbn__unit_tile tile)
{
    return (tile.units - 1) * pass->ld + pass->n;
}

/* Checks that all values of the tile's units are finite. `when` completes the error text of
 * MLPBN_ENONFINITE, as in "before its activation". */
mlpbn_status R(check_finite)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                             mlpbn__unit_tile tile, const real *values, const char *when);

#endif
