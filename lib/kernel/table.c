/* The table of the kernels of this instruction set. */
#include "kernel/simd.h"

#define NAME_OF(isa) #isa
#define NAME_OF_VALUE(isa) NAME_OF(isa)

const R(kernels) K(kernels) = {
    .name = NAME_OF_VALUE(MLPBN_ISA),
    .gemm_dot = K(gemm_dot),
    .gemm_outer = K(gemm_outer),
    .gather = K(gather),
    .max_abs = K(max_abs),
    .sum = K(sum),
    .sum_squares = K(sum_squares),
    .mean = K(mean),
    .sum_squared_deviations = K(sum_squared_deviations),
    .axpy = K(axpy),
    .batchnorm_forward = K(batchnorm_forward),
    .batchnorm_backward = K(batchnorm_backward),
    .frozen_backward = K(frozen_backward),
    .running_affine = K(running_affine),
    .affine = K(affine),

    .activations = K(activations),
    .softmax_forward = K(softmax_forward),
    .softmax_backward = K(softmax_backward),
    .dropout = K(dropout),
    .losses = K(losses),
    .updates = K(updates),
};
