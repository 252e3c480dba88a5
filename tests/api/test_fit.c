/* mlpbn_fit: the bits of a loop by hand; validation, early stopping, callbacks, checkpoints; what
 * is wrong is refused, and a run that fails leaves the last good network. */
#include "file_helpers.h"

enum { ROWS = 47, INPUTS = 5, OUTPUTS = 3, BATCH = 8, EPOCHS = 4, SEED = 71 };

/* A network with batchnorm and dropout, and rows with labels. */
struct task {
    mlpbn_network *network;
    struct data data;
    mlpbn_fit_options options; /* four epochs */
};

static mlpbn_network *make_network(mlpbn_dtype dtype)
{
    return NETWORK(dtype, INPUTS, {9, OUTPUTS}, .batchnorm_mask = 1, .dropout = 0.2385,
                   .default_statistics = 1);
}

static struct task task_make(mlpbn_dtype dtype)
{
    struct task task = {make_network(dtype),
                        data_make(MLPBN_F32, ROWS, INPUTS, OUTPUTS, 73),
                        MLPBN_FIT_OPTIONS_INIT};
    task.options.epochs = EPOCHS;
    task.options.batch = BATCH;
    task.options.seed = SEED;
    task.options.threads = 1;
    return task;
}

static mlpbn_history *fit(const struct task *task)
{
    mlpbn_history *history = NULL;
    OK(mlpbn_fit(task->network, NULL, &task->data.rows, NULL, &task->options, &history));
    return own_history(history);
}

static mlpbn_fit_record record_at(const mlpbn_history *history, size_t i)
{
    mlpbn_fit_record record = MLPBN_FIT_RECORD_INIT;
    OK(mlpbn_history_get(&record, history, i));
    return record;
}

/* The records, without their times, are the same. */
static void assert_same_history(const mlpbn_history *a, const mlpbn_history *b)
{
    ck_assert_uint_eq(mlpbn_history_epochs(a), mlpbn_history_epochs(b));
    ck_assert_uint_eq(mlpbn_history_best(a), mlpbn_history_best(b));
    for (size_t i = 0; i < mlpbn_history_epochs(a); i++) {
        mlpbn_fit_record ra = record_at(a, i), rb = record_at(b, i);
        ra.seconds = rb.seconds = 0;
        api_assert_same(&ra, &rb, sizeof ra, "record");
    }
}

/* --- The loop by hand --------------------------------------------------------------------- */

static double falling_rate(const void *options, uint64_t step)
{
    return *(const double *)options / (1 + 0.0385 * (double)step);
}

/* Epochs of steps at a falling rate; the mean loss of the last epoch's batches. */
static double train_by_hand(mlpbn_network *network, const mlpbn_rows *rows, double rate)
{
    const mlpbn_sampler_options by_batch =
        OPTIONS(sampler, .batch = BATCH, .shuffle = 1, .seed = SEED,
                .last_batch = MLPBN_LAST_BATCH_DROP_SINGLE);
    const mlpbn_workspace_options dropout =
        OPTIONS(workspace, .max_batch = BATCH, .mode = MLPBN_TRAIN, .threads = 1,
                .dropout_seed = SEED);
    mlpbn_optimizer_options adam = MLPBN_OPTIMIZER_OPTIONS_INIT;
    adam.kind = MLPBN_ADAM;
    mlpbn_optimizer *optimizer = api_create_optimizer(network, &adam);
    mlpbn_sampler *sampler = api_create_sampler(rows, &by_batch);
    mlpbn_workspace *workspace = api_create_workspace(network, &dropout);
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    mlpbn_rows batch = *rows;
    double sum = 0, n = 0;
    for (uint64_t step = 0; mlpbn_sampler_epochs(sampler) < EPOCHS;) {
        OK(mlpbn_sampler_next(&batch, sampler));
        if (batch.n == 0 && mlpbn_sampler_epochs(sampler) < EPOCHS)
            sum = n = 0;
        if (batch.n == 0)
            continue;
        OK(mlpbn_optimizer_set_learning_rate(optimizer, falling_rate(&rate, step++)));
        OK(mlpbn_train_step(network, optimizer, workspace, &batch, NULL, &metrics));
        sum += (double)batch.n * metrics.loss;
        n += (double)batch.n;
    }
    return sum / n;
}

