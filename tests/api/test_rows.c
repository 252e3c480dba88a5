/* Views of data: what every call with rows refuses, and what a view means. */
#include "api_reference.h"

#include <stdlib.h>
#include <string.h>

/* --- Views that are wrong ----------------------------------------------------------- */

/* Bits of the calls that take rows. */
enum {
    GRADIENT = 1,
    TRAIN_STEP = 2,
    FORWARD = 4,
    PREDICT = 8,
    EVALUATE = 16,
    FIT = 32,
    SAMPLE = 64,
    TRAINING = GRADIENT | TRAIN_STEP | FORWARD,
    LIMITED = TRAINING | PREDICT,               /* to the workspace's max_batch */
    SCORING = GRADIENT | TRAIN_STEP | EVALUATE, /* read labels or targets */
    OF_NETWORK = TRAINING | PREDICT | EVALUATE | FIT,
    ALL = OF_NETWORK | SAMPLE
};

/* What stands in an output before a call; a failing call leaves it. */
static const double MARK = 2.375;
enum { MAX_Y = (WORLD_MAX + 1) * WORLD_OUTPUTS };

typedef mlpbn_status with_metrics(struct world *, const mlpbn_rows *,
                                  const mlpbn_loss_options *, mlpbn_metrics *);
typedef mlpbn_status with_y(const mlpbn_network *, mlpbn_workspace *, const mlpbn_rows *,
                            double *);

static mlpbn_status check_metrics(with_metrics *call, struct world *world,
                                  const mlpbn_rows *rows, const mlpbn_loss_options *loss)
{
    mlpbn_metrics metrics = {sizeof metrics, 2385, MARK, MARK, 17, MARK};
    const mlpbn_metrics before = metrics;
    const mlpbn_status status = call(world, rows, loss, &metrics);
    if (status)
        api_assert_same(&metrics, &before, sizeof metrics, "metrics");
    return status;
}

static mlpbn_status check_y(with_y *call, struct world *world, const mlpbn_rows *rows)
{
    double y[MAX_Y], before[MAX_Y];
    for (size_t i = 0; i < MAX_Y; i++)
        y[i] = before[i] = MARK;
    const mlpbn_status status = call(world->network, world->workspace, rows, y);
    if (status)
        api_assert_same(y, before, sizeof y, "y");
    return status;
}

static mlpbn_status gradient(struct world *world, const mlpbn_rows *rows,
                             const mlpbn_loss_options *loss, mlpbn_metrics *metrics)
{
    return mlpbn_gradient(world->network, world->workspace, rows, loss, metrics);
}

static mlpbn_status train_step(struct world *world, const mlpbn_rows *rows,
                               const mlpbn_loss_options *loss, mlpbn_metrics *metrics)
{
    return mlpbn_train_step(world->network, world->optimizer, world->workspace, rows,
                            loss, metrics);
}

static mlpbn_status evaluate(struct world *world, const mlpbn_rows *rows,
                             const mlpbn_loss_options *loss, mlpbn_metrics *metrics)
{
    return mlpbn_evaluate(world->network, world->workspace, rows, loss, metrics);
}

static mlpbn_status sample(const mlpbn_rows *rows)
{
    mlpbn_sampler *sampler = api_untouched();
    const mlpbn_status status = mlpbn_sampler_create(&sampler, rows, NULL);
    if (status)
        ck_assert_ptr_eq(sampler, api_untouched());
    else
        mlpbn_sampler_destroy(sampler);
    return status;
}

static const struct {
    unsigned bit;
    const char *name;
} calls[] = {
    {GRADIENT, "gradient"},     {TRAIN_STEP, "train_step"}, {FORWARD, "forward"},
    {PREDICT, "predict"},       {EVALUATE, "evaluate"},     {FIT, "fit_standardization"},
    {SAMPLE, "sampler_create"},
};

static mlpbn_status run(unsigned call, struct world *world, const mlpbn_rows *rows,
                        const mlpbn_loss_options *loss)
{
    switch (call) {
    case GRADIENT:
        return check_metrics(gradient, world, rows, loss);
    case TRAIN_STEP:
        return check_metrics(train_step, world, rows, loss);
    case EVALUATE:
        return check_metrics(evaluate, world, rows, loss);
    case FORWARD:
        return check_y(api_forward, world, rows);
    case PREDICT:
        return check_y(api_predict, world, rows);
    case FIT:
        return mlpbn_network_fit_standardization(world->network, rows);
    default:
        return sample(rows);
    }
}

