/* Prediction and evaluation. */
#include "api_reference.h"

static const size_t batches[] = {1, 2, 7, 16, 33};
enum { MAX_BATCH = 33 };

static void check_outputs(const mlpbn_network *network, mlpbn_workspace *workspace,
                          size_t n)
{
    const size_t outputs = mlpbn_network_outputs(network);
    const struct data data =
        data_make(MLPBN_F32, n, mlpbn_network_inputs(network), outputs, 100 + n);
    const double *expected = reference_run(network, &data.rows, REFERENCE_PREDICT).y;
    double *y = api_alloc(n * outputs, sizeof *y);
    OK(api_predict(network, workspace, &data.rows, y));
    api_assert_close_arrays(
        y, expected, reference_tolerance(network) * (1 + api_largest(expected)), "y");
}

LOOP_DTYPE_TEST(outputs_are_those_of_plain_loops, N_SHAPES + LAST_ACTIVATION)
{
    mlpbn_network *network = api_network(
        spec_or_activation(api_shapes, N_SHAPES, _i, SPEC(dtype, 9, {16, 5})));
    mlpbn_workspace *training = api_workspace(network, MAX_BATCH, 1);
    mlpbn_workspace *predicting = api_predict_workspace(network, MAX_BATCH);
    const struct snapshot before = snapshot_take(network);
    for (size_t b = 0; b < LENGTH(batches); b++) {
        check_outputs(network, training, batches[b]);
        check_outputs(network, predicting, batches[b]);
    }
    snapshot_assert(&before, network, "prediction");
}

/* The same call twice, and in workspaces of either mode and another size: the same
 * bits. */
DTYPE_TEST(outputs_do_not_depend_on_the_workspace)
{
    struct setup s = setup_default(dtype);
    const double *first = setup_predict(&s);
    OK(mlpbn_gradient(s.network, s.workspace, &s.rows, NULL, NULL));
    api_assert_same_arrays(setup_predict(&s), first, "y of the same workspace");
    s.workspace = api_predict_workspace(s.network, 4 * SETUP_MAX);
    api_assert_same_arrays(setup_predict(&s), first, "y of another workspace");
    s.workspace = api_predict_workspace(s.network, 3); /* 7 rows: 3, 3 and 1 */
    api_assert_same_arrays(setup_predict(&s), first, "y of a small workspace");
}

/* Any number of rows; one that is not finite ends it, after those before it. */
DTYPE_TEST(rows_beyond_max_batch_are_predicted)
{
    enum { N = 311, INPUTS = 5, OUTPUTS = 3 };
    mlpbn_network *network = NETWORK(dtype, INPUTS, {7, OUTPUTS}, .batchnorm_mask = 1);
    const struct data data = data_make(MLPBN_F64, N, INPUTS, OUTPUTS, 83);
    double *expected = api_outputs(network, &data.rows);
    double *y = api_alloc(N * OUTPUTS, sizeof *y);
    static const size_t max_batches[] = {1, 17, 130, 310};
    for (size_t i = 0; i < LENGTH(max_batches); i++) {
        mlpbn_workspace *workspace = api_predict_workspace(network, max_batches[i]);
        OK(api_predict(network, workspace, &data.rows, y));
        api_assert_same_arrays(y, expected, "y");
    }
    api_store(data.x, MLPBN_F64, 200 * INPUTS + 3, API_NAN);
    NONFINITE("row 200",
              api_predict(network, api_predict_workspace(network, 17), &data.rows, y));
}

/* --- Classes ------------------------------------------------------------------------ */