LOOP_DTYPE_TEST(fit_has_the_bits_of_a_loop, 3)
{
    const double rate = 0.02385;
    struct task task = task_make(dtype);
    mlpbn_network *by_hand = make_network(dtype);
    const double loss = train_by_hand(by_hand, &task.data.rows, rate);
    task.options.threads = _i + 1;
    task.options.schedule = falling_rate;
    task.options.schedule_options = &rate;
    const mlpbn_history *history = fit(&task);
    api_assert_equal(task.network, by_hand, "fit and the loop by hand");
    ck_assert_uint_eq(mlpbn_history_epochs(history), EPOCHS);
    ck_assert_int_eq(mlpbn_history_end(history), MLPBN_FIT_EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++) {
        const mlpbn_fit_record r = record_at(history, i);
        ck_assert_uint_eq(r.epoch, i + 1);
        ck_assert_uint_eq(r.step, (i + 1) * 6);
        ck_assert(r.rate == falling_rate(&rate, r.step - 1));
        ck_assert(r.validation_n == 0 && r.validation_loss == 0);
        ck_assert(r.seconds >= (i ? record_at(history, i - 1).seconds : 0));
    }
    const mlpbn_fit_record last = record_at(history, EPOCHS - 1);
    ck_assert(last.loss == loss && last.cost == loss);
    ck_assert(last.accuracy > 0 && last.accuracy <= 1);
}

/* The defaults, and the caller's optimizer, which goes on where it was. */
DTYPE_TEST(defaults_and_an_optimizer_of_ones_own)
{
    struct task task = task_make(dtype);
    OK(mlpbn_fit(task.network, NULL, &task.data.rows, NULL, NULL, NULL));
    ck_assert_uint_eq(mlpbn_network_steps(task.network), 100 * 2); /* 32 and 15 rows */
    mlpbn_network *at_once = make_network(dtype), *in_two = make_network(dtype);
    mlpbn_optimizer *optimizers[] = {api_optimizer(at_once, 0.0385, 0.9, 0),
                                     api_optimizer(in_two, 0.0385, 0.9, 0)};
    task.options.batch = ROWS; /* one batch an epoch: the order makes no difference */
    OK(mlpbn_fit(at_once, optimizers[0], &task.data.rows, NULL, &task.options, NULL));
    task.options.epochs = EPOCHS / 2;
    for (int i = 0; i < 2; i++)
        OK(mlpbn_fit(in_two, optimizers[1], &task.data.rows, NULL, &task.options, NULL));
    const double difference = fabs(api_outputs(at_once, &task.data.rows)[0] -
                                   api_outputs(in_two, &task.data.rows)[0]);
    ck_assert(difference < 1); /* dropout and the order of sums differ */
    ck_assert_uint_eq(mlpbn_network_steps(at_once), mlpbn_network_steps(in_two));
}

/* --- Validation --------------------------------------------------------------------------- */

DTYPE_TEST(the_best_network_is_restored)
{
    struct task task = task_make(dtype);
    struct data other = data_make(MLPBN_F64, 29, INPUTS, OUTPUTS, 79);
    task.options.validation = &other.rows;
    task.options.epochs = 60;
    mlpbn_optimizer *optimizer = api_optimizer(task.network, 0.2385, 0.9, 0);
    mlpbn_history *history = NULL;
    OK(mlpbn_fit(task.network, optimizer, &task.data.rows, NULL, &task.options,
                 &history));
    own_history(history);
    const size_t best = mlpbn_history_best(history);
    double lowest = HUGE_VAL;
    for (size_t i = 0; i < 60; i++) {
        const mlpbn_fit_record r = record_at(history, i);
        ck_assert_uint_eq(r.validation_n, 29);
        ck_assert(i == best ||
                  r.validation_loss >= record_at(history, best).validation_loss);
        lowest = fmin(lowest, r.validation_loss);
    }
    ck_assert_uint_lt(best, 59); /* labels at random: it overfits */
    mlpbn_workspace *workspace = api_workspace(task.network, BATCH, 1);
    ck_assert(api_evaluate(task.network, workspace, &other.rows, NULL).loss == lowest);
}

