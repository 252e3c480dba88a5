/* Analytic gradients beside numeric ones (mlpbn/gradcheck.h). */
#ifndef MLPBN_NN_GRADIENT_CHECK_H
#define MLPBN_NN_GRADIENT_CHECK_H

#include "nn/rows.h"

#include <mlpbn/gradcheck.h>

typedef struct mlpbn__gradcheck_entry {
    char name[sizeof((mlpbn__tensor *)0)->name];
    mlpbn_gradcheck_result result;
} mlpbn__gradcheck_entry;

struct mlpbn_gradcheck_report {
    double tolerance;
    size_t n;
    mlpbn__gradcheck_entry entries[]; /* [n]: each parameter tensor, then x if checked */
};

/* The relative error that passes by default. */
static inline double mlpbn__gradcheck_tolerance(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? 1e-3 : 1e-6;
}

/* The batch was checked, and the options are complete. The report is freed by free. */
mlpbn_status mlpbn__gradient_check(mlpbn_gradcheck_report **report,
                                   const mlpbn_network *network,
                                   const mlpbn__batch *batch,
                                   const mlpbn_loss_options *loss,
                                   const mlpbn_gradcheck_options *options);

#endif
