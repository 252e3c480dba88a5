/* The calls that compute, in one table, for tests of what all or many of them do: refuse
 * NULL, the other dtype, parts of another network, bad rows; outputs are left alone. */
#ifndef API_CALLS_H
#define API_CALLS_H

#include "api_helpers.h"

enum call {
    GRADIENT,
    TRAIN_STEP,
    EVALUATE,
    FORWARD,
    BACKWARD,
    PREDICT,
    OPTIMIZER_STEP,
    COMMIT_STATISTICS,
    RECOMPUTE_STATISTICS,
    FIT_STANDARDIZATION,
    CREATE_SAMPLER,
    GET_GRADIENTS,
    GET_PARAMETERS,
    GET_TENSOR,
    SET_TENSOR,
    N_CALLS
};

/* Pointers that a call may take; their names in error texts are those of the fields. */
struct arguments {
    mlpbn_dtype dtype; /* which of a pair of calls is called */
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    mlpbn_optimizer *optimizer;
    const mlpbn_rows *rows;
    const mlpbn_loss_options *loss;
    mlpbn_metrics *metrics;
    void *y, *dy, *dx, *values; /* of the dtype */
    void *data;                 /* receives a pointer */
    size_t *n;
};

enum {
    TAKES_NETWORK = 1,
    TAKES_WORKSPACE = 2,
    TAKES_OPTIMIZER = 4,
    TAKES_ROWS = 8,
    TAKES_METRICS = 16,
    TAKES_Y = 32,
    TAKES_DY = 64,
    TAKES_VALUES = 128,
    TAKES_DATA = 256,
    TAKES_N = 512,
    N_POINTERS = 10,
    IS_TYPED = 1024,   /* there is one for each dtype */
    IS_TRAINING = 2048 /* not with a workspace for prediction alone */
};

struct call_properties {
    const char *name;
    unsigned flags; /* the pointers that must not be NULL, and more of the above */
    mlpbn_status (*run)(const struct arguments *arguments);
};
extern const struct call_properties api_calls[N_CALLS];

/* Arguments with which every call succeeds, after prepare_call. Static outputs. */
struct arguments arguments_of(const struct setup *setup);

/* NULL in place of pointer number i. */
const char *null_pointer(struct arguments *arguments, size_t i);

/* Calls; if it fails, all outputs are as they were. */
mlpbn_status call_with(enum call call, const struct arguments *arguments);
mlpbn_status call_rows(enum call call, const struct setup *setup, const mlpbn_rows *rows,
                       const mlpbn_loss_options *loss);

/* Makes what the call needs: a forward pass before backward, a gradient before a step. */
void prepare_call(enum call call, const struct setup *setup);

#endif
