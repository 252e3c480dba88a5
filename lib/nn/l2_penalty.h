/* The L2 penalty of a cost: factor / 2 * sum p^2, whose derivative is factor * p. */
#ifndef MLPBN_NN_L2_PENALTY_H
#define MLPBN_NN_L2_PENALTY_H

#include <mlpbn/loss.h>

typedef struct mlpbn__l2_penalty {
    double factor;
    unsigned kinds; /* of penalized tensors: bits MLPBN_KIND_BIT */
} mlpbn__l2_penalty;

static inline mlpbn__l2_penalty mlpbn__l2_penalty_of(const mlpbn_loss_options *loss)
{
    double factor = loss->penalty == MLPBN_L2_SUM ? 2 * loss->lambda : loss->lambda;
    return (mlpbn__l2_penalty){factor, loss->penalty_kinds};
}

/* The factor for tensors of this kind; 0: they are not penalized. */
static inline double mlpbn__l2_factor(const mlpbn__l2_penalty *penalty,
                                      mlpbn_tensor_kind kind)
{
    return penalty->kinds & MLPBN_KIND_BIT(kind) ? penalty->factor : 0;
}

#endif
