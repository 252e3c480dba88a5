/* What the parts of a layer share: its parameters and gradients, and tiles of units. Arrays are
 * feature-major, [units][n] with pass->ld elements from unit to unit. */
#ifndef MLPBN_NN_LAYER_PARAMS_H
#define MLPBN_NN_LAYER_PARAMS_H

#include "base/real.h"
#include "nn/workspace.h"

/* A layer's arrays [units]; NULL where it has no such tensor. */
typedef struct R(layer_params) {
    const real *bias, *gamma, *beta, *running_mean, *running_var;
} R(layer_params);

R(layer_params) R(params_of)(const mlpbn_layer *layer);

/* The parameter of one unit; fallback where the layer has no such tensor. */
static inline real R(param_or)(const real *params, size_t unit, real fallback)
{
    return params ? params[unit] : fallback;
}

/* The parameters from this unit on; NULL where there are none. */
static inline const real *R(param_at)(const real *params, size_t unit)
{
    return params ? params + unit : NULL;
}

/* The gradient of a layer's tensor; NULL if it has no such tensor. */
real *R(gradient_of)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                     mlpbn_tensor_kind kind);

/* Neighboring units that go from z to a together. */
typedef struct mlpbn__unit_tile {
    size_t first, units;
} mlpbn__unit_tile;

enum { R(MAX_TILE_UNITS) = 128 };

/* How many units a tile has: if their rows lie side by side, as many as take a few kilobytes,
 * which stay in L1 from one operation to the next; else one. */
size_t R(tile_units)(const mlpbn__pass *pass);

/* The elements of a tile with the padding between its rows. */
static inline size_t R(tile_length)(const mlpbn__pass *pass, mlpbn__unit_tile tile)
{
    return (tile.units - 1) * pass->ld + pass->n;
}

/* MLPBN_ENONFINITE, saying when, if an element of rows, those of the tile, is not finite. */
mlpbn_status R(check_units)(const mlpbn__pass *pass, const mlpbn_layer *layer,
                            mlpbn__unit_tile tile, const real *rows, const char *when);

#endif