static const size_t indices_good[] = {6, 0, 3, 3, 1, 5, 2};
static const size_t indices_7[] = {6, 0, 3, 7, 1, 5, 2};
static const size_t indices_huge[] = {SIZE_MAX, 0, 3, 3, 1, 5, 2};

enum { NO_LABEL = 0, CE = MLPBN_SOFTMAX_CROSS_ENTROPY, MSE = MLPBN_MEAN_SQUARED_ERROR };

#define ROWS_SIZE(field, value) SIZE_FIELD(mlpbn_rows, field, (value))
#define ROWS_INT(field, value) INT_FIELD(mlpbn_rows, field, (value))
#define ROWS_NULL(field) NULL_FIELD(mlpbn_rows, field)
#define ROWS_AS_THEY_ARE                                                                 \
    {                                                                                    \
        POKE_NOTHING, 0, 0, 0, 0.                                                        \
    }

static const struct bad_view {
    const char *name;
    struct poke poke;
    const size_t *index; /* NULL: none */
    int label;           /* of row 4; 0: unchanged */
    unsigned calls;
    int loss;
    mlpbn_status status;
    const char *words;
} bad_views[] = {
    {"no rows", ROWS_SIZE(n, 0), NULL, 0, ALL, CE, MLPBN_EBATCH, "0"},
    {"one row", ROWS_SIZE(n, 1), NULL, 0, TRAINING | FIT, CE, MLPBN_EBATCH, "1|2"},
    {"9 rows", ROWS_SIZE(n, 9), NULL, 0, LIMITED, CE, MLPBN_EBATCH, "9|8"},
    {"absurd n", ROWS_SIZE(n, SIZE_MAX / 3), NULL, 0, EVALUATE | FIT | SAMPLE, CE,
     MLPBN_ESIZE, ""},
    {"no data", ROWS_NULL(data), NULL, 0, ALL, CE, MLPBN_EINVAL, "data|NULL"},
    {"dtype 0", ROWS_INT(dtype, 0), NULL, 0, ALL, CE, MLPBN_EDTYPE, "data|0"},
    {"dtype 99", ROWS_INT(dtype, 99), NULL, 0, ALL, CE, MLPBN_EDTYPE, "data|99"},
    {"columns 6", ROWS_SIZE(columns, 6), NULL, 0, OF_NETWORK, CE, MLPBN_ESHAPE,
     "columns|6|5"},
    {"columns 4", ROWS_SIZE(columns, 4), NULL, 0, OF_NETWORK, CE, MLPBN_ESHAPE,
     "columns|4|5"},
    {"stride 4", ROWS_SIZE(stride, 4), NULL, 0, ALL, CE, MLPBN_EINVAL, "stride|4|5"},
    {"stride huge", ROWS_SIZE(stride, SIZE_MAX / 2), NULL, 0, ALL, CE, MLPBN_ESIZE, ""},
    {"stride huge", ROWS_SIZE(stride, SIZE_MAX), NULL, 0, ALL, CE, MLPBN_ESIZE, ""},
    {"n_data huge", ROWS_SIZE(n_data, SIZE_MAX / 4), NULL, 0, ALL, CE, MLPBN_ESIZE, ""},
    {"n_data 6", ROWS_SIZE(n_data, 6), NULL, 0, ALL, CE, MLPBN_EINVAL, "n_data|6|7"},
    {"index, no n_data", ROWS_AS_THEY_ARE, indices_good, 0, ALL, CE, MLPBN_EINVAL,
     "index|n_data|0"},
    {"index 7", ROWS_SIZE(n_data, 7), indices_7, 0, ALL, CE, MLPBN_EINDEX, "index|3|7"},
    {"index huge", ROWS_SIZE(n_data, 7), indices_huge, 0, ALL, CE, MLPBN_EINDEX,
     "index|0|7"},
    {"index 6", ROWS_SIZE(n_data, 6), indices_good, 0, ALL, CE, MLPBN_EINDEX,
     "index|0|6"},
    {"no labels", ROWS_NULL(labels), NULL, 0, SCORING, CE, MLPBN_EINVAL, "labels|NULL"},
    {"label -1", ROWS_AS_THEY_ARE, NULL, -1, SCORING, CE, MLPBN_ELABEL, "label|4|-1|3"},
    {"label 3", ROWS_AS_THEY_ARE, NULL, 3, SCORING, CE, MLPBN_ELABEL, "label|4|3"},
    {"label max", ROWS_AS_THEY_ARE, NULL, INT32_MAX, SCORING, CE, MLPBN_ELABEL,
     "label|4|2147483647|3"},
    {"label min", ROWS_AS_THEY_ARE, NULL, INT32_MIN, SCORING, CE, MLPBN_ELABEL,
     "label|4|-2147483648|3"},
    {"no targets", ROWS_NULL(targets), NULL, 0, SCORING, MSE, MLPBN_EINVAL,
     "targets|NULL"},
    {"target columns", ROWS_SIZE(target_columns, 4), NULL, 0, SCORING, MSE, MLPBN_ESHAPE,
     "target_columns|4|3"},
    {"target columns", ROWS_SIZE(target_columns, 2), NULL, 0, SCORING, MSE, MLPBN_ESHAPE,
     "target_columns|2|3"},
    {"target dtype", ROWS_INT(target_dtype, 0), NULL, 0, SCORING, MSE, MLPBN_EDTYPE,
     "targets|0"},
    {"target dtype", ROWS_INT(target_dtype, 99), NULL, 0, SCORING, MSE, MLPBN_EDTYPE,
     "targets|99"},
    {"target stride", ROWS_SIZE(target_stride, 2), NULL, 0, SCORING, MSE, MLPBN_EINVAL,
     "targets|stride|2|3"},
    {"target stride", ROWS_SIZE(target_stride, SIZE_MAX / 2), NULL, 0, SCORING, MSE,
     MLPBN_ESIZE, ""},
};