/* The largest output, and softmax, in long double, of the outputs that prediction gives. */
static void check_classes(const mlpbn_network *network, const mlpbn_rows *rows,
                          int are_logits)
{
    enum { OUTPUTS = 4 };
    const double *y = api_outputs(network, rows);
    int32_t *labels = api_alloc(rows->n, sizeof *labels);
    double *p = api_alloc(rows->n * OUTPUTS, sizeof *p);
    mlpbn_workspace *workspace = api_predict_workspace(network, 7);
    for (int alone = 0; alone < 2; alone++) {
        OK(mlpbn_classify(network, alone ? NULL : workspace, rows, labels, p));
        for (size_t i = 0; i < rows->n; i++) {
            long double sum = 0;
            int32_t largest = 0;
            for (int32_t k = 0; k < OUTPUTS; k++) {
                sum += expl((long double)y[i * OUTPUTS + (size_t)k]);
                if (y[i * OUTPUTS + (size_t)k] > y[i * OUTPUTS + (size_t)largest])
                    largest = k;
            }
            ck_assert_int_eq(labels[i], largest);
            for (size_t k = 0; k < OUTPUTS; k++) {
                const double logit = y[i * OUTPUTS + k];
                api_assert_near(p[i * OUTPUTS + k],
                                are_logits ? (double)(expl((long double)logit) / sum)
                                           : logit,
                                1e-15, "probability");
            }
        }
    }
    OK(mlpbn_classify(network, workspace, rows, labels, NULL));
}

DTYPE_TEST(classes_have_the_largest_output)
{
    enum { N = 29, INPUTS = 5 };
    const struct data data = data_make(MLPBN_F32, N, INPUTS, 4, 89);
    check_classes(NETWORK(dtype, INPUTS, {7, 4}, .batchnorm_mask = 1), &data.rows, 1);
    check_classes(NETWORK(dtype, INPUTS, {7, 4}, .last = MLPBN_SOFTMAX), &data.rows, 0);
}

/* One output: the probability of class 1, or its logit. */
DTYPE_TEST(one_output_tells_two_classes_apart)
{
    enum { N = 29, INPUTS = 5 };
    const struct data data = data_make(MLPBN_F32, N, INPUTS, 1, 89);
    int32_t labels[N];
    double p[2 * N];
    for (int is_logit = 0; is_logit < 2; is_logit++) {
        const mlpbn_network *network = NETWORK(
            dtype, INPUTS, {7, 1}, .last = is_logit ? MLPBN_IDENTITY : MLPBN_SIGMOID);
        const double *y = api_outputs(network, &data.rows);
        int n_ones = 0;
        OK(mlpbn_classify(network, NULL, &data.rows, labels, p));
        for (size_t i = 0; i < N; i++) {
            const double one =
                is_logit ? (double)(1 / (1 + expl(-(long double)y[i]))) : y[i];
            ck_assert_int_eq(labels[i], one > 0.5);
            api_assert_near(p[2 * i + 1], one, 1e-15, "probability of 1");
            api_assert_near(p[2 * i], 1 - one, 1e-15, "probability of 0");
            n_ones += labels[i];
        }
        ck_assert(n_ones > 0 && n_ones < N);
    }
}

TEST(outputs_that_are_no_classes_are_refused)
{
    const struct data data = data_make(MLPBN_F32, 7, 5, 3, 89);
    int32_t labels[7] = {-5};
    mlpbn_network *network = NETWORK(MLPBN_F32, 5, {3}, .last = MLPBN_TANH);
    INVALID("tanh", mlpbn_classify(network, NULL, &data.rows, labels, NULL));
    network = NETWORK(MLPBN_F32, 5, {3}, .last = MLPBN_SIGMOID);
    INVALID("sigmoid|3", mlpbn_classify(network, NULL, &data.rows, labels, NULL));
    network = NETWORK(MLPBN_F32, 5, {1}, .last = MLPBN_SOFTMAX);
    INVALID("softmax|1", mlpbn_classify(network, NULL, &data.rows, labels, NULL));
    network = NETWORK(MLPBN_F32, 5, {3});
    mlpbn_workspace *foreign = api_workspace(NETWORK(MLPBN_F32, 5, {3}), 7, 1);
    INVALID("network|NULL", mlpbn_classify(NULL, NULL, &data.rows, labels, NULL));
    INVALID("rows|NULL", mlpbn_classify(network, NULL, NULL, labels, NULL));
    INVALID("labels|NULL", mlpbn_classify(network, NULL, &data.rows, NULL, NULL));
    FAILS(MLPBN_EMISMATCH, "workspace",
          mlpbn_classify(network, foreign, &data.rows, labels, NULL));
    api_store(data.x, MLPBN_F32, 5 * 5, API_NAN);
    NONFINITE("row 5", mlpbn_classify(network, NULL, &data.rows, labels, NULL));
    ck_assert_int_eq(labels[0], -5);
}

