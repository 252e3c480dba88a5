/* The type `real` of code that is written once and compiled for float and for double. R()
 * wraps each global name of such code: R(forward) is mlpbn__forward_f32 or
 * mlpbn__forward_f64. */
#ifndef MLPBN_BASE_REAL_H
#define MLPBN_BASE_REAL_H

#include <mlpbn/common.h>

#include <float.h>

#if MLPBN_REAL == 32
typedef float real;
#define R(name) mlpbn__##name##_f32
#define REAL_DTYPE MLPBN_F32
#define REAL_MAX FLT_MAX
#define REAL_MIN FLT_MIN
#define REAL_EPSILON FLT_EPSILON
#elif MLPBN_REAL == 64
typedef double real;
#define R(name) mlpbn__##name##_f64
#define REAL_DTYPE MLPBN_F64
#define REAL_MAX DBL_MAX
#define REAL_MIN DBL_MIN
#define REAL_EPSILON DBL_EPSILON
#else
#error "compile with -DMLPBN_REAL=32 or 64"
#endif

#endif
