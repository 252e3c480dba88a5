/* A layer's activation, forward and backward, as the passes need it: unit by unit, or
 * across the units; or not at all, where it is part of the loss. */
#ifndef MLPBN_NN_ACTIVATION_H
#define MLPBN_NN_ACTIVATION_H

#include "base/real.h"
#include "nn/workspace.h"

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

/* The numbers from this unit on; NULL where there are none. */
static inline const real *R(number_at)(const real *numbers, size_t unit)
{
    return numbers ? numbers + unit : NULL;
}

enum { R(MOST_UNITS) = 128 };

/* So many units are done at once, from z to a: where their rows are neighbours without a gap,
 * a few kilobytes, which stay in the first-level cache from one step to the next; at most
 * MOST_UNITS. */
size_t R(group_units)(const mlpbn_workspace *ws);

/* rows [units][ld], a group's z after batchnorm or bias, padding zero, become their
 * activations; MLPBN_ENONFINITE if a number is not finite, or would not be. */
mlpbn_status R(activate_units)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                               size_t first, size_t units, real *rows);

/* d[n], the derivative by the unit's activation, becomes that by its input. */
void R(derive_unit)(const mlpbn_layer *layer, const mlpbn_workspace *ws, size_t unit,
                    real *d);

/* The same for activations across the units, after all units; they do nothing for others. */
void R(activate_layer)(const mlpbn_layer *layer, const mlpbn_workspace *ws);
void R(derive_layer)(const mlpbn_layer *layer, const mlpbn_workspace *ws, real *d);

/* Dropout of the layer's outputs a, or of the derivatives by them: the same in both. */
void R(drop)(const mlpbn_layer *layer, const mlpbn_workspace *ws, real *a);

/* MLPBN_ENONFINITE, and when that was, if a number of a group is not finite. */
mlpbn_status R(check_units)(const mlpbn_layer *layer, const mlpbn_workspace *ws,
                            size_t first, size_t units, const real *rows,
                            const char *when);

/* Whether derive_unit wants z kept. */
int R(keeps_z)(mlpbn_activation activation);

#endif
