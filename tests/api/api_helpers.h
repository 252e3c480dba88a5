/* What the tests of the public API share: irregular numbers, networks, data, snapshots of
 * everything a network holds, calls on either dtype, and assertions about statuses. */
#ifndef API_HELPERS_H
#define API_HELPERS_H

#include <mlpbn.h>

#include <check.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API_NAN ((double)NAN)

/* Both dtypes of networks, for loops. */
enum { N_DTYPES = 2 };
extern const mlpbn_dtype api_dtypes[N_DTYPES];

#define OTHER(dtype) ((dtype) == MLPBN_F32 ? MLPBN_F64 : MLPBN_F32)

/* One of a pair of calls, by dtype. Arrays are given as void *. */
#define PAIR(dtype, call, ...)                                                           \
    ((dtype) == MLPBN_F32 ? call##_f32(__VA_ARGS__) : call##_f64(__VA_ARGS__))

/* The last enumerators, which begin at 1. All tables and loops of the tests reach to these;
 * test_network.c fails when the library takes a value beyond one of them. */
enum {
    LAST_ACTIVATION = MLPBN__ACTIVATION_END - 1,
    LAST_LOSS = MLPBN__LOSS_END - 1,
    LAST_REDUCTION = MLPBN__REDUCTION_END - 1,
    LAST_OPTIMIZER = MLPBN__OPTIMIZER_KIND_END - 1,
    LAST_INIT = MLPBN_INIT_ORTHOGONAL
};

/* --- Statuses ----------------------------------------------------------------------- */

/* The call succeeds. */
#define OK(call)                                                                         \
    do {                                                                                 \
        const mlpbn_status ok_status = (call);                                           \
        ck_assert_msg(ok_status == MLPBN_OK, "%s%s: %s (%s)", api_case_name(), #call,    \
                      mlpbn_strerror(ok_status), mlpbn_last_error());                    \
    } while (0)

/* The call fails with this status, and mlpbn_last_error() has these words: "a|b|c" are
 * three, each to be found; a number is found only as a whole number. */
#define FAILS(expected, words, call)                                                     \
    do {                                                                                 \
        const mlpbn_status fails_status = (call);                                        \
        const mlpbn_status fails_expected = (expected);                                  \
        ck_assert_msg(fails_status == fails_expected,                                    \
                      "%s%s: got status %d (%s), expected %d (%s)", api_case_name(),     \
                      #call, (int)fails_status, mlpbn_last_error(), (int)fails_expected, \
                      mlpbn_strerror(fails_expected));                                   \
        ck_assert_msg(api_mentions(mlpbn_last_error(), (words)),                         \
                      "%s%s: \"%s\" does not say \"%s\"", api_case_name(), #call,        \
                      mlpbn_last_error(), (words));                                      \
    } while (0)

/* Names the case of a table that is under test, for the messages of OK and FAILS. */
void api_case(const char *name, const char *detail);
const char *api_case_name(void);

/* The call refuses an argument or an option. */
#define INVALID(words, call) FAILS(MLPBN_EINVAL, words, call)
/* It finds a number that is not finite; sizes do not match. */
#define NONFINITE(words, call) FAILS(MLPBN_ENONFINITE, words, call)
#define BAD_SHAPE(words, call) FAILS(MLPBN_ESHAPE, words, call)

int api_mentions(const char *text, const char *words);

/* What an out-parameter holds before a call that must leave it alone. */
void *api_untouched(void);

/* Options of which every field is told that is not 0. */
#define OPTIONS(type, ...)                                                               \
    ((mlpbn_##type##_options){sizeof(mlpbn_##type##_options), __VA_ARGS__})

/* --- Fields of option structs that are out of range --------------------------------- */

struct bad_field {
    const char *words; /* of the error text, besides the value */
    size_t offset;
    enum { BAD_SIZE, BAD_INT, BAD_BITS, BAD_UNTOLD, BAD_REAL } type; /* of the field */
    size_t n;
    double values[5];
};

#define BAD_FIELD(type, field, kind, words, ...)                                         \
    {                                                                                    \
        words, offsetof(mlpbn_##type, field), BAD_##kind,                                \
            LENGTH(((double[]){__VA_ARGS__})),                                           \
        {                                                                                \
            __VA_ARGS__                                                                  \
        }                                                                                \
    }

/* Writes value i into the field of *object, and returns the words with which calls refuse it.
 * They are static, and valid until the next call. */
const char *api_spoil(void *object, const struct bad_field *bad, size_t i);

/* --- Memory and handles ------------------------------------------------------------- */

/* Whatever the helpers make, and what is handed to api_own, is destroyed at the end of the
 * test, the last one first. */
void *api_own(void *object, void (*destroy)(void *object));
mlpbn_network *own_network(mlpbn_network *network);
mlpbn_workspace *own_workspace(mlpbn_workspace *workspace);
mlpbn_history *own_history(mlpbn_history *history);

/* Destroys one of these before the end of the test. */
void api_destroy(void *object);

/* calloc and realloc that never fail; freed at the end of the test. */
void *api_alloc(size_t n, size_t size);
/* The n of an array that was made by api_alloc, as those are which helpers return. */
size_t api_length(const void *array);
void *api_resize(void *memory, size_t size);

/* --- Numbers ------------------------------------------------------------------------ */

/* Number i of a sequence: uniform in (-1, 1), no two the same. */
double api_uniform(uint64_t seed, size_t i);

/* n of them, times scale plus shift. */
double *api_random(size_t n, uint64_t seed, double scale, double shift);

/* Element i of an array of this dtype and of any alignment. */
double api_load(const void *array, mlpbn_dtype dtype, size_t i);
void api_store(void *array, mlpbn_dtype dtype, size_t i, double value);
size_t api_dtype_size(mlpbn_dtype dtype);

/* The distance from 1 to the next number of a network's dtype. */
double api_epsilon(mlpbn_dtype dtype);

/* The largest magnitude of n numbers, or of all of an array that was made by api_alloc; NaN if
 * one is NaN. */
double api_max_abs(const double *values, size_t n);
double api_largest(const double *array);

/* |got[i] - expected[i]| <= tolerance for every i. */
void api_assert_close(const double *got, const double *expected, size_t n,
                      double tolerance, const char *what);
void api_assert_near(double got, double expected, double tolerance, const char *what);

/* The same bits; -0 and 0 differ. */
void api_assert_same(const void *got, const void *expected, size_t size,
                     const char *what);

/* The same of arrays that were made by api_alloc, which are equally long. */
void api_assert_close_arrays(const double *got, const double *expected, double tolerance,
                             const char *what);
void api_assert_same_arrays(const double *got, const double *expected, const char *what);

/* --- Networks ----------------------------------------------------------------------- */

enum { MAX_LAYERS = 5 };

struct spec {
    size_t inputs;
    size_t units[MAX_LAYERS]; /* up to the first 0 */
    mlpbn_dtype dtype;
    unsigned batchnorm_mask; /* bit l: layer l has one */
    unsigned no_bias_mask;   /* bit l: layer l has no bias */
    int last_relu;           /* 1: the last layer has ReLU too, not the identity */
    int linear;              /* 1: no layer has ReLU */
    mlpbn_activation hidden; /* in place of ReLU, if not 0 */
    mlpbn_activation last;   /* of the last layer, if not 0 */
    double alpha;            /* of all, if not 0 */
    double dropout;          /* of all but the last */
    const mlpbn_batchnorm_options *norm; /* NULL: the defaults */
    int default_statistics;              /* 1: running statistics are not set */
};

/* Makes it, with irregular numbers in every tensor: weights of He's size, gamma and
 * running variance around 1, the others around 0. */
mlpbn_network *api_network(const struct spec *spec);

/* The same in place: NETWORK(dtype, 5, {4, 3}, .batchnorm_mask = 1) has 5 inputs, 4 and 3 units,
 * and is otherwise as the other fields tell. */
#define SPEC(dtype_, ...) (&(const struct spec){.dtype = (dtype_), .inputs = __VA_ARGS__})
#define NETWORK(...) api_network(SPEC(__VA_ARGS__))

/* A copy of the specification in this dtype. */
struct spec *spec_of(const struct spec *spec, mlpbn_dtype dtype);

/* Small and large ones, with what makes layers differ. */
enum { N_SHAPES = 11 };
extern const struct spec api_shapes[N_SHAPES];

/* Specification i of the n of a table; after these, the other one with activations 1 to
 * LAST_ACTIVATION at its output, and in hidden layers where they may be. In the other's dtype. */
struct spec *spec_or_activation(const struct spec *table, size_t n, int i,
                                const struct spec *other);

/* Batchnorm after the activation, and without gamma and beta. */
extern const mlpbn_batchnorm_options api_after, api_plain;

mlpbn_network *api_clone(const mlpbn_network *network, mlpbn_dtype dtype);
mlpbn_workspace *api_workspace(const mlpbn_network *network, size_t max_batch,
                               int threads);
/* By these options, which must be right. */
mlpbn_workspace *api_create_workspace(const mlpbn_network *network,
                                      const mlpbn_workspace_options *options);
mlpbn_optimizer *api_create_optimizer(const mlpbn_network *network,
                                      const mlpbn_optimizer_options *options);
/* Sets those options to their defaults that this kind of optimizer does not use. */
void api_drop_unused(mlpbn_optimizer_options *options);
mlpbn_sampler *api_create_sampler(const mlpbn_rows *rows,
                                  const mlpbn_sampler_options *options);
/* One for prediction alone. */
mlpbn_workspace *api_predict_workspace(const mlpbn_network *network, size_t max_batch);
mlpbn_optimizer *api_optimizer(const mlpbn_network *network, double rate, double momentum,
                               int nesterov);

/* Whether the loss takes the outputs of this network. */
int api_loss_fits(mlpbn_loss loss, const mlpbn_network *network);
mlpbn_loss_options api_loss_options(mlpbn_loss loss, double lambda);
/* Squared errors without a penalty; cross-entropy of softmax with lambda 0.0385. */
extern const mlpbn_loss_options api_squares, api_penalized;
mlpbn_metrics api_metrics(void);

/* NULL if the layer has none. */
const mlpbn_batchnorm *api_batchnorm(const mlpbn_network *network, size_t layer);

/* Index in the table of tensors; the number of tensors if there is none. */
size_t api_find(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind);
mlpbn_tensor api_describe(const mlpbn_network *network, size_t index);

/* A tensor's values; NULL if the network has none. */
double *api_tensor(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind);

/* Sets all elements of a tensor to one value, or these. */
void api_fill(mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind, double value);
void api_set(mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
             const double *values);

/* Irregular means and deviations of the inputs. */
void api_standardize(mlpbn_network *network);

/* The library's arrays of parameters and gradients, with padding, in the network's
 * dtype. Fails the test where there is none. */
void *api_parameters_in_place(mlpbn_network *network);
void *api_gradients_in_place(const mlpbn_network *network, mlpbn_workspace *workspace);
/* Copies of them. */
double *api_parameters(mlpbn_network *network);
double *api_gradients(const mlpbn_network *network, mlpbn_workspace *workspace);
/* The outputs for these rows, by a workspace made for the call. */
double *api_outputs(const mlpbn_network *network, const mlpbn_rows *rows);

/* The _f32 or the _f64 call, by the dtype of the network, on arrays of double. */
mlpbn_status api_predict(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y);
mlpbn_status api_forward(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y);
mlpbn_status api_backward(const mlpbn_network *network, mlpbn_workspace *workspace,
                          size_t n, const double *dy, double *dx);
/* mlpbn_evaluate, which must succeed. */
mlpbn_metrics api_evaluate(const mlpbn_network *network, mlpbn_workspace *workspace,
                           const mlpbn_rows *rows, const mlpbn_loss_options *options);

/* --- Snapshots: all that can be seen of a network, bit for bit ---------------------- */

struct snapshot {
    size_t size;
    unsigned char *bytes;
};

struct snapshot snapshot_take(mlpbn_network *network);
/* Adds bytes of one's own, results of calls for instance. */
void snapshot_add(struct snapshot *snapshot, const void *bytes, size_t size);
/* Adds an array that was made by api_alloc. */
void snapshot_add_array(struct snapshot *snapshot, const double *array);
int snapshot_equal(const struct snapshot *a, const struct snapshot *b);

/* The network is still as it was. */
void snapshot_assert(const struct snapshot *before, mlpbn_network *network,
                     const char *what);

/* Two networks hold the same bits. */
void api_assert_equal(mlpbn_network *a, mlpbn_network *b, const char *what);

/* The tensors of f32 are those of f64, rounded to float. */
void api_assert_rounded(const mlpbn_network *f32, const mlpbn_network *f64);

/* --- Data --------------------------------------------------------------------------- */

struct data {
    void *x;
    int32_t *labels;
    double *targets;
    mlpbn_rows rows; /* a view of all of it */
};

struct data data_make(mlpbn_dtype dtype, size_t n, size_t inputs, size_t outputs,
                      uint64_t seed);

/* Sets the targets of rows, and the rows that an index list of n numbers takes of n_data. */
void data_set_targets(mlpbn_rows *rows, const void *targets, mlpbn_dtype dtype,
                      size_t columns);
void data_set_index(mlpbn_rows *rows, const size_t *index, size_t n, size_t n_data);

/* Brings n targets into [0, 1]. */
void api_make_probabilities(double *targets, size_t n);

/* What rows.h says a view means: [n][columns], [n][target_columns] and [n]. */
double *data_x(const mlpbn_rows *rows);
double *data_targets(const mlpbn_rows *rows);
int32_t *data_labels(const mlpbn_rows *rows);

/* --- A setup: one of everything that training needs --------------------------------- */

struct setup {
    mlpbn_network *network;
    mlpbn_workspace *workspace;
    mlpbn_optimizer *optimizer;
    void *x; /* the rows, as in struct data */
    int32_t *labels;
    double *targets;
    mlpbn_rows rows;
};

/* n rows of this dtype, a workspace that takes them, SGD with rate 0.0385. */
struct setup setup_of(const struct spec *spec, mlpbn_dtype dtype, size_t n);

#define SETUP(rows_dtype, n, ...) setup_of(SPEC(__VA_ARGS__), rows_dtype, n)

/* The default setup: 5 inputs; 4 units, batchnorm, ReLU; 3 outputs; SGD with momentum. It has
 * taken a step. */
enum {
    SETUP_INPUTS = 5,
    SETUP_HIDDEN = 4,
    SETUP_OUTPUTS = 3,
    SETUP_ROWS = 7,
    SETUP_MAX = 8, /* rows that the workspace takes */
    SETUP_X = SETUP_ROWS * SETUP_INPUTS,
    SETUP_Y_SIZE = SETUP_ROWS * SETUP_OUTPUTS
};
struct setup setup_default(mlpbn_dtype dtype);

/* The report on the gradients for all rows. */
mlpbn_gradcheck_report *api_gradcheck(const struct setup *setup,
                                      const mlpbn_loss_options *loss,
                                      const mlpbn_gradcheck_options *options);

/* A training step on all rows. */
void setup_step(const struct setup *setup, const mlpbn_loss_options *loss);

/* A step by the gradient that the workspace has. */
mlpbn_status setup_update(const struct setup *setup);

/* A copy of the gradient for all rows. */
double *setup_gradient(const struct setup *setup, const mlpbn_loss_options *loss);

/* Calls with all rows, which must succeed: the outputs of prediction and of a forward pass, dx
 * of a backward pass, the metrics of a gradient and of an evaluation. */
double *setup_predict(const struct setup *setup);
double *setup_forward(const struct setup *setup);
double *setup_backward(const struct setup *setup, const double *dy);
mlpbn_metrics setup_metrics(const struct setup *setup, const mlpbn_loss_options *loss);
mlpbn_metrics setup_evaluate(const struct setup *setup, const mlpbn_loss_options *loss);

/* Both hold the same bits, and still do after a step: the optimizers, too, are equal. */
void setup_assert_equal(const struct setup *a, const struct setup *b);
/* Equal to a new usual one, of the same dtype. */
void setup_assert_unchanged(const struct setup *setup);

/* --- Tests -------------------------------------------------------------------------- */

/* What the helpers made is destroyed after each test. */
void api_destroy_all(void);
#define TEAR_DOWN api_destroy_all
#include "../runner/suites.h"

/* Tests that are given both dtypes, for each _i from 0 to n - 1 if it is a loop test. */
#define DTYPE_TEST(name) LOOP_DTYPE_TEST(name, 1)
#define LOOP_DTYPE_TEST(name, n)                                                         \
    static void name##_in(mlpbn_dtype dtype, int _i);                                    \
    LOOP_TEST(name, (n) * (int)N_DTYPES)                                                 \
    {                                                                                    \
        name##_in(api_dtypes[_i % N_DTYPES], _i / (int)N_DTYPES);                        \
    }                                                                                    \
    static void name##_in(CK_ATTRIBUTE_UNUSED mlpbn_dtype dtype,                         \
                          CK_ATTRIBUTE_UNUSED int _i)

#endif
