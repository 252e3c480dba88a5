#include "io/safetensors/self_test.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/random.h"
#include "io/safetensors/metadata_fields.h"
#include "nn/typed_ops.h"

#include <math.h>

enum { MAX_OUTPUTS = 1000 }; /* A file holds the first outputs, at most these. */

static const char outputs_key[] = "mlpbn.self_test.outputs";
static const uint64_t default_seed = 1;
static const mlpbn__metadata_field seed_field =
    MLPBN__VARIABLE("self_test.seed", MLPBN__COUNT_FIELD);

static size_t n_saved_outputs(const mlpbn_network *network)
{
    size_t outputs = network->layers[network->n_layers - 1].options.units;
    return outputs < MAX_OUTPUTS ? outputs : MAX_OUTPUTS;
}

/* Fills x, [inputs], with uniform random values that have the network's mean and std. It only
 * multiplies and adds, so that x is the same on every machine. */
static void draw_input(double *x, const mlpbn_network *network, uint64_t seed)
{
    mlpbn__random random = mlpbn__random_new(seed, MLPBN__STREAM_SELF_TEST, 0);
    for (size_t j = 0; j < network->inputs; j++) {
        double value = 1.7320508075688772 * (2 * mlpbn__random_uniform(&random) - 1);
        x[j] = network->standardized ? network->mean[j] + network->std[j] * value : value;
    }
}

/* Computes y, [n_saved_outputs]. x: [inputs + outputs], scratch memory */
static mlpbn_status predict_random_input(double *y, double *x, mlpbn_workspace *ws,
                                         const mlpbn_network *network, uint64_t seed)
{
    void *outputs = x + network->inputs;
    draw_input(x, network, seed);
    mlpbn__batch batch = mlpbn__batch_of(x, 1, network->inputs);
    const mlpbn__typed_ops *ops = mlpbn__typed_ops_of(network->dtype);
    RETURN_IF_ERROR(ops->predict(network, ws, &batch, outputs));
    for (size_t k = 0; k < n_saved_outputs(network); k++)
        y[k] = mlpbn__load(network->dtype, outputs, k);
    return MLPBN_OK;
}

/* Computes y, [n_saved_outputs]. MLPBN_ENONFINITE if an output is not finite. */
static mlpbn_status compute_outputs(double *y, const mlpbn_network *network,
                                    uint64_t seed)
{
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_workspace *ws = NULL;
    options.mode = MLPBN_PREDICT;
    options.max_batch = 1;
    options.threads = 1;
    size_t outputs = network->layers[network->n_layers - 1].options.units;
    double *x = mlpbn__memory_new((network->inputs + outputs) * sizeof *x);
    if (!x)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the self-test of %zu inputs",
                           network->inputs);
    mlpbn_status status = mlpbn__workspace_new(&ws, network, &options);
    if (status)
        goto free_x;
    status = predict_random_input(y, x, ws, network, seed);
    mlpbn__workspace_free(ws);
free_x:
    mlpbn__memory_free(x);
    return status;
}

mlpbn_status mlpbn__self_test_to_metadata(mlpbn__header_text *header,
                                          const mlpbn_network *network)
{
    double y[MAX_OUTPUTS];
    mlpbn_status status = compute_outputs(y, network, default_seed);
    if (status == MLPBN_ENONFINITE)
        return MLPBN_OK;
    RETURN_IF_ERROR(status);
    mlpbn__metadata_set_fields(header, "mlpbn.", &seed_field, 1, &default_seed);
    return mlpbn__metadata_set_reals(header, outputs_key, y, n_saved_outputs(network));
}

static mlpbn_status compare_outputs(const double *y, const double *expected, size_t n,
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

/* y, expected: [n_saved_outputs], memory for the outputs */
static mlpbn_status check_outputs(const mlpbn__header *header,
                                  const mlpbn_network *network, double tolerance,
                                  double *y, double *expected)
{
    uint64_t seed;
    size_t n = n_saved_outputs(network);
    RETURN_IF_ERROR(mlpbn__metadata_get_fields(header, "mlpbn.", &seed_field, 1, &seed));
    RETURN_IF_ERROR(mlpbn__metadata_get_reals(header, outputs_key, expected, n));
    mlpbn_status status = compute_outputs(y, network, seed);
    if (status == MLPBN_ENONFINITE)
        return mlpbn__fail_in(MLPBN_EFORMAT, "self-test: ");
    RETURN_IF_ERROR(status);
    return compare_outputs(y, expected, n, tolerance);
}

mlpbn_status mlpbn__self_test_check(const mlpbn__header *header,
                                    const mlpbn_network *network, double tolerance)
{
    size_t n = n_saved_outputs(network);
    if (!isfinite(tolerance) || !mlpbn__header_get_metadata(header, outputs_key))
        return MLPBN_OK;
    double *y = mlpbn__memory_new(2 * n * sizeof *y);
    if (!y)
        return mlpbn__fail(MLPBN_ENOMEM, "no memory for the self-test of %zu outputs", n);
    mlpbn_status status = check_outputs(header, network, tolerance, y, y + n);
    mlpbn__memory_free(y);
    return status;
}
