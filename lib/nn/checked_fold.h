/* Folding a network (model/folding.h), and the proof on some rows that its outputs stay. */
#ifndef MLPBN_NN_CHECKED_FOLD_H
#define MLPBN_NN_CHECKED_FOLD_H

#include "nn/rows.h"

#include <mlpbn/fold.h>

/* probe: NULL: rows drawn from options->seed. MLPBN_EACCURACY if an output differs by more than
 * the tolerance; *folded and *report are left as they were then. */
mlpbn_status mlpbn__checked_fold(mlpbn_network **folded, const mlpbn_network *network,
                                 const mlpbn_fold_options *options,
                                 const mlpbn__batch *probe, mlpbn_fold_report *report);

#endif
