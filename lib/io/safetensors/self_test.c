#include "io/safetensors/self_test.h"

#include "base/error.h"
#include "base/dtype.h"
#include "base/random.h"
#include "io/safetensors/metadata_fields.h"
#include "nn/typed_ops.h"

#include <math.h>

enum { MOST_OUTPUTS = 1000 }; /* in the file: the first of them */

static const char outputs_key[] = "mlpbn.self_test.outputs";
static const uint64_t our_seed = 1;
static const mlpbn__field seed_field = {"self_test.seed", MLPBN__FIELD_COUNT, 0, NULL, 0};

static size_t outputs_kept(const mlpbn_network *network)
{
    size_t outputs = network->layers[network->n_layers - 1].options.units;
    return outputs < MOST_OUTPUTS ? outputs : MOST_OUTPUTS;
}

/* Uniform, of the mean and the deviation that the network takes out again. Multiplied and
 * added only, so that every machine draws the same. */
static void draw_input(double *x, const mlpbn_network *network, uint64_t seed)
{
    mlpbn__random random = mlpbn__random_new(seed, MLPBN__STREAM_SELF_TEST, 0);
    for (size_t j = 0; j < network->inputs; j++) {
        double number = 1.7320508075688772 * (2 * mlpbn__random_uniform(&random) - 1);
        x[j] =
            network->standardized ? network->mean[j] + network->std[j] * number : number;
    }
}

static mlpbn_status predict(void *y, mlpbn_workspace *ws, const mlpbn_network *network,
                            const double *x)
{
    const mlpbn__typed_ops *passes = mlpbn__typed_ops_of(network->dtype);
    mlpbn__batch batch = {.rows = MLPBN_ROWS_INIT(x, MLPBN_F64, 1, network->inputs),
                          .n = 1};
    batch.rows.stride = network->inputs;
    batch.rows.n_data = 1;
    mlpbn_status status = passes->input_layer(network, ws, &batch);
    if (!status)
        status = passes->predict(network, ws, network->n_layers);
    if (!status)
        passes->read_outputs(network, ws, y);
    return status;
}

/* The first outputs, to y. MLPBN_ENONFINITE if they are not finite. */
static mlpbn_status compute(double *y, const mlpbn_network *network, uint64_t seed)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *ws = NULL;
    options.mode = MLPBN_PREDICT;
    options.max_batch = 1;
    options.threads = 1;
    size_t outputs = network->layers[network->n_layers - 1].options.units;
    double *x = mlpbn__memory_new((network->inputs + outputs) * sizeof *x);
    mlpbn_status status = MLPBN_OK;
    if (!x)
        status = mlpbn__fail(MLPBN_ENOMEM, "no memory for the self-test of %zu inputs",
                             network->inputs);
    if (!status)
        status = mlpbn__workspace_new(&ws, network, &options);
    if (!status) {
        void *all = x + network->inputs;
        draw_input(x, network, seed);
        status = predict(all, ws, network, x);
        for (size_t k = 0; k < outputs_kept(network) && !status; k++)
            y[k] = mlpbn__load(network->dtype, all, k);
    }
    mlpbn__workspace_free(ws);
    mlpbn__memory_free(x);
    return status;
}

mlpbn_status mlpbn__self_test_set(mlpbn__header *header, const mlpbn_network *network)
{
    double y[MOST_OUTPUTS];
    mlpbn_status status = compute(y, network, our_seed);
    if (status)
        return status == MLPBN_ENONFINITE ? MLPBN_OK : status;
    mlpbn__fields_set(header, "mlpbn.", &seed_field, 1, &our_seed);
    return mlpbn__reals_set(header, outputs_key, y, outputs_kept(network));
}

static mlpbn_status compare(const double *y, const double *expected, size_t n,
                            double tolerance)
{
    double scale = 1;
    for (size_t k = 0; k < n; k++)
        scale = fmax(scale, fabs(expected[k]));
    for (size_t k = 0; k < n; k++)
        if (!(fabs(y[k] - expected[k]) <= tolerance * scale))
            return mlpbn__fail(MLPBN_EFORMAT,
                               "self-test: this machine computes %.9g for output %zu, "
                               "the one that saved computed %.9g; tolerance %g",
                               y[k], k, expected[k], tolerance * scale);
    return MLPBN_OK;
}

mlpbn_status mlpbn__self_test_check(const mlpbn__header *header,
                                    const mlpbn_network *network, double tolerance)
{
    double y[MOST_OUTPUTS], expected[MOST_OUTPUTS];
    uint64_t seed;
    size_t n = outputs_kept(network);
    if (!isfinite(tolerance) || !mlpbn__header_get(header, outputs_key))
        return MLPBN_OK;
    mlpbn_status status = mlpbn__fields_get(header, "mlpbn.", &seed_field, 1, &seed);
    if (!status)
        status = mlpbn__reals_get(header, outputs_key, expected, n);
    if (!status)
        status = compute(y, network, seed);
    if (status == MLPBN_ENONFINITE)
        return mlpbn__fail_in(MLPBN_EFORMAT, "self-test: ");
    return status ? status : compare(y, expected, n, tolerance);
}
