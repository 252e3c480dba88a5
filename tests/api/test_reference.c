/* Agreement with PyTorch: networks that it computed and trained, in double, written down by
 * tests/reference/make_reference.py. */
#include "api_helpers.h"

/* Arrays of tensors hold all of a network's, one after the other, in the order of its table;
 * gradients those of the parameters. Batches lie one after the other, too. */
struct fixture {
    const char *name;
    size_t inputs, n_layers, outputs, rows, batches, steps;
    int set_statistics; /* 0: running statistics are the initial ones */
    int frozen;         /* 1: training normalizes by them */
    const mlpbn_layer_options *layers;
    mlpbn_loss_options loss;
    mlpbn_optimizer_options optimizer;
    const double *mean, *std; /* of standardization; NULL: none */
    const double *x, *targets, *weights;
    const int32_t *labels;
    const double *tensors;
    const double *predicted;       /* by the first batch */
    double evaluated;              /* loss of all batches in prediction */
    const double *outputs_trained; /* of the first batch in training */
    const double *dy, *dx;         /* some derivative, and what backward makes of it */
    double batch_loss, batch_cost; /* of the first batch in training */
    const double *gradients;       /* of that cost */
    const double *trained;         /* tensors after `steps` steps */
    const double *predicted_after; /* by the first batch, by these */
};

static const struct fixture fixtures[] = {
#include "../reference/torch_fixtures.inc"
};

struct run {
    const struct fixture *fixture;
    mlpbn_dtype dtype;
    mlpbn_network *network;
    mlpbn_workspace *workspace;
};

static void set_tensors(mlpbn_network *network, const struct fixture *f)
{
    const double *values = f->tensors;
    for (size_t i = 0; i < mlpbn_network_n_tensors(network); i++) {
        const mlpbn_tensor tensor = api_describe(network, i);
        const size_t n = tensor.rows * tensor.columns;
        if (tensor.is_parameter || f->set_statistics)
            OK(mlpbn_network_set_f64(network, i, values, n));
        values += n;
    }
}

static struct run run_make(const struct fixture *f, mlpbn_dtype dtype)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(f->inputs);
    struct run run = {.fixture = f, .dtype = dtype};
    api_case(f->name, dtype == MLPBN_F32 ? "f32" : "f64");
    options.dtype = dtype;
    OK(mlpbn_network_create(&run.network, &options, f->layers, f->n_layers));
    own_network(run.network);
    set_tensors(run.network, f);
    if (f->mean)
        OK(mlpbn_network_set_standardization(run.network, f->mean, f->std, f->inputs));
    if (f->frozen)
        OK(mlpbn_network_freeze_statistics(run.network, MLPBN_ALL_LAYERS, 1));
    run.workspace = api_workspace(run.network, f->rows, 1);
    return run;
}

static mlpbn_rows batch(const struct fixture *f, size_t b)
{
    const size_t first = b * f->rows;
    mlpbn_rows rows =
        MLPBN_ROWS_INIT(f->x + first * f->inputs, MLPBN_F64, f->rows, f->inputs);
    rows.labels = f->labels ? f->labels + first : NULL;
    rows.targets = f->targets ? f->targets + first * f->outputs : NULL;
    rows.target_dtype = MLPBN_F64;
    rows.target_columns = f->outputs;
    rows.weights = f->weights ? f->weights + first : NULL;
    return rows;
}

/* In the norm of the whole array, and exactly where all of it is 0. Rounding is seen to reach
 * 9e-7 in f32 and 3e-15 in f64; a constant that lacks digits exceeds the bound of f64. */
static void assert_agrees(const struct run *run, const double *got,
                          const double *expected, size_t n, const char *what)
{
    const double tolerance = run->dtype == MLPBN_F32 ? 1e-5 : 1e-12;
    double difference = 0, norm = 0;
    for (size_t i = 0; i < n; i++) {
        difference = hypot(difference, got[i] - expected[i]);
        norm = hypot(norm, expected[i]);
    }
    if (getenv("MLPBN_REFERENCE_TABLE")) /* make check-reference */
        printf("agrees\t%s\t%s\t%s\t%.1e\n", run->fixture->name,
               run->dtype == MLPBN_F32 ? "f32" : "f64", what,
               norm > 0 ? difference / norm : difference);
    ck_assert_msg(difference <= tolerance * norm,
                  "%s%s: differs by %g from what PyTorch has, of norm %g",
                  api_case_name(), what, difference, norm);
}

typedef mlpbn_status forward(const mlpbn_network *, mlpbn_workspace *, const mlpbn_rows *,
                             double *);

