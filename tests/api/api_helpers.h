/* What the tests of the public API share: irregular numbers, networks, data, snapshots of
 * everything a network holds, calls on either dtype, and assertions about statuses. */
#ifndef API_HELPERS_H
#define API_HELPERS_H

#include <mlpbn.h>

#include <check.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define API_NAN ((double)NAN)

/* Sanitizers, which take address space by the terabyte; the one for threads ends a forked
 * child that starts any. clang tells by __has_feature only. */
#ifdef __has_feature
#define API_HAS_FEATURE(name) __has_feature(name)
#else
#define API_HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || API_HAS_FEATURE(address_sanitizer)
#define API_ASAN 1
#else
#define API_ASAN 0
#endif
#if defined(__SANITIZE_THREAD__) || API_HAS_FEATURE(thread_sanitizer)
#define API_TSAN 1
#else
#define API_TSAN 0
#endif

/* Both dtypes of networks, for loops. */
enum { N_DTYPES = 2 };
extern const mlpbn_dtype api_dtypes[N_DTYPES];

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

int api_mentions(const char *text, const char *words);

/* What an out-parameter holds before a call that must leave it alone. */
void *api_untouched(void);

/* --- Fields of option structs, set by tables ---------------------------------------- */

struct poke {
    enum { POKE_NOTHING, POKE_SIZE, POKE_INT, POKE_REAL, POKE_NULL } type;
    size_t offset;
    size_t size;
    int integer;
    double real;
};

#define SIZE_FIELD(type, field, value)                                                   \
    {                                                                                    \
        POKE_SIZE, offsetof(type, field), (value), 0, 0.                                 \
    }
#define INT_FIELD(type, field, value)                                                    \
    {                                                                                    \
        POKE_INT, offsetof(type, field), 0, (value), 0.                                  \
    }
#define REAL_FIELD(type, field, value)                                                   \
    {                                                                                    \
        POKE_REAL, offsetof(type, field), 0, 0, (value)                                  \
    }
#define NULL_FIELD(type, field)                                                          \
    {                                                                                    \
        POKE_NULL, offsetof(type, field), 0, 0, 0.                                       \
    }

/* Writes the value of poke into its field of *object. */
void api_poke(void *object, const struct poke *poke);

/* The value as an error text would print it, "" for NULL and for a real number (whose
 * spelling is not promised). Static; valid until the next call. */
const char *api_poked_value(const struct poke *poke);

/* One field and what a call must say of it. */
struct bad_field {
    struct poke poke;
    mlpbn_status status;
    const char *words; /* besides the value that was got */
};

/* --- Numbers ------------------------------------------------------------------------ */

/* calloc that never fails. */
void *api_alloc(size_t n, size_t size);

/* Number i of a sequence: uniform in (-1, 1), no two the same. */
double api_number(uint64_t seed, size_t i);

/* n of them, times scale plus shift; to be freed. */
double *api_numbers(size_t n, uint64_t seed, double scale, double shift);

/* Element i of an array of this dtype and of any alignment. */
double api_load(const void *array, mlpbn_dtype dtype, size_t i);
void api_store(void *array, mlpbn_dtype dtype, size_t i, double value);
size_t api_dtype_size(mlpbn_dtype dtype);

/* The distance from 1 to the next number of a network's dtype. */
double api_epsilon(mlpbn_dtype dtype);

/* The largest magnitude; NaN if one is NaN. */
double api_largest(const double *values, size_t n);

/* |got[i] - expected[i]| <= tolerance for every i. */
void api_assert_close(const double *got, const double *expected, size_t n,
                      double tolerance, const char *what);
void api_assert_near(double got, double expected, double tolerance, const char *what);

/* The same bits; -0 and 0 differ. */
void api_assert_same(const void *got, const void *expected, size_t size,
                     const char *what);

/* --- Networks ----------------------------------------------------------------------- */

enum { MAX_LAYERS = 5 };

struct recipe {
    mlpbn_dtype dtype;
    size_t inputs;
    size_t units[MAX_LAYERS]; /* up to the first 0 */
    unsigned batchnorm;       /* bit l: layer l has one */
    unsigned no_bias;         /* bit l: layer l has no bias */
    int last_relu;            /* 1: the last layer has ReLU too, not the identity */
    int linear;               /* 1: no layer has ReLU */
    mlpbn_activation hidden;  /* in place of ReLU, if not 0 */
    mlpbn_activation last;    /* of the last layer, if not 0 */
    double alpha;             /* of all, if not 0 */
    double dropout;           /* of all but the last */
    const mlpbn_batchnorm_options *batchnorm_options; /* NULL: the defaults */
    int statistics_as_born; /* 1: running statistics are not set */
};

/* Makes it, with irregular numbers in every tensor: weights of He's size, gamma and
 * running variance around 1, the others around 0. */
mlpbn_network *api_network(const struct recipe *recipe);

mlpbn_workspace *api_workspace(const mlpbn_network *network, size_t max_batch,
                               int threads);
mlpbn_optimizer *api_optimizer(const mlpbn_network *network, double rate, double momentum,
                               int nesterov);

mlpbn_batchnorm_options api_batchnorm_options(void);
mlpbn_loss_options api_loss_options(mlpbn_loss loss, double lambda);
mlpbn_metrics api_metrics(void);

