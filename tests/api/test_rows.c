/* Views of data: what every call with rows refuses, and what a view means. */
#include "api_calls.h"
#include "api_reference.h"

/* --- Views that are wrong ----------------------------------------------------------- */

/* Sets of the calls that take rows. */
enum {
    FIT = 1 << FIT_STANDARDIZATION,
    SAMPLE = 1 << CREATE_SAMPLER,
    TRAINING = 1 << GRADIENT | 1 << TRAIN_STEP | 1 << FORWARD,
    SCORING =
        1 << GRADIENT | 1 << TRAIN_STEP | 1 << EVALUATE, /* read labels or targets */
    OF_NETWORK = TRAINING | 1 << PREDICT | 1 << EVALUATE | FIT,
    ALL = OF_NETWORK | SAMPLE
};

static const size_t indices_good[] = {6, 0, 3, 3, 1, 5, 2};
static const size_t indices_7[] = {6, 0, 3, 7, 1, 5, 2};
static const size_t indices_huge[] = {SIZE_MAX, 0, 3, 3, 1, 5, 2};

enum { CE = MLPBN_SOFTMAX_CROSS_ENTROPY, MSE = MLPBN_MEAN_SQUARED_ERROR };

/* A field of the view, its value, and an index list or the label of row 4. */
#define ROWS(field, value, index, label)                                                 \
    offsetof(mlpbn_rows, field), sizeof(((mlpbn_rows *)0)->field), value, index, label
#define ROWS_SIZE(field, number) ROWS(field, {.size = (number)}, NULL, 0)
#define ROWS_INT(field, number) ROWS(field, {.integer = (number)}, NULL, 0)
#define ROWS_NULL(field) ROWS(field, {.pointer = NULL}, NULL, 0)
#define ROWS_INDEX(index, n) ROWS(n_data, {.size = (n)}, index, 0)
#define ROWS_LABEL(label) ROWS(n_data, {.size = 0}, NULL, label)

static const struct bad_view {
    size_t offset, size;
    union {
        size_t size;
        int integer;
        const void *pointer;
    } value;
    const size_t *index; /* NULL: none */
    int label;           /* of row 4; 0: unchanged */
    unsigned calls;
    int loss;
    mlpbn_status status;
    const char *words;
} bad_views[] = {
    {ROWS_SIZE(n, 0), ALL, CE, MLPBN_EBATCH, "0"},
    {ROWS_SIZE(n, 1), TRAINING | FIT, CE, MLPBN_EBATCH, "1|2"},
    {ROWS_SIZE(n, 9), TRAINING, CE, MLPBN_EBATCH, "9|8"},
    {ROWS_SIZE(n, SIZE_MAX / 3), 1 << EVALUATE | FIT | SAMPLE, CE, MLPBN_ESIZE, ""},
    {ROWS_NULL(data), ALL, CE, MLPBN_EINVAL, "data|NULL"},
    {ROWS_INT(dtype, 0), ALL, CE, MLPBN_EDTYPE, "data|0"},
    {ROWS_INT(dtype, 99), ALL, CE, MLPBN_EDTYPE, "data|99"},
    {ROWS_SIZE(columns, 6), OF_NETWORK, CE, MLPBN_ESHAPE, "columns|6|5"},
    {ROWS_SIZE(columns, 4), OF_NETWORK, CE, MLPBN_ESHAPE, "columns|4|5"},
    {ROWS_SIZE(stride, 4), ALL, CE, MLPBN_EINVAL, "stride|4|5"},
    {ROWS_SIZE(stride, SIZE_MAX / 2), ALL, CE, MLPBN_ESIZE, ""},
    {ROWS_SIZE(stride, SIZE_MAX), ALL, CE, MLPBN_ESIZE, ""},
    {ROWS_SIZE(n_data, SIZE_MAX / 4), ALL, CE, MLPBN_ESIZE, ""},
    {ROWS_SIZE(n_data, 6), ALL, CE, MLPBN_EINVAL, "n_data|6|7"},
    {ROWS_INDEX(indices_good, 0), ALL, CE, MLPBN_EINVAL, "index|n_data|0"},
    {ROWS_INDEX(indices_7, 7), ALL, CE, MLPBN_EINDEX, "index|3|7"},
    {ROWS_INDEX(indices_huge, 7), ALL, CE, MLPBN_EINDEX, "index|0|7"},
    {ROWS_INDEX(indices_good, 6), ALL, CE, MLPBN_EINDEX, "index|0|6"},
    {ROWS_NULL(labels), SCORING, CE, MLPBN_EINVAL, "labels|NULL"},
    {ROWS_LABEL(-1), SCORING, CE, MLPBN_ELABEL, "label|4|-1|3"},
    {ROWS_LABEL(3), SCORING, CE, MLPBN_ELABEL, "label|4|3"},
    {ROWS_LABEL(INT32_MAX), SCORING, CE, MLPBN_ELABEL, "label|4|2147483647|3"},
    {ROWS_LABEL(INT32_MIN), SCORING, CE, MLPBN_ELABEL, "label|4|-2147483648|3"},
    {ROWS_NULL(targets), SCORING, MSE, MLPBN_EINVAL, "targets|NULL"},
    {ROWS_SIZE(target_columns, 4), SCORING, MSE, MLPBN_ESHAPE, "target_columns|4|3"},
    {ROWS_SIZE(target_columns, 2), SCORING, MSE, MLPBN_ESHAPE, "target_columns|2|3"},
    {ROWS_INT(target_dtype, 0), SCORING, MSE, MLPBN_EDTYPE, "targets|0"},
    {ROWS_INT(target_dtype, 99), SCORING, MSE, MLPBN_EDTYPE, "targets|99"},
    {ROWS_SIZE(target_stride, 2), SCORING, MSE, MLPBN_EINVAL, "targets|stride|2|3"},
    {ROWS_SIZE(target_stride, SIZE_MAX / 2), SCORING, MSE, MLPBN_ESIZE, ""},
};

