/* A training run in a safetensors file (mlpbn/checkpoint.h). */
#ifndef MLPBN_IO_SAFETENSORS_CHECKPOINT_H
#define MLPBN_IO_SAFETENSORS_CHECKPOINT_H

#include "io/input.h"
#include "io/output.h"

#include <mlpbn/checkpoint.h>
#include <mlpbn/optimizer.h>

/* Saves the parts that are not NULL. parts: already checked */
mlpbn_status mlpbn__checkpoint_save(const mlpbn_checkpoint *parts, mlpbn__target target);

/* Checks the ranges of an optimizer's options for a network of this dtype. */
typedef mlpbn_status
mlpbn__optimizer_options_check_fn(const mlpbn_optimizer_options *options,
                                  mlpbn_dtype dtype);

/* Loads into all parts that are not NULL or, if it fails, into none. Sets parts->state_size. */
mlpbn_status mlpbn__checkpoint_load(mlpbn_checkpoint *parts, mlpbn__source source,
                                    mlpbn__optimizer_options_check_fn *check_options);

/* Loads the state alone into a new block of *size bytes, which the caller frees by
 * mlpbn__memory_free. */
mlpbn_status mlpbn__checkpoint_load_state(void **state, size_t *size,
                                          mlpbn__source source);

#endif
