/* Checks the gradient that training uses against differences of the cost.
 *
 * Method. For an element p of a tensor, with f(p) the cost of the batch in training mode,
 *
 *   D(h) = (f(p + h) - f(p - h)) / 2h       numeric = (4 D(h) - D(2h)) / 3
 *
 * which is of fourth order (Richardson). f is evaluated in f64, by a clone where the network
 * is f32; the analytic gradient is the one that the network's own kernels compute. h begins
 * at 1/128 of the tensor's root mean square and shrinks until two estimates agree, or
 * rounding makes them worse again. The error of an element is
 *
 *   |analytic - numeric| / max(|analytic|, |numeric|, 1e-4 G)
 *
 * with G the largest gradient of all parameters, and for x that of all inputs: where a
 * gradient is exactly 0, as that of a bias before batchnorm, the difference is noise, which
 * is no error. An element whose nudge carries any unit across the kink of its activation
 * (ReLU, leaky ReLU, ELU, SELU at 0) or any output across that of its loss (absolute error,
 * Huber), however small h, has no derivative to compare with and is skipped; a tensor with
 * more than 1 % of such elements fails.
 *
 * A loss of one's own, computed between mlpbn_forward_f64 and mlpbn_backward_f64, is not
 * seen here; but all that backward does is checked with any loss. */
#ifndef MLPBN_GRADCHECK_H
#define MLPBN_GRADCHECK_H

#include <mlpbn/common.h>
#include <mlpbn/loss.h>
#include <mlpbn/rows.h>
#include <mlpbn/status.h>

#include <stdio.h>

MLPBN_BEGIN

typedef struct mlpbn_gradcheck_options {
    size_t struct_size;
    size_t
        samples;   /* elements of each tensor, drawn by seed; 0 (default): all. Each costs
                       * some ten forward passes of the batch */
    uint64_t seed; /* default 0 */
    double tolerance; /* an error above it fails; > 0, finite; MLPBN_DEFAULT_TOLERANCE
                       * (default): 1e-6 for f64 networks, 1e-3 for f32 */
    int inputs;       /* 1 (default): checks the derivative by x, too; 0: does not */
} mlpbn_gradcheck_options;

#define MLPBN_DEFAULT_TOLERANCE (-1.)

#define MLPBN_GRADCHECK_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_gradcheck_options), 0, 0, MLPBN_DEFAULT_TOLERANCE, 1                \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_gradcheck_options_init(mlpbn_gradcheck_options *options, size_t struct_size);

/* What the check found in one tensor. */
typedef struct mlpbn_gradcheck_result {
    size_t struct_size;
    const char *name;      /* "layer0.weight", ..., "x"; borrowed from the report */
    size_t checked;        /* elements compared */
    size_t skipped;        /* elements at a kink */
    double absolute_error; /* the largest */
    double relative_error; /* the largest, as defined above */
    size_t row, column;    /* of the element with the largest relative error */
    double analytic;       /* its two values */
    double numeric;
    int passed; /* relative_error <= tolerance, and not too many skipped */
} mlpbn_gradcheck_result;

#define MLPBN_GRADCHECK_RESULT_INIT                                                      \
    {                                                                                    \
        sizeof(mlpbn_gradcheck_result), NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0                  \
    }

/* Zeroes *result but for its struct_size.
 *
 * MLPBN_EINVAL  result is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_gradcheck_result_init(mlpbn_gradcheck_result *result, size_t struct_size);

typedef struct mlpbn_gradcheck_report mlpbn_gradcheck_report;

/* Checks the gradient of this cost on these rows, of every parameter and of x. Nothing is
 * changed by it: neither parameters nor running statistics, nor any workspace.
 *
 * report        receives what was found, also when tensors fail; destroy with
 *               mlpbn_gradcheck_destroy
 * loss_options  NULL: the defaults
 * options       NULL: the defaults
 *
 * Errors: those of mlpbn_gradient, and MLPBN_ENOMEM. Whether the gradient is right is not
 * in the status: see mlpbn_gradcheck_passed. */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_gradcheck(
    mlpbn_gradcheck_report **report, const mlpbn_network *network, const mlpbn_rows *rows,
    const mlpbn_loss_options *loss_options, const mlpbn_gradcheck_options *options);

MLPBN_API void mlpbn_gradcheck_destroy(mlpbn_gradcheck_report *report);

/* Whether all tensors passed, and how many results there are: one for each parameter
 * tensor, in the order of the network's table, and one for x. report must not be NULL. */
MLPBN_API int mlpbn_gradcheck_passed(const mlpbn_gradcheck_report *report);
MLPBN_API size_t mlpbn_gradcheck_results(const mlpbn_gradcheck_report *report);

/* Result `index`, below mlpbn_gradcheck_results().
 *
 * result  caller's, struct_size set
 *
 * MLPBN_EINVAL  an argument is NULL, or index is too large
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_gradcheck_get(
    mlpbn_gradcheck_result *result, const mlpbn_gradcheck_report *report, size_t index);

/* Prints the report as a table, a line for each result.
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_EIO     the file cannot be written
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_gradcheck_print(const mlpbn_gradcheck_report *report, FILE *file);

MLPBN_END

#endif