LOOP_DTYPE_TEST(a_bad_view_is_refused_and_changes_nothing, LENGTH(bad_views))
{
    const struct bad_view *bad = &bad_views[_i];
    const mlpbn_loss_options loss = api_loss_options((mlpbn_loss)bad->loss, 0.0385);
    const struct setup s = setup_default(dtype);
    const int32_t label = s.labels[4];
    mlpbn_rows rows = s.rows;
    memcpy((unsigned char *)&rows + bad->offset, &bad->value, bad->size);
    rows.index = bad->index;
    if (bad->label)
        s.labels[4] = bad->label;
    for (int call = 0; call < N_CALLS; call++)
        if (bad->calls >> call & 1) {
            api_case(api_calls[call].name, bad->words);
            FAILS(bad->status, bad->words, call_rows((enum call)call, &s, &rows, &loss));
        }
    s.labels[4] = label;
    setup_assert_unchanged(&s);
}

/* --- What is not looked at ---------------------------------------------------------- */

/* These calls succeed. */
static void assert_work(unsigned calls, const struct setup *s, const mlpbn_rows *rows,
                        const mlpbn_loss_options *loss)
{
    for (int call = 0; call < N_CALLS; call++)
        if (calls >> call & 1) {
            api_case(api_calls[call].name, "");
            OK(call_rows((enum call)call, s, rows, loss));
        }
}

DTYPE_TEST(only_what_a_call_needs_is_read)
{
    static const size_t index[] = {6, 0, 3, 3};
    const unsigned without_loss = 1 << PREDICT | 1 << FORWARD | FIT;
    const struct setup s = setup_default(dtype);
    const struct setup plain = SETUP(MLPBN_F32, 1, dtype, 5, {4, 3});
    mlpbn_rows rows = s.rows;

    /* One loss does not read what the other needs. */
    rows.labels = NULL;
    assert_work(ALL, &s, &rows, &api_squares);
    rows = s.rows;
    rows.targets = NULL;
    rows.target_columns = 0;
    assert_work(ALL, &s, &rows, NULL);
    /* One row is enough to predict, and to train without batchnorm. */
    rows = s.rows;
    rows.n = 1;
    assert_work(1 << PREDICT | 1 << EVALUATE, &s, &rows, NULL);
    OK(mlpbn_gradient(plain.network, plain.workspace, &plain.rows, NULL, NULL));
    /* Labels and targets are not read without a loss. */
    s.labels[2] = -1;
    s.targets[4] = API_NAN;
    rows = s.rows;
    rows.target_columns = 2385;
    assert_work(without_loss, &s, &rows, NULL);
    rows.labels = NULL;
    rows.targets = NULL;
    assert_work(without_loss, &s, &rows, NULL);
    /* Rows that the index list leaves out may hold anything. */
    api_store(s.x, dtype, 1 * SETUP_INPUTS + 2, API_NAN);
    rows = s.rows;
    data_set_index(&rows, index, LENGTH(index), SETUP_ROWS);
    assert_work(ALL, &s, &rows, NULL);
}

/* --- What a view means -------------------------------------------------------------- */

enum { VIEW_DATA = 9, VIEW_ROWS = 7, VIEW_INPUTS = 5, VIEW_OUTPUTS = 3, LARGEST = 16 };

struct layout {
    mlpbn_dtype dtype, target_dtype;
    size_t gap;     /* unused elements between rows; 0 is told as stride 0 */
    size_t shift;   /* bytes before the first row: 1 leaves no alignment at all */
    int is_indexed; /* out of order, one row twice, two not at all */
};

static const size_t view_index[VIEW_ROWS] = {8, 0, 5, 5, 2, 7, 3};

