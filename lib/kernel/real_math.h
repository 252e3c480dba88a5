/* REAL_MATH(exp) is expf if real is float, otherwise exp. */
#ifndef MLPBN_KERNEL_REAL_MATH_H
#define MLPBN_KERNEL_REAL_MATH_H

#include <math.h>

#if MLPBN_REAL == 32
#define REAL_MATH(name) name##f
#else
#define REAL_MATH(name) name
#endif

#endif