/* Ends `patience` epochs after the last improvement of more than min_improvement. */
LOOP_DTYPE_TEST(training_ends_early, 4)
{
    const int by_accuracy = _i % 2, by_training = _i / 2;
    struct task task = task_make(dtype);
    struct data other = data_make(MLPBN_F64, 29, INPUTS, OUTPUTS, 79);
    task.options.validation = by_training ? NULL : &other.rows;
    task.options.monitor = by_accuracy ? MLPBN_MONITOR_ACCURACY : MLPBN_MONITOR_LOSS;
    task.options.patience = 3;
    task.options.min_improvement = 0.02385;
    task.options.epochs = 500;
    const mlpbn_history *history = fit(&task);
    ck_assert_int_eq(mlpbn_history_end(history), MLPBN_FIT_PATIENCE);
    size_t waited = 0, n = mlpbn_history_epochs(history);
    double improved = HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        const mlpbn_fit_record r = record_at(history, i);
        const double values[2][2] = {{r.validation_loss, -r.validation_accuracy},
                                     {r.loss, -r.accuracy}};
        const double value = values[by_training][by_accuracy];
        waited = value < improved - 0.02385 ? 0 : waited + 1;
        if (waited == 0)
            improved = value;
        ck_assert_int_eq(waited == 3, i == n - 1);
    }
}

/* The rows that a callback's own record of an epoch says were kept for validation. */
static size_t validation_rows(struct task *task, double share, int stratify)
{
    task->options.validation_share = share;
    task->options.stratify = stratify;
    task->options.epochs = 1;
    return record_at(fit(task), 0).validation_n;
}

TEST(a_share_is_kept_for_validation)
{
    struct task task = task_make(MLPBN_F32);
    static const int32_t counts[OUTPUTS] = {30, 14, 3};
    for (int32_t i = 0, c = 0, left = counts[0]; i < ROWS; i++, left--) {
        while (left == 0)
            left = counts[++c];
        task.data.labels[i] = c;
    }
    ck_assert_uint_eq(validation_rows(&task, 0.2385, 0), 11); /* of 11.21 */
    ck_assert_uint_eq(validation_rows(&task, 0.2385, 1), 7 + 3 + 1);
    ck_assert_uint_eq(validation_rows(&task, 0.173, 1), 5 + 2 + 1);
    /* The same seed keeps the same rows. */
    struct task again = task_make(MLPBN_F32), other = task_make(MLPBN_F32);
    memcpy(again.data.labels, task.data.labels, ROWS * sizeof *task.data.labels);
    memcpy(other.data.labels, task.data.labels, ROWS * sizeof *task.data.labels);
    again.options.validation_share = other.options.validation_share = 0.2385;
    task = again;
    task.network = make_network(MLPBN_F32);
    assert_same_history(fit(&task), fit(&again));
    other.options.seed = SEED + 1;
    ck_assert(record_at(fit(&other), 0).validation_loss !=
              record_at(fit(&task), 0).validation_loss);
}

/* Rows of the label that is ignored are drawn like those of a class. */
TEST(rows_without_a_class_are_shared_too)
{
    struct task task = task_make(MLPBN_F32);
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_history *history = NULL;
    loss.ignore_label = -5;
    for (int i = 0; i < ROWS; i++) /* 20 of it, and 9 of each class */
        task.data.labels[i] = i < 20 ? -5 : i % OUTPUTS;
    task.options.validation_share = 0.2;
    for (int stratify = 0; stratify < 2; stratify++) {
        task.options.stratify = stratify;
        OK(mlpbn_fit(task.network, NULL, &task.data.rows, &loss, &task.options,
                     &history));
        own_history(history);
        /* 4 of 20 and 2 of each 9; the metrics leave the 4 out. */
        ck_assert(!stratify || record_at(history, 0).validation_n == 6);
    }
    const struct snapshot before = snapshot_take(task.network);
    FAILS(MLPBN_ELABEL, "-5",
          mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options, NULL));
    task.data.labels[30] = MLPBN_NO_IGNORE_LABEL;
    loss.ignore_label = MLPBN_NO_IGNORE_LABEL;
    for (int i = 0; i < 20; i++)
        task.data.labels[i] = 0;
    FAILS(MLPBN_ELABEL, "labels[30]",
          mlpbn_fit(task.network, NULL, &task.data.rows, &loss, &task.options, NULL));
    snapshot_assert(&before, task.network, "network");
}