/* Whole numbers, that any dtype holds, with poison in the gaps. */
static void *make_array(const struct layout *layout, mlpbn_dtype dtype, size_t columns,
                        uint64_t seed)
{
    const size_t stride = columns + layout->gap, size = api_dtype_size(dtype);
    unsigned char *array =
        (unsigned char *)api_alloc(layout->shift + VIEW_DATA * stride * size, 1) +
        layout->shift;
    for (size_t i = 0; i < VIEW_DATA * stride; i++)
        api_store(array, dtype, i, dtype == MLPBN_U8 ? 255 : API_NAN);
    for (size_t r = 0; r < VIEW_DATA; r++)
        for (size_t j = 0; j < columns; j++) {
            const double value = api_uniform(seed, r * columns + j);
            api_store(array, dtype, r * stride + j, floor(LARGEST * (0.5 + 0.5 * value)));
        }
    return array;
}

static mlpbn_rows make_view(const struct layout *l, const int32_t *labels)
{
    mlpbn_rows rows = MLPBN_ROWS_INIT(make_array(l, l->dtype, VIEW_INPUTS, 3), l->dtype,
                                      VIEW_ROWS, VIEW_INPUTS);
    rows.stride = l->gap ? VIEW_INPUTS + l->gap : 0;
    rows.index = l->is_indexed ? view_index : NULL;
    rows.n_data = l->is_indexed ? VIEW_DATA : 0;
    rows.labels = labels;
    rows.targets = make_array(l, l->target_dtype, VIEW_OUTPUTS, 4);
    rows.target_dtype = l->target_dtype;
    rows.target_columns = VIEW_OUTPUTS;
    rows.target_stride = l->gap ? VIEW_OUTPUTS + l->gap : 0;
    return rows;
}

/* All calls see the rows that data_x, data_targets and data_labels see. */
static void check_view(const struct setup *s)
{
    const mlpbn_loss_options entropy = MLPBN_LOSS_OPTIONS_INIT;
    const mlpbn_loss_options *const losses[] = {&entropy, &api_squares};
    const double tolerance = LARGEST * reference_tolerance(s->network);
    const double *trained = reference_run(s->network, &s->rows, REFERENCE_TRAIN).y;
    const double *predicted = reference_run(s->network, &s->rows, REFERENCE_PREDICT).y;
    /* A squared error grows by twice its root. */
    const double slack = 2 * (LARGEST + api_largest(predicted)) * tolerance;
    api_assert_close_arrays(setup_predict(s), predicted, tolerance, "predicted y");
    api_assert_close_arrays(setup_forward(s), trained, tolerance, "forward y");
    for (size_t i = 0; i < LENGTH(losses); i++) {
        api_assert_near(setup_metrics(s, losses[i]).loss,
                        reference_loss(losses[i], trained, &s->rows), slack,
                        "loss of the gradient");
        api_assert_near(setup_evaluate(s, losses[i]).loss,
                        reference_loss(losses[i], predicted, &s->rows), slack,
                        "loss of the evaluation");
    }
}

enum { N_LAYOUTS = 72 };

DTYPE_TEST(a_view_means_what_it_says)
{
    static const mlpbn_dtype dtypes[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    static const int32_t labels[VIEW_DATA] = {2, 0, 1, 1, 2, 0, 2, 1, 0};
    mlpbn_network *network = NETWORK(dtype, VIEW_INPUTS, {4, 3}, .batchnorm_mask = 1);
    struct setup s = {.network = network,
                      .workspace = api_workspace(network, VIEW_ROWS, 1)};
    const double *mean = api_random(VIEW_INPUTS, 5, 2.385, LARGEST / 2);
    const double *std = api_random(VIEW_INPUTS, 6, 1.385, LARGEST / 4);
    for (size_t i = 0; i < 2 * N_LAYOUTS; i++) {
        const struct layout layout = {.dtype = dtypes[i % 3],
                                      .target_dtype = dtypes[i / 3 % 3],
                                      .gap = i / 9 % 2 * 3,
                                      .shift = i / 18 % 2,
                                      .is_indexed = (int)(i / 36 % 2)};
        s.rows = make_view(&layout, labels);
        if (i == N_LAYOUTS) /* and all of them again, standardized */
            OK(mlpbn_network_set_standardization(network, mean, std, VIEW_INPUTS));
        check_view(&s);
    }
}

/* Irregular doubles are rounded for an f32 network, floats are widened for an f64 one. */
DTYPE_TEST(rows_of_another_precision_are_converted)
{
    struct setup s = setup_default(dtype);
    s.rows = data_make(OTHER(dtype), SETUP_ROWS, SETUP_INPUTS, SETUP_OUTPUTS, 11).rows;
    api_assert_close_arrays(setup_predict(&s),
                            reference_run(s.network, &s.rows, REFERENCE_PREDICT).y,
                            4 * reference_tolerance(s.network), "y");
}