/* Index in the table of tensors; the number of tensors if there is none. */
size_t api_find(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind);
mlpbn_tensor api_describe(const mlpbn_network *network, size_t index);

/* A tensor's values, to be freed; NULL (and 0) if the network has none. n may be NULL. */
double *api_tensor(const mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind,
                   size_t *n);

/* Sets all elements of a tensor to one value. */
void api_fill(mlpbn_network *network, size_t layer, mlpbn_tensor_kind kind, double value);

/* Whole arrays with padding, converted, to be freed. Fails the test where there is
 * none. */
double *api_parameters(mlpbn_network *network, size_t *n);
double *api_gradients(const mlpbn_network *network, mlpbn_workspace *workspace,
                      size_t *n);

/* The _f32 or the _f64 call, as the network wants it, on arrays of double. */
mlpbn_status api_predict(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y);
mlpbn_status api_forward(const mlpbn_network *network, mlpbn_workspace *workspace,
                         const mlpbn_rows *rows, double *y);
mlpbn_status api_backward(const mlpbn_network *network, mlpbn_workspace *workspace,
                          size_t n, const double *dy, double *dx);
/* Whether the workspace holds a gradient; arrays are not copied. */
mlpbn_status api_has_gradient(const mlpbn_network *network, mlpbn_workspace *workspace);

/* --- Snapshots: all that can be seen of a network, bit for bit ---------------------- */

struct snapshot {
    size_t size;
    unsigned char *bytes;
};

struct snapshot snapshot_take(mlpbn_network *network);
/* Adds bytes of one's own, results of calls for instance. */
void snapshot_add(struct snapshot *snapshot, const void *bytes, size_t size);
void snapshot_free(struct snapshot *snapshot);
int snapshot_equal(const struct snapshot *a, const struct snapshot *b);

/* The network is still as it was. */
void snapshot_assert(const struct snapshot *before, mlpbn_network *network,
                     const char *what);

/* Two networks hold the same bits. */
void api_assert_twins(mlpbn_network *a, mlpbn_network *b, const char *what);

/* The tensors of f32 are those of f64, rounded to float. */
void api_assert_rounded(const mlpbn_network *f32, const mlpbn_network *f64);

/* --- Data --------------------------------------------------------------------------- */

struct data {
    void *x;
    int32_t *labels;
    double *targets;
    mlpbn_rows rows; /* a view of all of it */
};

void data_make(struct data *data, mlpbn_dtype dtype, size_t n, size_t inputs,
               size_t outputs, uint64_t seed);
void data_free(struct data *data);

/* Brings the targets into [0, 1]. */
void data_make_probabilities(struct data *data);

/* What rows.h says a view means: [n][columns], [n][target_columns] and [n], to be
 * freed. */
double *data_x(const mlpbn_rows *rows);
double *data_targets(const mlpbn_rows *rows);
int32_t *data_labels(const mlpbn_rows *rows);

/* --- A world: one of everything, that has already seen a step ----------------------- */

/* 5 inputs; 4 units, batchnorm, ReLU; 3 outputs. */
enum {
    WORLD_INPUTS = 5,
    WORLD_HIDDEN = 4,
    WORLD_OUTPUTS = 3,
    WORLD_MAX = 8,
    WORLD_ROWS = 7
};

struct world {
    mlpbn_network *network;
    mlpbn_workspace *workspace; /* at most WORLD_MAX rows */
    mlpbn_optimizer *optimizer; /* with momentum */
    struct data data;           /* WORLD_ROWS rows, labels and targets */
};

void world_make(struct world *world, mlpbn_dtype dtype);
void world_free(struct world *world);

/* Both hold the same bits, and still do after a step: neither has lost or gained
 * anything, seen or unseen (the optimizer's memory). */
void world_assert_twins(struct world *a, struct world *b);

/* --- Suites ------------------------------------------------------------------------- */

/* A suite of one case; tests are added to *tests. */
Suite *api_suite(const char *name, TCase **tests);

/* Another case of it, which runs the same code so often that valgrind and the thread sanitizer
 * leave it out. */
TCase *api_large_case(Suite *suite, const char *name);

Suite *batchnorm_suite(void);
Suite *checkpoint_suite(void);
Suite *copies_suite(void);
Suite *dropout_suite(void);
Suite *corpus_suite(void);
Suite *file_suite(void);
Suite *export_suite(void);
Suite *fold_suite(void);
Suite *gradcheck_suite(void);
Suite *gradient_suite(void);
Suite *hostile_suite(void);
Suite *learns_suite(void);
Suite *linear_suite(void);
Suite *loss_suite(void);
Suite *network_suite(void);
Suite *no_files_suite(void);
Suite *nonfinite_suite(void);
Suite *optimizer_suite(void);
Suite *predict_suite(void);
Suite *reference_suite(void);
Suite *rows_suite(void);
Suite *sampler_suite(void);
Suite *standardization_suite(void);
Suite *statistics_suite(void);
Suite *status_suite(void);
Suite *struct_size_suite(void);
Suite *tensor_suite(void);
Suite *threads_suite(void);
Suite *timing_suite(void);
Suite *train_suite(void);
Suite *workspace_suite(void);

#endif