TEST(shares_that_do_not_work_are_refused)
{
    struct task task = task_make(MLPBN_F32);
    const struct snapshot before = snapshot_take(task.network);
    const mlpbn_rows *rows = &task.data.rows;
    mlpbn_fit_options *o = &task.options;
    mlpbn_history *history = api_untouched();
#define REFUSED(status, words)                                                           \
    FAILS(status, words, mlpbn_fit(task.network, NULL, rows, NULL, o, &history))
    o->validation_share = 0.005;
    REFUSED(MLPBN_EBATCH, "validation_share|0|47");
    o->validation_share = 0.999;
    REFUSED(MLPBN_EBATCH, "validation_share|47");
    for (int i = 0; i < ROWS; i++)
        task.data.labels[i] = i == 5 ? 2 : i % 2;
    o->stratify = 1;
    o->validation_share = 0.7385;
    REFUSED(MLPBN_EINVAL, "class 2");
    task.data.labels[9] = 3;
    REFUSED(MLPBN_ELABEL, "labels[9]");
    task.data.labels[9] = 1;
    mlpbn_rows without = *rows;
    without.labels = NULL;
    rows = &without;
    REFUSED(MLPBN_EINVAL, "stratify|labels");
    rows = &task.data.rows;
    o->stratify = 0;
    o->validation = rows;
    REFUSED(MLPBN_EINVAL, "validation_share|validation rows");
    o->validation_share = 0;
    mlpbn_rows narrow = *rows;
    narrow.columns--;
    o->validation = &narrow;
    REFUSED(MLPBN_ESHAPE, "columns");
#undef REFUSED
    ck_assert_ptr_eq(history, api_untouched());
    snapshot_assert(&before, task.network, "network");
}

TEST(arguments_that_do_not_fit_are_refused)
{
    struct task task = task_make(MLPBN_F32);
    const struct snapshot before = snapshot_take(task.network);
    const mlpbn_rows *rows = &task.data.rows;
    mlpbn_network *other = make_network(MLPBN_F32);
    mlpbn_optimizer *foreign = api_optimizer(other, 0.0385, 0, 0);
    INVALID("network|NULL", mlpbn_fit(NULL, NULL, rows, NULL, NULL, NULL));
    INVALID("rows|NULL", mlpbn_fit(task.network, NULL, NULL, NULL, NULL, NULL));
    FAILS(MLPBN_EMISMATCH, "optimizer",
          mlpbn_fit(task.network, foreign, rows, NULL, NULL, NULL));
    mlpbn_rows none = *rows;
    none.n = 0;
    FAILS(MLPBN_EBATCH, "rows", mlpbn_fit(task.network, NULL, &none, NULL, NULL, NULL));
    task.options.batch = 1;
    FAILS(MLPBN_EBATCH, "2 rows",
          mlpbn_fit(task.network, NULL, rows, NULL, &task.options, NULL));
    const mlpbn_loss_options squares = api_loss_options(MLPBN_MEAN_SQUARED_ERROR, 0);
    task.options = task_make(MLPBN_F32).options;
    task.options.monitor = MLPBN_MONITOR_ACCURACY;
    INVALID("monitor",
            mlpbn_fit(task.network, NULL, rows, &squares, &task.options, NULL));
    task.options.monitor = MLPBN_MONITOR_LOSS;
    task.options.schedule_options = &squares;
    INVALID("schedule_options|schedule",
            mlpbn_fit(task.network, NULL, rows, NULL, &task.options, NULL));
    snapshot_assert(&before, task.network, "network");
    mlpbn_fit_record record = MLPBN_FIT_RECORD_INIT;
    task.options.schedule_options = NULL;
    const mlpbn_history *history = fit(&task);
    INVALID("index|4", mlpbn_history_get(&record, history, EPOCHS));
    INVALID("record|NULL", mlpbn_history_get(NULL, history, 0));
    INVALID("history|NULL", mlpbn_history_get(&record, NULL, 0));
}

