/* The checkpoint of a run of mlpbn_fit: network, optimizer, sampler and the run's state. */
#ifndef MLPBN_FIT_FIT_CHECKPOINT_H
#define MLPBN_FIT_FIT_CHECKPOINT_H

#include "fit/fit.h"

/* Saves the run to the file of its options. */
mlpbn_status mlpbn__fit_checkpoint_save(const mlpbn__fit_run *run);

/* Loads the run from that file; does nothing if there is none. If it fails, nothing has
 * changed. MLPBN_EMISMATCH if the file is that of another run. */
mlpbn_status mlpbn__fit_checkpoint_load(mlpbn__fit_run *run);

#endif
