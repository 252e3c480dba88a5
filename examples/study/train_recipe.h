/* Options of cifar_train beyond the study, and --recipe, which sets all of them at once. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "train_options.h"

cli_group train_recipe_group(train_options *options);

#endif