/* --- Plateaus --------------------------------------------------------------------------- */

/* The rates are those that mlpbn_plateau_update gives for the losses of the history. */
LOOP_TEST(rates_fall_on_a_plateau, 2)
{
    const double rate = 0.2385;
    mlpbn_plateau_options by_loss = MLPBN_PLATEAU_OPTIONS_INIT;
    mlpbn_plateau plateau = MLPBN_PLATEAU_INIT;
    struct task task = task_make(MLPBN_F64);
    struct data other = data_make(MLPBN_F64, 29, INPUTS, OUTPUTS, 79);
    mlpbn_optimizer *optimizer = api_optimizer(task.network, rate, 0, 0);
    mlpbn_history *history = NULL;
    by_loss.patience = 1;
    by_loss.factor = 0.385;
    task.options.validation = &other.rows;
    task.options.plateau = &by_loss;
    task.options.epochs = 40;
    task.options.schedule = _i ? falling_rate : NULL;
    task.options.schedule_options = _i ? &rate : NULL;
    OK(mlpbn_fit(task.network, optimizer, &task.data.rows, NULL, &task.options,
                 &history));
    own_history(history);
    for (size_t i = 0; i < 40; i++) {
        const mlpbn_fit_record r = record_at(history, i);
        const double base = _i ? falling_rate(&rate, r.step - 1) : rate;
        api_assert_near(r.rate, base * plateau.factor, 1e-14 * base, "rate");
        OK(mlpbn_plateau_update(&plateau, &by_loss, r.validation_loss));
    }
    ck_assert(plateau.factor < 0.3 * 0.385);
    task.options.monitor = MLPBN_MONITOR_ACCURACY;
    INVALID("plateau|MLPBN_PLATEAU_MAX",
            mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options, NULL));
    by_loss.factor = 1;
    INVALID("plateau|factor",
            mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options, NULL));
}

/* --- Callbacks ---------------------------------------------------------------------------- */

struct calls {
    uint64_t steps, epochs, stop_at; /* steps; 0: never */
    mlpbn_status status;             /* that is returned at stop_at */
    double loss;                     /* of the last call after a step */
};

static mlpbn_status count_step(const mlpbn_fit_record *record, int *stop, void *context)
{
    struct calls *calls = context;
    calls->steps++;
    calls->loss = record->loss;
    ck_assert_uint_eq(record->step, calls->steps);
    ck_assert_uint_eq(record->validation_n, 0);
    ck_assert_int_eq(*stop, 0);
    if (calls->steps != calls->stop_at)
        return MLPBN_OK;
    *stop = calls->status == MLPBN_OK;
    return calls->status;
}

static mlpbn_status count_epoch(const mlpbn_fit_record *record, int *stop, void *context)
{
    struct calls *calls = context;
    calls->epochs++;
    ck_assert_uint_eq(record->epoch, calls->epochs);
    ck_assert_int_eq(*stop, 0);
    *stop = calls->steps >= calls->stop_at && calls->stop_at;
    return MLPBN_OK;
}

static struct calls fit_with_calls(struct task *task, uint64_t stop_at,
                                   mlpbn_status status, mlpbn_history **history)
{
    struct calls calls = {.stop_at = stop_at, .status = status};
    task->options.after_step = count_step;
    task->options.after_epoch = count_epoch;
    task->options.context = &calls;
    const mlpbn_status got =
        mlpbn_fit(task->network, NULL, &task->data.rows, NULL, &task->options, history);
    ck_assert_int_eq(got, status);
    own_history(*history);
    return calls;
}