static void assert_outputs(const struct run *run, forward *call, const double *expected,
                           const char *what)
{
    const mlpbn_rows rows = batch(run->fixture, 0);
    const size_t n = run->fixture->rows * run->fixture->outputs;
    double *y = api_alloc(n, sizeof *y);
    OK(call(run->network, run->workspace, &rows, y));
    assert_agrees(run, y, expected, n, what);
}

static void assert_losses(const struct run *run)
{
    const struct fixture *f = run->fixture;
    mlpbn_metrics metrics = api_metrics();
    mlpbn_rows rows = batch(f, 0);
    OK(mlpbn_gradient(run->network, run->workspace, &rows, &f->loss, &metrics));
    assert_agrees(run, &metrics.loss, &f->batch_loss, 1, "loss");
    assert_agrees(run, &metrics.cost, &f->batch_cost, 1, "cost");
    rows.n *= f->batches;
    OK(mlpbn_evaluate(run->network, run->workspace, &rows, &f->loss, &metrics));
    assert_agrees(run, &metrics.loss, &f->evaluated, 1, "loss in prediction");
}

static void assert_gradients(const struct run *run)
{
    const struct fixture *f = run->fixture;
    const mlpbn_rows rows = batch(f, 0);
    const double *expected = f->gradients;
    OK(mlpbn_gradient(run->network, run->workspace, &rows, &f->loss, NULL));
    double *gradients = api_gradients(run->network, run->workspace);
    for (size_t i = 0; i < mlpbn_network_n_tensors(run->network); i++) {
        const mlpbn_tensor tensor = api_describe(run->network, i);
        double *values = gradients + tensor.offset;
        if (!tensor.is_parameter)
            continue;
        for (size_t j = 0; j < tensor.rows * tensor.columns; j++) /* leave padding out */
            values[j] = values[j / tensor.columns * tensor.stride + j % tensor.columns];
        assert_agrees(run, values, expected, tensor.rows * tensor.columns, tensor.name);
        expected += tensor.rows * tensor.columns;
    }
}

LOOP_DTYPE_TEST(outputs_losses_and_gradients_agree, LENGTH(fixtures))
{
    const struct fixture *f = &fixtures[_i];
    const struct run run = run_make(f, dtype);
    const size_t n = f->rows * f->inputs;
    double *dx = api_alloc(n, sizeof *dx);
    assert_outputs(&run, api_predict, f->predicted, "predictions");
    assert_outputs(&run, api_forward, f->outputs_trained, "outputs in training");
    OK(api_backward(run.network, run.workspace, f->rows, f->dy, dx));
    assert_agrees(&run, dx, f->dx, n, "dx");
    assert_losses(&run);
    assert_gradients(&run);
}

LOOP_DTYPE_TEST(steps_agree, LENGTH(fixtures))
{
    const struct fixture *f = &fixtures[_i];
    const struct run run = run_make(f, dtype);
    mlpbn_optimizer_options used = f->optimizer;
    api_drop_unused(&used);
    mlpbn_optimizer *optimizer = api_create_optimizer(run.network, &used);
    for (size_t step = 0; step < f->steps; step++) {
        const mlpbn_rows rows = batch(f, step % f->batches);
        OK(mlpbn_train_step(run.network, optimizer, run.workspace, &rows, &f->loss,
                            NULL));
    }
    const double *expected = f->trained;
    for (size_t i = 0; i < mlpbn_network_n_tensors(run.network); i++) {
        const mlpbn_tensor tensor = api_describe(run.network, i);
        const double *values = api_tensor(run.network, tensor.layer, tensor.kind);
        const size_t n = api_length(values);
        assert_agrees(&run, values, expected, n, tensor.name);
        expected += n;
    }
    assert_outputs(&run, api_predict, f->predicted_after, "predictions");
}

/* Whether n flags, from that of enumerator 1 on, are set. */
static void assert_covered(const unsigned char *is_covered, size_t n, const char *what)
{
    for (size_t i = 1; i <= n; i++)
        ck_assert_msg(is_covered[i], "no fixture has %s %zu", what, i);
}

TEST(every_enumerator_has_a_fixture)
{
    unsigned char activations[LAST_ACTIVATION + 1] = {0}, losses[LAST_LOSS + 1] = {0};
    unsigned char kinds[LAST_OPTIMIZER + 1] = {0};
    for (size_t i = 0; i < LENGTH(fixtures); i++) {
        losses[fixtures[i].loss.loss] = 1;
        kinds[fixtures[i].optimizer.kind] = 1;
        for (size_t l = 0; l < fixtures[i].n_layers; l++)
            activations[fixtures[i].layers[l].activation] = 1;
    }
    assert_covered(activations, LAST_ACTIVATION, "activation");
    assert_covered(losses, LAST_LOSS, "loss");
    assert_covered(kinds, LAST_OPTIMIZER, "optimizer");
}
