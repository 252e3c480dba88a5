/* Checks of arguments that entry points share. Each returns MLPBN_OK, or stores an error text
 * and returns the status; `name` is the name of the argument or option in that text. */
#ifndef MLPBN_API_CHECK_H
#define MLPBN_API_CHECK_H

#include "base/error.h"
#include "nn/optimizer.h"
#include "nn/workspace.h"

/* Checks that an argument is not NULL. The error text has the argument's name. */
#define MLPBN__CHECK_POINTER(name) mlpbn__check_pointer(name, #name)

mlpbn_status mlpbn__check_pointer(const void *pointer, const char *name);

/* An option must be 0 or 1. */
mlpbn_status mlpbn__check_flag(int value, const char *name);

/* An option must be finite and at least min. */
mlpbn_status mlpbn__check_at_least(double value, double min, const char *name);

/* A set of kinds must consist of parameters. */
mlpbn_status mlpbn__check_parameter_kinds(unsigned kinds, const char *name);

/* MLPBN_DEFAULT_TOLERANCE is replaced by default_tolerance; any other tolerance must be finite
 * and > 0. */
mlpbn_status mlpbn__check_tolerance(double *tolerance, double default_tolerance);

/* An _f32 or _f64 call must have the dtype of the network. */
mlpbn_status mlpbn__check_dtype(mlpbn_dtype network, mlpbn_dtype call);

/* The workspace must hold the results of this stage. */
mlpbn_status mlpbn__check_stage(const mlpbn_workspace *workspace, mlpbn__stage stage);

/* The workspace must hold the results of this stage, computed with this network as it still
 * is: for MLPBN__FORWARD with the same parameters and standardization, for MLPBN__GRADIENT with
 * contents that were not replaced. */
mlpbn_status mlpbn__check_current(const mlpbn_workspace *workspace, mlpbn__stage stage,
                                  const mlpbn_network *network);

/* The workspace must be of mode MLPBN_TRAIN. */
mlpbn_status mlpbn__check_mode(const mlpbn_workspace *workspace);

/* The workspace, or the optimizer, must have been made for this network. */
mlpbn_status mlpbn__check_workspace(const mlpbn_workspace *workspace,
                                    const mlpbn_network *network);
mlpbn_status mlpbn__check_optimizer(const mlpbn_optimizer *optimizer,
                                    const mlpbn_network *network);

#endif
