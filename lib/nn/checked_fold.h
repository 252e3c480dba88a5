/* Folds a network (model/folding.h), and checks on some rows that its outputs stay the
 * same. */
#ifndef MLPBN_NN_CHECKED_FOLD_H
#define MLPBN_NN_CHECKED_FOLD_H

#include "nn/rows.h"

#include <mlpbn/fold.h>

/* probe: the rows that are compared; NULL: random rows, generated from options->seed.
 * MLPBN_EACCURACY if an output differs by more than the tolerance. On an error *folded and
 * *report do not change. */
mlpbn_status mlpbn__checked_fold(mlpbn_network **folded, const mlpbn_network *network,
                                 const mlpbn_fold_options *options,
                                 const mlpbn__batch *probe, mlpbn_fold_report *report);

#endif
