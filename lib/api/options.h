/* Reads the option structs of callers: completes them with defaults and checks their ranges.
 * Each function receives the caller's struct and writes *options, which has all fields. */
#ifndef MLPBN_API_OPTIONS_H
#define MLPBN_API_OPTIONS_H

#include "base/struct_size.h"
#include "model/model.h"

#include <mlpbn/checkpoint.h>
#include <mlpbn/file.h>
#include <mlpbn/fit.h>
#include <mlpbn/fold.h>
#include <mlpbn/gradcheck.h>
#include <mlpbn/loss.h>
#include <mlpbn/optimizer.h>
#include <mlpbn/sampler.h>
#include <mlpbn/schedule.h>
#include <mlpbn/workspace.h>

/* Defines the public _init function of a struct, whose defaults are an object of this type. */
#define DEFINE_INIT(type, init, defaults)                                                \
    mlpbn_status init(type *caller, size_t struct_size)                                  \
    {                                                                                    \
        return mlpbn__struct_init(caller, struct_size, &(defaults), sizeof(defaults),    \
                                  #type);                                                \
    }

/* Reads the caller's struct over the defaults that *options holds. caller may be NULL. */
#define READ_OVER_DEFAULTS(options, caller, type)                                        \
    ((caller) ? mlpbn__struct_read(options, sizeof *(options), caller, #type) : MLPBN_OK)

/* The options of a network; caller must not be NULL. */
mlpbn_status mlpbn__read_network_options(mlpbn_network_options *options,
                                         const mlpbn_network_options *caller);

/* The options of a layer of a network of this dtype; caller must not be NULL. *batchnorm
 * receives the options of the layer's batchnorm, and options->batchnorm points to it; if the
 * layer has none, options->batchnorm is NULL. */
mlpbn_status mlpbn__read_layer_options(mlpbn_layer_options *options,
                                       mlpbn_batchnorm_options *batchnorm,
                                       const mlpbn_layer_options *caller,
                                       mlpbn_dtype dtype);

/* The options of other objects and calls. If caller is NULL, they are the defaults. */
mlpbn_status mlpbn__read_workspace_options(mlpbn_workspace_options *options,
                                           const mlpbn_workspace_options *caller);
mlpbn_status mlpbn__read_optimizer_options(mlpbn_optimizer_options *options,
                                           const mlpbn_optimizer_options *caller,
                                           mlpbn_dtype dtype);

/* Checks the ranges of options in which defaults such as MLPBN_DEFAULT_LEARNING_RATE have been
 * filled in. Options without effect, which a file may hold, are allowed. */
mlpbn_status mlpbn__check_optimizer_ranges(const mlpbn_optimizer_options *options,
                                           mlpbn_dtype dtype);

mlpbn_status mlpbn__read_loss_options(mlpbn_loss_options *options,
                                      const mlpbn_loss_options *caller,
                                      const mlpbn_network *network);
mlpbn_status mlpbn__read_gradcheck_options(mlpbn_gradcheck_options *options,
                                           const mlpbn_gradcheck_options *caller,
                                           mlpbn_dtype dtype);
/* Those of mlpbn_fit with this loss. *plateau receives the options that options->plateau then
 * points to, unless that is NULL. Validation rows are checked elsewhere. */
mlpbn_status mlpbn__read_fit_options(mlpbn_fit_options *options,
                                     mlpbn_plateau_options *plateau,
                                     const mlpbn_fit_options *caller,
                                     const mlpbn_loss_options *loss);
mlpbn_status mlpbn__read_fold_options(mlpbn_fold_options *options,
                                      const mlpbn_fold_options *caller,
                                      mlpbn_dtype dtype);
mlpbn_status mlpbn__read_sampler_options(mlpbn_sampler_options *options,
                                         const mlpbn_sampler_options *caller);

/* The options of a schedule; caller, its own struct, must not be NULL. */
mlpbn_status
mlpbn__read_constant_schedule_options(mlpbn_constant_schedule_options *options,
                                      const void *caller);
mlpbn_status mlpbn__read_step_schedule_options(mlpbn_step_schedule_options *options,
                                               const void *caller);
mlpbn_status
mlpbn__read_exponential_schedule_options(mlpbn_exponential_schedule_options *options,
                                         const void *caller);
mlpbn_status mlpbn__read_cosine_schedule_options(mlpbn_cosine_schedule_options *options,
                                                 const void *caller);
mlpbn_status
mlpbn__read_one_cycle_schedule_options(mlpbn_one_cycle_schedule_options *options,
                                       const void *caller);
mlpbn_status mlpbn__read_warmup_schedule_options(mlpbn_warmup_schedule_options *options,
                                                 const void *caller);
mlpbn_status mlpbn__read_plateau_options(mlpbn_plateau_options *options,
                                         const mlpbn_plateau_options *caller);

/* The state of reduction on a plateau; caller must not be NULL. */
mlpbn_status mlpbn__read_plateau(mlpbn_plateau *state, const mlpbn_plateau *caller);

mlpbn_status mlpbn__read_load_options(mlpbn_load_options *options,
                                      const mlpbn_load_options *caller);

/* The parts of a checkpoint; caller must not be NULL. */
mlpbn_status mlpbn__read_checkpoint(mlpbn_checkpoint *parts,
                                    const mlpbn_checkpoint *caller);

/* Checks the options init and init_sigma of a layer. */
mlpbn_status mlpbn__check_init(mlpbn_init init, double sigma, mlpbn_dtype dtype);

#endif