TEST(callbacks_are_called_and_stop)
{
    struct task task = task_make(MLPBN_F32);
    mlpbn_history *history = NULL;
    struct calls calls = fit_with_calls(&task, 0, MLPBN_OK, &history);
    ck_assert(calls.steps == EPOCHS * 6 && calls.epochs == EPOCHS && calls.loss > 0);
    task.network = make_network(MLPBN_F32);
    calls = fit_with_calls(&task, 9, MLPBN_OK, &history); /* within the second epoch */
    ck_assert(calls.steps == 9 && calls.epochs == 1);
    ck_assert_uint_eq(mlpbn_history_epochs(history), 1);
    ck_assert_int_eq(mlpbn_history_end(history), MLPBN_FIT_CALLBACK);
    ck_assert_uint_eq(mlpbn_network_steps(task.network), 9);
    task.network = make_network(MLPBN_F32);
    calls = fit_with_calls(&task, 9, MLPBN_EIO, &history);
    ck_assert(calls.steps == 9 && calls.epochs == 1);
    ck_assert_int_eq(mlpbn_history_end(history), MLPBN_FIT_ERROR);
    task.network = make_network(MLPBN_F32);
    task.options.after_step = NULL;
    struct calls epochs = {.steps = 1, .stop_at = 1};
    task.options.context = &epochs;
    ck_assert_int_eq(mlpbn_history_end(fit(&task)), MLPBN_FIT_CALLBACK);
    ck_assert_uint_eq(epochs.epochs, 1);
}

TEST(time_is_limited)
{
    struct task task = task_make(MLPBN_F32);
    task.options.epochs = UINT64_MAX;
    task.options.max_seconds = 0.02385;
    const mlpbn_history *history = fit(&task);
    ck_assert_int_eq(mlpbn_history_end(history), MLPBN_FIT_TIME);
    ck_assert_uint_ge(mlpbn_network_steps(task.network), 1);
}

/* --- What is not finite ------------------------------------------------------------------- */

static double rate_that_explodes(const void *options, uint64_t step)
{
    (void)options;
    return step == 9 ? DBL_MAX : 0.02385;
}

static double no_rate(const void *options, uint64_t step)
{
    return step == 9 ? *(const double *)options : 0.02385;
}

DTYPE_TEST(a_step_that_fails_leaves_the_last_good_network)
{
    struct task task = task_make(dtype), expected = task_make(dtype);
    mlpbn_history *history = NULL;
    task.options.schedule = rate_that_explodes;
    NONFINITE("", mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options,
                            &history));
    own_history(history);
    ck_assert_int_eq(mlpbn_history_end(history), MLPBN_FIT_ERROR);
    ck_assert_uint_eq(mlpbn_history_epochs(history), 1);
    expected.options.schedule = rate_that_explodes;
    fit_with_calls(&expected, 9, MLPBN_OK, &history);
    api_assert_equal(task.network, expected.network, "after nine steps");
    static const double bad_rates[] = {-0.0385, API_NAN, HUGE_VAL};
    for (size_t i = 0; i < LENGTH(bad_rates); i++) {
        task.network = make_network(dtype);
        task.options.schedule = no_rate;
        task.options.schedule_options = &bad_rates[i];
        INVALID("schedule|9", mlpbn_fit(task.network, NULL, &task.data.rows, NULL,
                                        &task.options, NULL));
        api_assert_equal(task.network, expected.network, "after nine steps");
    }
}

/* The rate halves until a step succeeds; data that are not finite end it all the same. */
DTYPE_TEST(the_rate_halves)
{
    const double rate = 0.0385;
    struct task task = task_make(dtype);
    const double largest = dtype == MLPBN_F32 ? (double)FLT_MAX : DBL_MAX;
    mlpbn_optimizer *optimizer = api_optimizer(task.network, largest, 0, 0);
    mlpbn_history *history = NULL;
    api_fill(task.network, 1, MLPBN_WEIGHT, 0.2385);
    task.options.on_nonfinite = MLPBN_NONFINITE_HALVE_RATE;
    const mlpbn_status status = mlpbn_fit(task.network, optimizer, &task.data.rows, NULL,
                                          &task.options, &history);
    own_history(history);
    ck_assert(status == MLPBN_ENONFINITE || status == MLPBN_OK);
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) < largest);
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) >= ldexp(largest, -20));
    struct task broken = task_make(dtype);
    optimizer = api_optimizer(broken.network, rate, 0, 0);
    broken.options.on_nonfinite = MLPBN_NONFINITE_HALVE_RATE;
    api_store(broken.data.x, MLPBN_F32, 3, API_NAN);
    NONFINITE("row", mlpbn_fit(broken.network, optimizer, &broken.data.rows, NULL,
                               &broken.options, NULL));
    ck_assert(mlpbn_optimizer_learning_rate(optimizer) == ldexp(rate, -20));
}