/* Rows of the network's own type may be read where they are, others are gathered first: the
 * same bits, at any address and stride, and a bad number is named all the same. */
DTYPE_TEST(rows_have_the_same_outputs_wherever_they_are)
{
    enum { N = 9, INPUTS = 96, STRIDE = 99, OUTPUTS = 3 };
    static const size_t index[N] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    const size_t size = api_dtype_size(dtype);
    mlpbn_network *network = NETWORK(dtype, INPUTS, {7, OUTPUTS}, .batchnorm_mask = 1);
    mlpbn_workspace *workspace = api_predict_workspace(network, N);
    double y[N * OUTPUTS] = {0}, expected[N * OUTPUTS] = {0};
    char *block = api_alloc(N * STRIDE * size + 16, 1);
    for (size_t offset = 0; offset < 16; offset++) {
        char *data = block + offset;
        for (size_t i = 0; i < N * STRIDE; i++)
            api_store(data, dtype, i, sin(0.385 * (double)i));
        mlpbn_rows rows = MLPBN_ROWS_INIT(data, dtype, N, INPUTS);
        rows.stride = STRIDE;
        rows.n_data = N;
        OK(api_predict(network, workspace, &rows, y));
        rows.index = index;
        OK(api_predict(network, workspace, &rows, expected));
        api_assert_same(y, expected, sizeof y, "y of rows where they are");
        rows.index = NULL;
        memset(data + (7 * STRIDE + 61) * size, 0xff, size); /* a NaN */
        NONFINITE("in row 7, column 61", api_predict(network, workspace, &rows, y));
    }
}

/* More rows than the library takes at once: each has the bits that it has alone, and a bad
 * one among the last leaves all of y as it was. By two threads where _i is 1. */
LOOP_DTYPE_TEST(many_rows_are_predicted_as_one, 2)
{
    enum { MANY = 391, BAD = 385 };
    const int is_training = _i;
    struct setup s = setup_default(dtype);
    const struct setup other = setup_default(dtype);
    const struct data data =
        data_make(MLPBN_F64, MANY, SETUP_INPUTS, SETUP_OUTPUTS, 2385);
    static double y[MANY * SETUP_OUTPUTS], alone[SETUP_OUTPUTS],
        kept[MANY * SETUP_OUTPUTS];
    s.workspace = is_training ? api_workspace(s.network, MANY, 2)
                              : api_predict_workspace(s.network, MANY);
    OK(api_predict(s.network, s.workspace, &data.rows, y));
    for (size_t i = 0; i < MANY; i++) {
        mlpbn_rows row = data.rows;
        data_set_index(&row, &i, 1, MANY);
        OK(api_predict(other.network, other.workspace, &row, alone));
        api_assert_same(y + i * SETUP_OUTPUTS, alone, sizeof alone, "y of a row alone");
    }
    memcpy(kept, y, sizeof y);
    api_store(data.x, MLPBN_F64, BAD * SETUP_INPUTS + 1, API_NAN);
    api_store(data.x, MLPBN_F64, 7, 2.385); /* would change the first rows */
    NONFINITE("385|column 1", api_predict(s.network, s.workspace, &data.rows, y));
    api_assert_same(y, kept, sizeof y, "y after a failure");
    if (is_training)
        setup_assert_equal(&s, &other);
}

