/* What cifar_train can do beyond the study: options for it, and all of them at once. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "train_options.h"

cli_group train_recipe_group(train_options *options);

#endif