/* Outputs that overflow on the validation rows alone: the network becomes the best one so far,
 * here that of the beginning. */
DTYPE_TEST(a_validation_that_overflows)
{
    const double rate = 0.0385;
    struct task task = task_make(dtype);
    struct data other = data_make(MLPBN_F64, 7, INPUTS, OUTPUTS, 79);
    const struct snapshot before = snapshot_take(task.network);
    mlpbn_optimizer *optimizer = api_optimizer(task.network, rate, 0, 0);
    const double largest = dtype == MLPBN_F32 ? (double)FLT_MAX : DBL_MAX;
    mlpbn_history *history = NULL;
    for (size_t i = 0; i < 7 * INPUTS; i++)
        api_store(other.x, MLPBN_F64, i, largest);
    task.options.validation = &other.rows;
    for (int halves = 0; halves < 2; halves++) {
        task.options.on_nonfinite =
            halves ? MLPBN_NONFINITE_HALVE_RATE : MLPBN_NONFINITE_FAIL;
        task.options.epochs = 30;
        NONFINITE("layer", mlpbn_fit(task.network, optimizer, &task.data.rows, NULL,
                                     &task.options, &history));
        own_history(history);
        ck_assert_uint_eq(mlpbn_history_epochs(history), halves ? 20 : 0);
        ck_assert_uint_eq(mlpbn_history_best(history), SIZE_MAX);
        ck_assert(mlpbn_optimizer_learning_rate(optimizer) ==
                  (halves ? ldexp(rate, -20) : rate));
        snapshot_assert(&before, task.network, "network");
    }
}

/* --- The history as text ------------------------------------------------------------------ */

TEST(the_history_is_written)
{
    static const char names[] = "epoch,step,rate,loss,cost,accuracy,validation_loss,"
                                "validation_accuracy,seconds\n";
    struct task task = task_make(MLPBN_F64);
    task.options.validation_share = 0.2385;
    const mlpbn_history *history = fit(&task);
    char line[400];
    FILE *file = tmpfile(), *full = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(file);
    OK(mlpbn_history_write_csv(history, file));
    rewind(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    ck_assert_str_eq(line, names);
    for (size_t i = 0; i < EPOCHS; i++) {
        const mlpbn_fit_record r = record_at(history, i);
        unsigned long epoch, step;
        double v[7];
        ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
        ck_assert_int_eq(sscanf(line, "%lu,%lu,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &epoch,
                                &step, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6]),
                         9);
        const double expected[] = {r.rate,
                                   r.loss,
                                   r.cost,
                                   r.accuracy,
                                   r.validation_loss,
                                   r.validation_accuracy,
                                   r.seconds};
        ck_assert(epoch == r.epoch && step == r.step);
        api_assert_same(v, expected, sizeof v, line);
    }
    ck_assert_ptr_null(fgets(line, sizeof line, file));
    fclose(file);
    INVALID("history|NULL", mlpbn_history_write_csv(NULL, stdout));
    INVALID("file|NULL", mlpbn_history_write_csv(history, NULL));
    if (full) {
        FAILS(MLPBN_EIO, "written", mlpbn_history_write_csv(history, full));
        fclose(full);
    }
}

/* --- Checkpoints -------------------------------------------------------------------------- */

enum { LAST_STEP = EPOCHS * 5 }; /* of batches of 8 from 37 of the 47 rows */