static mlpbn_rows spoiled(struct world *world, const struct bad_view *bad)
{
    mlpbn_rows rows = world->data.rows;
    api_poke(&rows, &bad->poke);
    rows.index = bad->index;
    if (bad->label)
        world->data.labels[4] = bad->label;
    return rows;
}

static void check_bad_view(const struct bad_view *bad, mlpbn_dtype dtype)
{
    const mlpbn_loss_options loss = api_loss_options((mlpbn_loss)bad->loss, 0.0385);
    struct world world, untouched;

    world_make(&world, dtype);
    world_make(&untouched, dtype);
    const int32_t label = world.data.labels[4];
    for (size_t c = 0; c < LENGTH(calls); c++) {
        if (!(bad->calls & calls[c].bit))
            continue;
        const mlpbn_rows rows = spoiled(&world, bad);
        api_case(calls[c].name, bad->name);
        FAILS(bad->status, bad->words, run(calls[c].bit, &world, &rows, &loss));
    }
    world.data.labels[4] = label;
    world_assert_twins(&world, &untouched);
    world_free(&world);
    world_free(&untouched);
}

START_TEST(a_bad_view_is_refused_and_changes_nothing)
{
    check_bad_view(&bad_views[_i], MLPBN_F32);
    check_bad_view(&bad_views[_i], MLPBN_F64);
}
END_TEST

/* --- What is not looked at ---------------------------------------------------------- */

START_TEST(labels_and_targets_are_not_read_without_a_loss)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    mlpbn_rows rows = world.data.rows;
    int32_t *labels = world.data.labels;

    labels[2] = -1;
    world.data.targets[4] = API_NAN;
    rows.target_columns = 2385;
    api_case("predict", "");
    OK(run(PREDICT, &world, &rows, NULL));
    OK(run(FORWARD, &world, &rows, NULL));
    OK(run(FIT, &world, &rows, NULL));
    rows.labels = NULL;
    rows.targets = NULL;
    OK(run(PREDICT, &world, &rows, NULL));
    OK(run(FORWARD, &world, &rows, NULL));
    OK(run(FIT, &world, &rows, NULL));
    world_free(&world);
}
END_TEST

START_TEST(one_loss_does_not_read_what_the_other_needs)
{
    struct world world;
    const mlpbn_loss_options mse = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    world_make(&world, api_dtypes[_i]);
    mlpbn_rows no_labels = world.data.rows, no_targets = world.data.rows;

    no_labels.labels = NULL;
    no_targets.targets = NULL;
    no_targets.target_columns = 0;
    for (size_t c = 0; c < LENGTH(calls); c++) {
        api_case(calls[c].name, "");
        OK(run(calls[c].bit, &world, &no_labels, &mse));
        OK(run(calls[c].bit, &world, &no_targets, NULL));
    }
    world_free(&world);
}
END_TEST

/* Rows that the index list leaves out may hold anything. */
START_TEST(rows_outside_the_index_are_not_read)
{
    static const size_t index[] = {6, 0, 3, 3};
    struct world world;
    world_make(&world, api_dtypes[_i]);
    mlpbn_rows rows = world.data.rows;

    api_store(world.data.x, api_dtypes[_i], 1 * WORLD_INPUTS + 2, API_NAN);
    world.data.labels[2] = -1;
    rows.n = LENGTH(index);
    rows.n_data = WORLD_ROWS;
    rows.index = index;
    for (size_t c = 0; c < LENGTH(calls); c++) {
        api_case(calls[c].name, "");
        OK(run(calls[c].bit, &world, &rows, NULL));
    }
    world_free(&world);
}
END_TEST

