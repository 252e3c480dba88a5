/* What every header of libmlpbn uses: linkage, attributes, dtypes, handles. */
#ifndef MLPBN_COMMON_H
#define MLPBN_COMMON_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define MLPBN_BEGIN extern "C" {
#define MLPBN_END }
#else
#define MLPBN_BEGIN
#define MLPBN_END
#endif

#if defined(__GNUC__)
#define MLPBN_API __attribute__((visibility("default")))
#define MLPBN_MUST_CHECK __attribute__((warn_unused_result))
#else
#define MLPBN_API
#define MLPBN_MUST_CHECK
#endif

/* A size or a number of steps in an initializer of a struct. C++ would refuse an int variable
 * there, because it might be negative. */
#ifdef __cplusplus
#define MLPBN__SIZE(n) static_cast<size_t>(n)
#define MLPBN__STEPS(n) static_cast<uint64_t>(n)
#else
#define MLPBN__SIZE(n) ((size_t)(n))
#define MLPBN__STEPS(n) ((uint64_t)(n))
#endif

/* The type of the elements of an array. */
typedef enum mlpbn_dtype {
    MLPBN_NO_DTYPE = 0, /* not set: calls that need a dtype refuse it */
    MLPBN_F32 = 1,      /* float */
    MLPBN_F64 = 2,      /* double */
    MLPBN_U8 = 3        /* uint8_t; for rows only */
} mlpbn_dtype;

/* Handles: the structs are private, and each has a header of its own. */
typedef struct mlpbn_network mlpbn_network;
typedef struct mlpbn_layer mlpbn_layer;
typedef struct mlpbn_batchnorm mlpbn_batchnorm;
typedef struct mlpbn_workspace mlpbn_workspace;
typedef struct mlpbn_optimizer mlpbn_optimizer;
typedef struct mlpbn_sampler mlpbn_sampler;

#endif