static struct task task_with_checkpoint(mlpbn_dtype dtype, const char *path)
{
    struct task task = task_make(dtype);
    static const mlpbn_plateau_options plateau = {sizeof plateau,
                                                  MLPBN_PLATEAU_MIN,
                                                  MLPBN_THRESHOLD_RELATIVE,
                                                  0.385,
                                                  0,
                                                  0.02385,
                                                  1,
                                                  0};
    task.options.validation_share = 0.2;
    task.options.plateau = &plateau;
    task.options.checkpoint = path;
    task.options.checkpoint_epochs = 2;
    return task;
}

/* Stopped after each of its steps, or killed there: an error of the callback saves nothing. */
LOOP_DTYPE_TEST(a_resumed_run_has_the_same_bits, 2 * LAST_STEP)
{
    const uint64_t stop_at = (uint64_t)_i / 2 + 1;
    const char *path = temporary_path("fit.ckpt");
    struct task whole = task_with_checkpoint(dtype, NULL);
    struct task first = task_with_checkpoint(dtype, path);
    struct task second = task_with_checkpoint(dtype, path);
    mlpbn_history *history = NULL;
    const mlpbn_history *expected = fit(&whole);
    fit_with_calls(&first, stop_at, _i % 2 ? MLPBN_EIO : MLPBN_OK, &history);
    second.options.threads = 2;
    const mlpbn_history *resumed = fit(&second);
    api_assert_equal(second.network, whole.network, "a resumed run");
    assert_same_history(resumed, expected);
    /* A finished run is only read. */
    second.network = make_network(dtype);
    assert_same_history(fit(&second), expected);
    api_assert_equal(second.network, whole.network, "a finished run");
    remove(path);
}

TEST(checkpoints_of_other_runs_are_refused)
{
    const char *path = temporary_path("fit.ckpt");
    const struct task saved = task_with_checkpoint(MLPBN_F32, path);
    fit(&saved);
    struct task task = task_with_checkpoint(MLPBN_F32, path);
    const struct snapshot before = snapshot_take(task.network);
    mlpbn_history *history = api_untouched();
    mlpbn_fit_options changed[5];
    static const char *const words[] = {"batch", "seed", "validation_share", "rows",
                                        "monitor"};
    for (size_t i = 0; i < LENGTH(changed); i++)
        changed[i] = task.options;
    changed[0].batch++;
    changed[1].seed++;
    changed[2].validation_share += 0.001;
    changed[3].stratify = 1;
    changed[4].monitor = MLPBN_MONITOR_ACCURACY;
    changed[4].plateau = NULL;
    for (size_t i = 0; i < LENGTH(changed); i++)
        FAILS(
            MLPBN_EMISMATCH, words[i],
            mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &changed[i], &history));
    const mlpbn_loss_options decayed =
        api_loss_options(MLPBN_SOFTMAX_CROSS_ENTROPY, 0.0385);
    FAILS(MLPBN_EMISMATCH, "lambda",
          mlpbn_fit(task.network, NULL, &task.data.rows, &decayed, &task.options,
                    &history));
    mlpbn_loss_options summed = MLPBN_LOSS_OPTIONS_INIT;
    summed.reduction = MLPBN_REDUCTION_SUM;
    FAILS(
        MLPBN_EMISMATCH, "reduction",
        mlpbn_fit(task.network, NULL, &task.data.rows, &summed, &task.options, &history));
    mlpbn_optimizer *sgd = api_optimizer(task.network, 0.0385, 0, 0);
    FAILS(MLPBN_EMISMATCH, "optimizer|adam",
          mlpbn_fit(task.network, sgd, &task.data.rows, NULL, &task.options, &history));
    task.data.rows.n--;
    FAILS(MLPBN_EMISMATCH, "rows",
          mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options, &history));
    task.data.rows.n++;
    OK(mlpbn_network_save(task.network, path));
    FAILS(MLPBN_EFORMAT, "",
          mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options, &history));
    ck_assert_ptr_eq(history, api_untouched());
    snapshot_assert(&before, task.network, "network");
    remove(path);
    task.options.checkpoint = "/no such folder/fit.ckpt";
    FAILS(MLPBN_EIO, "no such folder",
          mlpbn_fit(task.network, NULL, &task.data.rows, NULL, &task.options, NULL));
}
