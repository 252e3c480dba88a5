/* Reading the option structs of callers: over the defaults, checked. */
#ifndef MLPBN_API_OPTIONS_H
#define MLPBN_API_OPTIONS_H

#include "base/struct_size.h"
#include "model/model.h"

#include <mlpbn/checkpoint.h>
#include <mlpbn/file.h>
#include <mlpbn/fold.h>
#include <mlpbn/gradcheck.h>
#include <mlpbn/loss.h>
#include <mlpbn/optimizer.h>
#include <mlpbn/sampler.h>
#include <mlpbn/workspace.h>

/* struct, its public _init function's name, its defaults */
#define DEFINE_INIT(type, init, defaults)                                                \
    mlpbn_status init(type *caller, size_t struct_size)                                  \
    {                                                                                    \
        return mlpbn__struct_init(caller, struct_size, &(defaults), sizeof(defaults),    \
                                  #type);                                                \
    }

/* *ours holds the defaults; caller may be NULL. */
#define READ_OVER_DEFAULTS(ours, caller, type)                                           \
    ((caller) ? mlpbn__struct_read(ours, sizeof *(ours), caller, #type) : MLPBN_OK)

/* NULL stands for the defaults where these may be NULL: in all but network and layer. */
mlpbn_status mlpbn__read_network_options(mlpbn_network_options *ours,
                                         const mlpbn_network_options *caller);
mlpbn_status mlpbn__read_workspace_options(mlpbn_workspace_options *ours,
                                           const mlpbn_workspace_options *caller);
mlpbn_status mlpbn__read_optimizer_options(mlpbn_optimizer_options *ours,
                                           const mlpbn_optimizer_options *caller,
                                           mlpbn_dtype dtype);
mlpbn_status mlpbn__read_loss_options(mlpbn_loss_options *ours,
                                      const mlpbn_loss_options *caller,
                                      const mlpbn_network *network);
mlpbn_status mlpbn__read_gradcheck_options(mlpbn_gradcheck_options *ours,
                                           const mlpbn_gradcheck_options *caller,
                                           mlpbn_dtype dtype);
mlpbn_status mlpbn__read_fold_options(mlpbn_fold_options *ours,
                                      const mlpbn_fold_options *caller,
                                      mlpbn_dtype dtype);
mlpbn_status mlpbn__read_sampler_options(mlpbn_sampler_options *ours,
                                         const mlpbn_sampler_options *caller);

mlpbn_status mlpbn__read_load_options(mlpbn_load_options *ours,
                                      const mlpbn_load_options *caller);
mlpbn_status mlpbn__read_checkpoint(mlpbn_checkpoint *ours,
                                    const mlpbn_checkpoint *caller);

/* Those of a layer, complete for a network of this dtype. ours->batchnorm is NULL or
 * batchnorm, which receives those of its batchnorm. */
mlpbn_status mlpbn__read_layer_options(mlpbn_layer_options *ours,
                                       mlpbn_batchnorm_options *batchnorm,
                                       const mlpbn_layer_options *caller,
                                       mlpbn_dtype dtype);

mlpbn_status mlpbn__check_init(mlpbn_init init, double sigma, mlpbn_dtype dtype);

#endif