/* The mean of single calls, each of at most max_batch rows, weighted by their rows. */
static mlpbn_metrics evaluate_batches(const struct setup *s,
                                      const mlpbn_loss_options *options, size_t max_batch)
{
    const mlpbn_rows *rows = &s->rows;
    size_t *index = api_alloc(rows->n, sizeof *index);
    mlpbn_metrics sum = api_metrics();
    mlpbn_rows batch = *rows;
    for (size_t i = 0; i < rows->n; i++)
        index[i] = rows->index ? rows->index[i] : i;
    batch.n_data = rows->n_data ? rows->n_data : rows->n;
    for (size_t begin = 0; begin < rows->n; begin += batch.n) {
        batch.n = rows->n - begin < max_batch ? rows->n - begin : max_batch;
        batch.index = index + begin;
        const mlpbn_metrics metrics =
            api_evaluate(s->network, s->workspace, &batch, options);
        const double weight = (double)batch.n / (double)rows->n;
        sum.n += metrics.n;
        sum.loss += weight * metrics.loss;
        sum.cost += weight * metrics.cost;
        sum.correct += metrics.correct;
    }
    sum.accuracy = (double)sum.correct / (double)sum.n;
    return sum;
}

static void check_evaluation(const struct setup *s, mlpbn_loss loss)
{
    const mlpbn_loss_options options = api_loss_options(loss, 0.0385);
    const mlpbn_metrics got = setup_evaluate(s, &options);
    const mlpbn_metrics expected = evaluate_batches(s, &options, SETUP_MAX);
    /* The same losses of rows, summed in double in another order. */
    const double tolerance =
        (double)s->rows.n * api_epsilon(MLPBN_F64) * (1 + expected.loss + expected.cost);
    ck_assert_uint_eq(got.n, s->rows.n);
    ck_assert_uint_eq(got.correct, expected.correct);
    ck_assert(got.accuracy == expected.accuracy);
    api_assert_near(got.loss, expected.loss, tolerance, "loss");
    api_assert_near(got.cost, expected.cost, tolerance, "cost");
}

DTYPE_TEST(evaluation_takes_any_number_of_rows)
{
    enum { MANY = 5 * SETUP_MAX + 1 }; /* a last batch of one row */
    struct setup s = setup_default(dtype);
    size_t index[2 * MANY];
    s.rows = data_make(MLPBN_F32, MANY, SETUP_INPUTS, SETUP_OUTPUTS, 83).rows;
    check_evaluation(&s, MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_evaluation(&s, MLPBN_MEAN_SQUARED_ERROR);
    for (size_t i = 0; i < LENGTH(index); i++)
        index[i] = i * 17 % MANY;
    data_set_index(&s.rows, index, LENGTH(index), MANY);
    check_evaluation(&s, MLPBN_SOFTMAX_CROSS_ENTROPY);
    check_evaluation(&s, MLPBN_MEAN_SQUARED_ERROR);
}

/* An error in the last batch, after all others were computed, leaves metrics alone. */
DTYPE_TEST(evaluation_changes_nothing)
{
    enum { MANY = 3 * SETUP_MAX };
    const struct setup s = setup_default(dtype);
    mlpbn_workspace *small = api_predict_workspace(s.network, 3);
    const mlpbn_metrics first = setup_evaluate(&s, NULL);
    const mlpbn_metrics again = setup_evaluate(&s, NULL);
    api_assert_same(&again, &first, sizeof first, "metrics");
    ck_assert_uint_eq(api_evaluate(s.network, small, &s.rows, NULL).correct,
                      first.correct);
    const struct data data = data_make(MLPBN_F32, MANY, SETUP_INPUTS, SETUP_OUTPUTS, 83);
    mlpbn_metrics metrics = api_metrics();
    const mlpbn_metrics empty = metrics;
    data.labels[MANY - 1] = 3;
    FAILS(MLPBN_ELABEL, "label|3|23",
          mlpbn_evaluate(s.network, s.workspace, &data.rows, NULL, &metrics));
    data.labels[MANY - 1] = 2;
    api_store(data.x, MLPBN_F32, MANY * SETUP_INPUTS - 1, API_NAN);
    NONFINITE("23", mlpbn_evaluate(s.network, s.workspace, &data.rows, NULL, &metrics));
    api_assert_same(&metrics, &empty, sizeof metrics, "metrics");
    setup_assert_unchanged(&s);
}
