/* Gradient check: compares the gradient of training with finite differences of the cost.
 *
 * Method. Let p be an element of a tensor, and f(p) the cost of the batch in training mode.
 * The numeric derivative is a central difference with one Richardson extrapolation, which is
 * of fourth order:
 *
 *   D(h) = (f(p + h) - f(p - h)) / 2h       numeric = (4 D(h) - D(2h)) / 3
 *
 * f is computed in f64, for an f32 network by a clone. The analytic derivative is the one that
 * the network computes in training. h begins with 1/128 of the tensor's root mean square, and
 * decreases until two estimates agree or rounding errors grow. The relative error is
 *
 *   |analytic - numeric| / max(|analytic|, |numeric|, 1e-4 G, R / T)
 *
 * where G is the largest magnitude in the gradient of all parameters or, for x, of all inputs,
 * R is a bound of the rounding errors of both, and T is the default tolerance. The last terms
 * are for derivatives that are as small as their rounding errors: those that are exactly 0, as
 * of a bias before batchnorm, and many in a network that fits its data well. R is the largest of
 *
 *   - 16 eps G, where eps is that of the network's dtype
 *   - twice the largest change of the tensor's gradient when all parameters, x and the weights
 *     of rows change by up to 2 eps of themselves, at four points drawn by seed (Higham 2002,
 *     Accuracy and Stability of Numerical Algorithms, section 1.5)
 *   - 15 s / h, where s is the standard deviation of the rounding errors of f, estimated from
 *     its differences (More and Wild 2011, Estimating computational noise, section 3)
 *
 * An element has no derivative if, however small h is, changing it by h moves a unit across
 * the kink of its activation (at 0 in ReLU, leaky ReLU, ELU, SELU) or an output across a kink
 * of the loss (absolute error, Huber). Such an element is skipped. That says nothing about the
 * gradient, but something about the point: a row of zeros, for instance, with biases of 0 puts
 * every ReLU at its kink. The option nudge moves the rows a little.
 *
 * A loss that the caller computes between mlpbn_forward_f64 and mlpbn_backward_f64 cannot be
 * checked here. The backward pass is the same for all losses. */
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
    /* The number of elements of each tensor that are checked, drawn by seed; 0 (default): all.
     * Each costs some ten forward passes of the batch. */
    size_t samples;
    uint64_t seed; /* default 0 */
    /* The largest relative error that passes, finite and > 0. MLPBN_DEFAULT_TOLERANCE
     * (default): 1e-6 for an f64 network, 1e-3 for f32. */
    double tolerance;
    /* > 0: checks at rows nearby: adds to each element of x a random number, drawn by seed, of
     * at most nudge times the root mean square of x (or nudge, if that is 0), so that units
     * leave the kinks of their activations; 0.01 is usual. Finite, >= 0; default 0. */
    double nudge;
    int inputs; /* 1 (default): also checks the derivative with respect to x; 0: not */
} mlpbn_gradcheck_options;

#define MLPBN_DEFAULT_TOLERANCE (-1.)

#define MLPBN_GRADCHECK_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_gradcheck_options), 0, 0, MLPBN_DEFAULT_TOLERANCE, 0, 1             \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_gradcheck_options_init(mlpbn_gradcheck_options *options, size_t struct_size);

/* What the check found out about a tensor. */
typedef enum mlpbn_gradient_verdict {
    MLPBN_NO_VERDICT = 0,
    MLPBN_GRADIENT_PASSED = 1, /* no error above the tolerance, at most 1 % skipped */
    MLPBN_GRADIENT_FAILED = 2, /* an element's error is above the tolerance */
    MLPBN_GRADIENT_SKIPPED = 3 /* no such error, but more than 1 % were skipped */
} mlpbn_gradient_verdict;

