/* The table of activations: one row holds all that the library knows of one, but for the
 * kernels that compute it (kernel/activations.c). */
#ifndef MLPBN_MODEL_ACTIVATION_TABLE_H
#define MLPBN_MODEL_ACTIVATION_TABLE_H

#include <mlpbn/layer.h>

typedef struct mlpbn__activation_traits {
    const char *name;        /* in files */
    double default_alpha;    /* 0: it has no alpha */
    int needs_preactivation; /* its derivative is computed from f's input, not output */
    int has_kink;            /* f' jumps at 0 */
    int unbounded;           /* |f(z)| may be larger than |z| + 1, and so overflow */
} mlpbn__activation_traits;

/* By mlpbn_activation. */
extern const mlpbn__activation_traits mlpbn__activations[];

#endif