START_TEST(one_row_is_enough_to_predict)
{
    struct world world;
    world_make(&world, api_dtypes[_i]);
    world.data.rows.n = 1;
    OK(run(PREDICT, &world, &world.data.rows, NULL));
    OK(run(EVALUATE, &world, &world.data.rows, NULL));
    world_free(&world);
}
END_TEST

START_TEST(one_row_is_enough_to_train_without_batchnorm)
{
    const struct recipe recipe = {.dtype = api_dtypes[_i], .inputs = 5, .units = {4, 3}};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, 1, 1);
    struct data data;

    data_make(&data, MLPBN_F32, 1, 5, 3, 29);
    OK(mlpbn_gradient(network, workspace, &data.rows, NULL, NULL));
    data_free(&data);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* --- What a view means -------------------------------------------------------------- */

enum { VIEW_DATA = 9, VIEW_ROWS = 7, VIEW_INPUTS = 5, VIEW_OUTPUTS = 3, LARGEST = 16 };

struct layout {
    mlpbn_dtype dtype, target_dtype;
    size_t gap;     /* unused elements between rows; 0 is told as stride 0 */
    size_t shift;   /* bytes before the first row: 1 leaves no alignment at all */
    int is_indexed; /* out of order, one row twice, two not at all */
};

static const size_t view_index[VIEW_ROWS] = {8, 0, 5, 5, 2, 7, 3};

/* Whole numbers, that any dtype holds, with poison in the gaps; in *block, shifted. */
static void *make_array(void **block, const struct layout *layout, mlpbn_dtype dtype,
                        size_t columns, uint64_t seed)
{
    const size_t stride = columns + layout->gap, size = api_dtype_size(dtype);
    *block = api_alloc(layout->shift + VIEW_DATA * stride * size, 1);
    unsigned char *array = (unsigned char *)*block + layout->shift;

    for (size_t i = 0; i < VIEW_DATA * stride; i++)
        api_store(array, dtype, i, dtype == MLPBN_U8 ? 255 : API_NAN);
    for (size_t r = 0; r < VIEW_DATA; r++)
        for (size_t j = 0; j < columns; j++) {
            const double value = api_number(seed, r * columns + j);
            api_store(array, dtype, r * stride + j, floor(LARGEST * (0.5 + 0.5 * value)));
        }
    return array;
}

static mlpbn_rows make_view(const struct layout *l, void *blocks[2],
                            const int32_t *labels)
{
    mlpbn_rows rows;

    OK(mlpbn_rows_init(&rows, sizeof rows));
    rows.n = VIEW_ROWS;
    rows.dtype = l->dtype;
    rows.data = make_array(&blocks[0], l, l->dtype, VIEW_INPUTS, 3);
    rows.columns = VIEW_INPUTS;
    rows.stride = l->gap ? VIEW_INPUTS + l->gap : 0;
    rows.index = l->is_indexed ? view_index : NULL;
    rows.n_data = l->is_indexed ? VIEW_DATA : 0;
    rows.labels = labels;
    rows.targets = make_array(&blocks[1], l, l->target_dtype, VIEW_OUTPUTS, 4);
    rows.target_dtype = l->target_dtype;
    rows.target_columns = VIEW_OUTPUTS;
    rows.target_stride = l->gap ? VIEW_OUTPUTS + l->gap : 0;
    return rows;
}