/* Why an element was skipped. */
typedef enum mlpbn_skip_reason {
    MLPBN_NOT_SKIPPED = 0,
    MLPBN_SKIPPED_ACTIVATION = 1, /* a unit is at a kink of its activation */
    MLPBN_SKIPPED_LOSS = 2,       /* an output is at a kink of the loss */
    MLPBN_SKIPPED_NONFINITE = 3,  /* the cost is not finite nearby */
    /* The derivatives differ, and a unit or an output that is nearly at a kink is on another
     * side of it in f32 than in f64. */
    MLPBN_SKIPPED_ROUNDING = 4
} mlpbn_skip_reason;

/* The result of the check for one tensor. */
typedef struct mlpbn_gradcheck_result {
    size_t struct_size;
    const char *name;      /* "layer0.weight", ..., "x"; borrowed from the report */
    size_t checked;        /* elements that were compared */
    size_t skipped;        /* elements that were not */
    double absolute_error; /* the largest of all elements */
    double relative_error; /* the largest of all elements, as defined above */
    size_t row, column;    /* of the element with the largest relative error */
    double analytic;       /* the derivatives of this element */
    double numeric;
    mlpbn_gradient_verdict verdict;
    mlpbn_skip_reason skip_reason; /* of the first element that was skipped */
    size_t skip_layer;             /* of that unit; 0 for the other reasons */
} mlpbn_gradcheck_result;

#define MLPBN_GRADCHECK_RESULT_INIT                                                      \
    {                                                                                    \
        sizeof(mlpbn_gradcheck_result), NULL, 0, 0, 0, 0, 0, 0, 0, 0, MLPBN_NO_VERDICT,  \
            MLPBN_NOT_SKIPPED, 0                                                         \
    }

/* Sets all fields of *result but struct_size to 0.
 *
 * MLPBN_EINVAL  result is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_gradcheck_result_init(mlpbn_gradcheck_result *result, size_t struct_size);

/* The results for all tensors. */
typedef struct mlpbn_gradcheck_report mlpbn_gradcheck_report;

/* Checks the gradient of the cost of these rows with respect to all parameters and x. The
 * network is only read, and no workspace is needed.
 *
 * report        receives the results, also if tensors fail; destroy it with
 *               mlpbn_gradcheck_destroy
 * loss_options  NULL: the defaults
 * options       NULL: the defaults
 *
 * The errors are those of mlpbn_gradient, and MLPBN_ENOMEM. A gradient that is wrong is not an
 * error of the call: see mlpbn_gradcheck_passed. */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_gradcheck(
    mlpbn_gradcheck_report **report, const mlpbn_network *network, const mlpbn_rows *rows,
    const mlpbn_loss_options *loss_options, const mlpbn_gradcheck_options *options);

/* Frees a report; report may be NULL. */
MLPBN_API void mlpbn_gradcheck_destroy(mlpbn_gradcheck_report *report);

/* Whether no tensor failed; the number of tensors whose verdict is MLPBN_GRADIENT_SKIPPED; and
 * the number of results: one for each parameter tensor, in the order of the network's table,
 * and with options.inputs one for x. report must not be NULL. */
MLPBN_API int mlpbn_gradcheck_passed(const mlpbn_gradcheck_report *report);
MLPBN_API size_t mlpbn_gradcheck_skipped(const mlpbn_gradcheck_report *report);
MLPBN_API size_t mlpbn_gradcheck_results(const mlpbn_gradcheck_report *report);

/* Gets one result.
 *
 * result  receives the result; its struct_size must be set (mlpbn_gradcheck_result_init)
 * index   below mlpbn_gradcheck_results()
 *
 * MLPBN_EINVAL  an argument is NULL, or index is too large
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_gradcheck_get(
    mlpbn_gradcheck_result *result, const mlpbn_gradcheck_report *report, size_t index);

/* Prints the report as a table with one line for each result.
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_EIO     the file cannot be written
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_gradcheck_print(const mlpbn_gradcheck_report *report, FILE *file);

MLPBN_END

#endif
