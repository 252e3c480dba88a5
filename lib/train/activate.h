/* A layer's activation, forward and backward, as the passes need it: unit by unit, or
 * across the units; or not at all, where it is part of the loss. */
#ifndef MLPBN_TRAIN_ACTIVATE_H
#define MLPBN_TRAIN_ACTIVATE_H

#include "base/real.h"
#include "train/workspace_block.h"

/* A layer's numbers; NULL where it has no such tensor. */
typedef struct R(numbers) {
    const real *bias, *gamma, *beta, *mean, *variance;
} R(numbers);

R(numbers) R(numbers_of)(const mlpbn_layer *layer);

/* The number of one unit, or what stands for it where there is none. */
static inline real R(number)(const real *numbers, size_t unit, real otherwise)
{
    return numbers ? numbers[unit] : otherwise;
}

/* row[n], the unit's z after batchnorm or bias, becomes its activation; MLPBN_ENONFINITE
 * if it is not finite, or would not be. */
mlpbn_status R(activate_unit)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                              size_t unit, real *row);

/* d[n], the derivative by the unit's activation, becomes that by its input. */
void R(derive_unit)(const mlpbn_layer *layer, const mlpbn_workspace *ws, size_t unit,
                    real *d);

/* The same for activations across the units, after all units; they do nothing for others. */
void R(activate_layer)(const mlpbn_layer *layer, const mlpbn_workspace *ws);
void R(derive_layer)(const mlpbn_layer *layer, const mlpbn_workspace *ws, real *d);

/* Dropout of the layer's outputs a, or of the derivatives by them: the same in both. */
void R(drop)(const mlpbn_layer *layer, const mlpbn_workspace *ws, real *a);

/* MLPBN_ENONFINITE, and when that was, if a number is not finite. */
mlpbn_status R(check_row)(const mlpbn_layer *layer, size_t unit, size_t n,
                          const real *row, const char *when);

/* Whether derive_unit wants z kept. */
int R(keeps_z)(mlpbn_activation activation);

#endif