/* All calls see the rows that data_x, data_targets and data_labels see. */
static void check_view(const mlpbn_network *network, mlpbn_workspace *workspace,
                       const mlpbn_rows *rows)
{
    static const mlpbn_loss losses[] = {MLPBN_SOFTMAX_CROSS_ENTROPY,
                                        MLPBN_MEAN_SQUARED_ERROR};
    const double tolerance = LARGEST * reference_tolerance(network);
    struct reference trained = reference_run(network, rows, REFERENCE_TRAIN);
    struct reference predicted = reference_run(network, rows, REFERENCE_PREDICT);
    double y[VIEW_ROWS * VIEW_OUTPUTS] = {0};
    mlpbn_metrics metrics = api_metrics();

    OK(api_predict(network, workspace, rows, y));
    api_assert_close(y, predicted.y, LENGTH(y), tolerance, "predicted y");
    OK(api_forward(network, workspace, rows, y));
    api_assert_close(y, trained.y, LENGTH(y), tolerance, "forward y");
    for (size_t i = 0; i < LENGTH(losses); i++) {
        const mlpbn_loss_options loss = api_loss_options(losses[i], 0);
        /* A squared error grows by twice its root. */
        const double slack =
            2 * (LARGEST + api_largest(predicted.y, LENGTH(y))) * tolerance;
        OK(mlpbn_gradient(network, workspace, rows, &loss, &metrics));
        api_assert_near(metrics.loss, reference_loss(&loss, trained.y, rows), slack,
                        "loss of the gradient");
        OK(mlpbn_evaluate(network, workspace, rows, &loss, &metrics));
        api_assert_near(metrics.loss, reference_loss(&loss, predicted.y, rows), slack,
                        "loss of the evaluation");
    }
    reference_free(&trained);
    reference_free(&predicted);
}

/* Layout number i of all combinations. */
static struct layout layout_of(size_t i)
{
    static const mlpbn_dtype dtypes[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    const struct layout layout = {.dtype = dtypes[i % 3],
                                  .target_dtype = dtypes[i / 3 % 3],
                                  .gap = i / 9 % 2 * 3,
                                  .shift = i / 18 % 2,
                                  .is_indexed = (int)(i / 36 % 2)};
    return layout;
}

enum { N_LAYOUTS = 72 };

START_TEST(a_view_means_what_it_says)
{
    static const int32_t labels[VIEW_DATA] = {2, 0, 1, 1, 2, 0, 2, 1, 0};
    const struct recipe recipe = {
        .dtype = api_dtypes[_i], .inputs = VIEW_INPUTS, .units = {4, 3}, .batchnorm = 1};
    mlpbn_network *network = api_network(&recipe);
    mlpbn_workspace *workspace = api_workspace(network, VIEW_ROWS, 1);
    double *mean = api_numbers(VIEW_INPUTS, 5, 2.385, LARGEST / 2);
    double *std = api_numbers(VIEW_INPUTS, 6, 1.385, LARGEST / 4);

    for (size_t i = 0; i < 2 * N_LAYOUTS; i++) {
        const struct layout layout = layout_of(i % N_LAYOUTS);
        void *blocks[2];
        const mlpbn_rows rows = make_view(&layout, blocks, labels);
        if (i == N_LAYOUTS) /* and all of them again, standardized */
            OK(mlpbn_network_set_standardization(network, mean, std, VIEW_INPUTS));
        check_view(network, workspace, &rows);
        free(blocks[0]);
        free(blocks[1]);
    }
    free(mean);
    free(std);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}
END_TEST

/* Irregular doubles are rounded for an f32 network, floats are widened for an f64 one. */
START_TEST(rows_of_another_precision_are_converted)
{
    struct world world;
    struct data data;
    const mlpbn_dtype other = api_dtypes[1 - _i];
    double y[WORLD_ROWS * WORLD_OUTPUTS] = {0};

    world_make(&world, api_dtypes[_i]);
    data_make(&data, other, WORLD_ROWS, WORLD_INPUTS, WORLD_OUTPUTS, 11);
    struct reference reference =
        reference_run(world.network, &data.rows, REFERENCE_PREDICT);
    OK(api_predict(world.network, world.workspace, &data.rows, y));
    api_assert_close(y, reference.y, LENGTH(y), 4 * reference_tolerance(world.network),
                     "y");
    reference_free(&reference);
    data_free(&data);
    world_free(&world);
}
END_TEST

Suite *rows_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("rows", &tests);
    tcase_add_loop_test(tests, a_bad_view_is_refused_and_changes_nothing, 0,
                        LENGTH(bad_views));
    tcase_add_loop_test(tests, labels_and_targets_are_not_read_without_a_loss, 0,
                        N_DTYPES);
    tcase_add_loop_test(tests, one_loss_does_not_read_what_the_other_needs, 0, N_DTYPES);
    tcase_add_loop_test(tests, rows_outside_the_index_are_not_read, 0, N_DTYPES);
    tcase_add_loop_test(tests, one_row_is_enough_to_predict, 0, N_DTYPES);
    tcase_add_loop_test(tests, one_row_is_enough_to_train_without_batchnorm, 0, N_DTYPES);
    tcase_add_loop_test(tests, a_view_means_what_it_says, 0, N_DTYPES);
    tcase_add_loop_test(tests, rows_of_another_precision_are_converted, 0, N_DTYPES);
    return suite;
}
