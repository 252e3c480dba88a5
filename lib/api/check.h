/* Checks that every entry point makes before it calls down. */
#ifndef MLPBN_API_CHECK_H
#define MLPBN_API_CHECK_H

#include "base/error.h"
#include "nn/optimizer.h"
#include "nn/workspace.h"

/* One pointer that must not be NULL; name is the argument's. */
#define MLPBN__CHECK_POINTER(name) mlpbn__check_pointer(name, #name)

mlpbn_status mlpbn__check_pointer(const void *pointer, const char *name);

/* An option that is 0 or 1; a finite one with least <= value. */
mlpbn_status mlpbn__check_flag(int value, const char *name);
mlpbn_status mlpbn__check_at_least(double value, double least, const char *name);

mlpbn_status mlpbn__check_dtype(mlpbn_dtype of_network, mlpbn_dtype of_call);

/* The workspace holds what this call builds upon; it was made for training. */
mlpbn_status mlpbn__check_stage(const mlpbn_workspace *workspace, mlpbn__stage stage);
mlpbn_status mlpbn__check_mode(const mlpbn_workspace *workspace);

/* Workspace and optimizer were made for this network. */
mlpbn_status mlpbn__check_workspace(const mlpbn_workspace *workspace,
                                    const mlpbn_network *network);
mlpbn_status mlpbn__check_optimizer(const mlpbn_optimizer *optimizer,
                                    const mlpbn_network *network);

#endif
