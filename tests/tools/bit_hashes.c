/* bit_hashes: trains, predicts, evaluates, saves and exports small networks of every kind,
 * and prints hashes of all results, one line for each case:
 *
 *   NAME  parameters  gradients  outputs  files
 *
 * Two builds compute the same bits if they print the same lines. MLPBN_CPU chooses the
 * kernels. */
#include <mlpbn.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUTS = 37, OUTPUTS = 5, ROWS = 43, BATCH = 16, EPOCHS = 3 };

typedef struct config {
    char name[80];
    mlpbn_dtype dtype, row_dtype;
    size_t inputs, widths[4];
    size_t n_layers;
    mlpbn_activation activation, last_activation;
    double alpha, dropout;
    int batchnorm; /* 0: none */
    mlpbn_batchnorm_options batchnorm_options;
    int bias, standardized, frozen;
    mlpbn_init init;
    mlpbn_loss_options loss;
    mlpbn_optimizer_options optimizer;
    int threads, weighted;
} config;

typedef struct dataset {
    double x[ROWS][INPUTS];
    float x32[ROWS][INPUTS];
    uint8_t bytes[ROWS][INPUTS];
    double targets[ROWS][OUTPUTS];
    int32_t labels[ROWS];
    double weights[ROWS];
} dataset;

static dataset data;

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001B3);
    return hash;
}

static const uint64_t EMPTY = UINT64_C(0xCBF29CE484222325);

static void check(mlpbn_status status, const char *name)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "bit_hashes: %s: %s\n", name, mlpbn_last_error());
    exit(1);
}

static double uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) * 0x1p-53;
}

static void fill_data(void)
{
    uint64_t state = 2385;
    for (size_t i = 0; i < ROWS; i++) {
        double sum = 0;
        for (size_t j = 0; j < INPUTS; j++) {
            data.x[i][j] = 4.3 * uniform(&state) - 1.9;
            data.x32[i][j] = (float)data.x[i][j];
            data.bytes[i][j] = (uint8_t)(256 * uniform(&state));
        }
        for (size_t k = 0; k < OUTPUTS; k++)
            sum += data.targets[i][k] = uniform(&state);
        for (size_t k = 0; k < OUTPUTS; k++)
            data.targets[i][k] /= sum;
        data.labels[i] = (int32_t)(OUTPUTS * uniform(&state));
        data.weights[i] = 0.3 + uniform(&state);
    }
}

static mlpbn_rows rows_of(const config *c)
{
    mlpbn_rows rows = MLPBN_ROWS_INIT(data.x, MLPBN_F64, ROWS, c->inputs);
    if (c->row_dtype == MLPBN_U8)
        rows.data = data.bytes;
    if (c->row_dtype == MLPBN_F32)
        rows.data = data.x32;
    rows.dtype = c->row_dtype;
    rows.stride = INPUTS;
    if (c->loss.loss == MLPBN_SOFTMAX_CROSS_ENTROPY) {
        rows.labels = data.labels;
    } else {
        rows.targets = data.targets;
        rows.target_dtype = MLPBN_F64;
        rows.target_columns = OUTPUTS;
    }
    rows.weights = c->weighted ? data.weights : NULL;
    return rows;
}

static mlpbn_network *make_network(const config *c)
{
    mlpbn_network *network = NULL;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(c->inputs);
    mlpbn_layer_options layers[5];
    options.dtype = c->dtype;
    options.seed = 23;
    for (size_t l = 0; l < c->n_layers; l++) {
        int is_last = l + 1 == c->n_layers;
        mlpbn_layer_options layer =
            MLPBN_LAYER_OPTIONS_INIT(is_last ? OUTPUTS : c->widths[l],
                                     is_last ? c->last_activation : c->activation);
        layer.bias = c->bias;
        layer.init = c->init;
        if (c->init == MLPBN_INIT_NORMAL || c->init >= MLPBN_INIT_UNIFORM)
            layer.init_sigma = 0.37;
        layer.alpha = is_last ? MLPBN_DEFAULT_ALPHA : c->alpha;
        layer.dropout = is_last ? 0 : c->dropout;
        layer.batchnorm = c->batchnorm && !is_last ? &c->batchnorm_options : NULL;
        layers[l] = layer;
    }
    check(mlpbn_network_create(&network, &options, layers, c->n_layers), c->name);
    mlpbn_rows rows = rows_of(c);
    if (c->standardized)
        check(mlpbn_network_fit_standardization(network, &rows), c->name);
    return network;
}

static uint64_t hash_network(const mlpbn_network *network, uint64_t hash)
{
    for (size_t t = 0; t < mlpbn_network_n_tensors(network); t++) {
        mlpbn_tensor tensor = MLPBN_TENSOR_INIT;
        check(mlpbn_network_tensor(&tensor, network, t), "tensor");
        size_t size = tensor.dtype == MLPBN_F32 ? 4 : 8;
        hash = hash_bytes(hash, tensor.data, tensor.rows * tensor.stride * size);
    }
    return hash;
}

static uint64_t hash_gradients(mlpbn_workspace *ws, mlpbn_dtype dtype, uint64_t hash)
{
    size_t n;
    if (dtype == MLPBN_F32) {
        float *g;
        check(mlpbn_workspace_gradients_f32(&g, &n, ws), "gradients");
        return hash_bytes(hash, g, n * sizeof *g);
    }
    double *g;
    check(mlpbn_workspace_gradients_f64(&g, &n, ws), "gradients");
    return hash_bytes(hash, g, n * sizeof *g);
}

static uint64_t hash_metrics(const mlpbn_metrics *m, uint64_t hash)
{
    hash = hash_bytes(hash, &m->loss, sizeof m->loss);
    hash = hash_bytes(hash, &m->cost, sizeof m->cost);
    return hash_bytes(hash, &m->correct, sizeof m->correct);
}

/* Hashes the predictions and metrics of all rows, of one row, and of an index list. */
static uint64_t hash_outputs(const mlpbn_network *network, const config *c, uint64_t hash)
{
    static const size_t index[] = {7, 3, 42, 11, 0, 8, 20};
    static double y[ROWS * OUTPUTS];
    mlpbn_workspace *ws = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.mode = MLPBN_PREDICT;
    options.threads = c->threads;
    check(mlpbn_workspace_create(&ws, network, &options), c->name);
    mlpbn_rows all = rows_of(c), one = all, some = all;
    one.n = 1;
    some.n = sizeof index / sizeof *index;
    some.index = index;
    some.n_data = ROWS;
    const mlpbn_rows *const views[] = {&all, &one, &some};
    for (int i = 0; i < 3; i++) {
        size_t n = views[i]->n * OUTPUTS;
        if (c->dtype == MLPBN_F32)
            check(mlpbn_predict_f32(network, ws, views[i], (float *)y), c->name);
        else
            check(mlpbn_predict_f64(network, ws, views[i], y), c->name);
        hash = hash_bytes(hash, y, n * (c->dtype == MLPBN_F32 ? 4 : 8));
        mlpbn_metrics metrics = MLPBN_METRICS_INIT;
        check(mlpbn_evaluate(network, ws, views[i], &c->loss, &metrics), c->name);
        hash = hash_metrics(&metrics, hash);
    }
    mlpbn_workspace_destroy(ws);
    return hash;
}

static int hash_written(void *context, const void *bytes, size_t n)
{
    uint64_t *hash = context;
    *hash = hash_bytes(*hash, bytes, n);
    return 0;
}

static uint64_t hash_files(mlpbn_network *network, mlpbn_optimizer *optimizer,
                           mlpbn_sampler *sampler)
{
    uint64_t hash = EMPTY;
    mlpbn_writer writer = MLPBN_WRITER_INIT(hash_written, &hash);
    mlpbn_checkpoint checkpoint = MLPBN_CHECKPOINT_INIT;
    checkpoint.network = network;
    checkpoint.optimizer = optimizer;
    checkpoint.sampler = sampler;
    check(mlpbn_network_save_to(network, &writer), "save");
    check(mlpbn_checkpoint_save_to(&checkpoint, &writer), "checkpoint");
    check(mlpbn_export_c_to(network, &writer, NULL), "export_c");
    check(mlpbn_export_onnx_to(network, &writer, NULL), "export_onnx");
    return hash;
}

/* Hashes the results of separate forward and backward passes, with a dy of no built-in loss. */
static uint64_t hash_passes(const mlpbn_network *network, mlpbn_workspace *ws,
                            const config *c, uint64_t hash)
{
    static double y[ROWS * OUTPUTS], dy[ROWS * OUTPUTS], dx[ROWS * INPUTS];
    mlpbn_rows rows = rows_of(c);
    rows.n = BATCH - 3;
    size_t outputs = rows.n * OUTPUTS, inputs = rows.n * c->inputs;
    if (c->dtype == MLPBN_F32) {
        check(mlpbn_forward_f32(network, ws, &rows, (float *)y), c->name);
        for (size_t i = 0; i < outputs; i++)
            ((float *)dy)[i] = 0.7f * ((float *)y)[i] - 0.11f;
        check(mlpbn_backward_f32(network, ws, (float *)dy, (float *)dx), c->name);
    } else {
        check(mlpbn_forward_f64(network, ws, &rows, y), c->name);
        for (size_t i = 0; i < outputs; i++)
            dy[i] = 0.7 * y[i] - 0.11;
        check(mlpbn_backward_f64(network, ws, dy, dx), c->name);
    }
    size_t size = c->dtype == MLPBN_F32 ? 4 : 8;
    hash = hash_bytes(hash, y, outputs * size);
    hash = hash_bytes(hash, dx, inputs * size);
    return hash_gradients(ws, c->dtype, hash);
}

static void run(const config *c)
{
    mlpbn_network *network = make_network(c), *folded = NULL;
    mlpbn_workspace *ws = NULL;
    mlpbn_optimizer *optimizer = NULL;
    mlpbn_sampler *sampler = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_sampler_options sampling = MLPBN_SAMPLER_OPTIONS_INIT;
    mlpbn_rows rows = rows_of(c);
    uint64_t gradients = EMPTY, outputs = EMPTY;
    options.max_batch = BATCH;
    options.threads = c->threads;
    options.dropout_seed = 5;
    sampling.batch = BATCH;
    sampling.seed = 77;
    check(mlpbn_workspace_create(&ws, network, &options), c->name);
    check(mlpbn_optimizer_create(&optimizer, network, &c->optimizer), c->name);
    check(mlpbn_sampler_create(&sampler, &rows, &sampling), c->name);
    if (c->frozen)
        check(mlpbn_network_freeze_statistics(network, 0, 1), c->name);
    for (int epoch = 0; epoch < EPOCHS; epoch++)
        for (;;) {
            mlpbn_rows batch = MLPBN_ROWS_INIT(NULL, MLPBN_NO_DTYPE, 0, 0);
            mlpbn_metrics metrics = MLPBN_METRICS_INIT;
            check(mlpbn_sampler_next(&batch, sampler), c->name);
            if (batch.n == 0)
                break;
            check(mlpbn_gradient(network, ws, &batch, &c->loss, &metrics), c->name);
            gradients = hash_metrics(&metrics, hash_gradients(ws, c->dtype, gradients));
            check(mlpbn_train_step(network, optimizer, ws, &batch, &c->loss, &metrics),
                  c->name);
            gradients = hash_metrics(&metrics, gradients);
        }
    gradients = hash_passes(network, ws, c, gradients);
    uint64_t parameters = hash_network(network, EMPTY);
    outputs = hash_outputs(network, c, outputs);
    uint64_t files = hash_files(network, optimizer, sampler);
    mlpbn_fold_options folding = MLPBN_FOLD_OPTIONS_INIT;
    folding.tolerance = 1;
    check(mlpbn_fold(&folded, network, &folding, NULL), c->name);
    outputs = hash_outputs(folded, c, hash_network(folded, outputs));
    check(mlpbn_recompute_statistics(network, ws, &rows), c->name);
    parameters = hash_network(network, parameters);
    printf("%-34s %016llx %016llx %016llx %016llx\n", c->name,
           (unsigned long long)parameters, (unsigned long long)gradients,
           (unsigned long long)outputs, (unsigned long long)files);
    mlpbn_network_destroy(folded);
    mlpbn_sampler_destroy(sampler);
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(ws);
    mlpbn_network_destroy(network);
}

/* Runs a case in both dtypes. The format gives its name. */
static void run_both(config c, const char *format, ...)
{
    char what[60];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    for (int d = 0; d < 2; d++) {
        c.dtype = d ? MLPBN_F64 : MLPBN_F32;
        snprintf(c.name, sizeof c.name, "%s-%s", what, d ? "f64" : "f32");
        run(&c);
    }
}

static config reference(void)
{
    config c = {.row_dtype = MLPBN_F64,
                .inputs = INPUTS,
                .widths = {19, 11},
                .n_layers = 3,
                .activation = MLPBN_RELU,
                .last_activation = MLPBN_IDENTITY,
                .alpha = MLPBN_DEFAULT_ALPHA,
                .batchnorm = 1,
                .batchnorm_options = MLPBN_BATCHNORM_OPTIONS_INIT,
                .bias = 1,
                .init = MLPBN_INIT_HE,
                .loss = MLPBN_LOSS_OPTIONS_INIT,
                .optimizer = MLPBN_OPTIMIZER_OPTIONS_INIT,
                .threads = 1};
    c.optimizer.learning_rate = 0.083;
    c.loss.lambda = 0.0021;
    return c;
}

static void run_activations(void)
{
    for (int a = MLPBN_IDENTITY; a < MLPBN_SOFTMAX; a++)
        for (int after = 0; after < 3; after++) {
            config c = reference();
            c.activation = (mlpbn_activation)a;
            c.alpha =
                a == MLPBN_LEAKY_RELU || a == MLPBN_ELU ? 0.137 : MLPBN_DEFAULT_ALPHA;
            c.batchnorm = after < 2;
            c.batchnorm_options.after_activation = after == 1;
            c.dropout = after == 2 ? 0.3 : 0;
            run_both(c, "activation-%d-%d", a, after);
        }
}

static void run_losses(void)
{
    for (int loss = MLPBN_SOFTMAX_CROSS_ENTROPY; loss <= MLPBN_PINBALL; loss++)
        for (int last = 0; last < 3; last++) {
            static const mlpbn_activation ends[] = {MLPBN_IDENTITY, MLPBN_SOFTMAX,
                                                    MLPBN_SIGMOID};
            config c = reference();
            if ((last == 1 && loss == MLPBN_SIGMOID_CROSS_ENTROPY) ||
                (last == 2 && (loss == MLPBN_SOFTMAX_CROSS_ENTROPY ||
                               loss == MLPBN_SOFT_CROSS_ENTROPY)))
                continue;
            c.last_activation = ends[last];
            c.loss.loss = (mlpbn_loss)loss;
            c.loss.huber_delta = loss == MLPBN_HUBER ? 0.21 : 1;
            c.loss.quantile = loss == MLPBN_PINBALL ? 0.21 : 0.5;
            c.loss.penalty = MLPBN_L2_HALF_SUM;
            c.loss.penalty_kinds = MLPBN_ALL_PARAMETERS;
            c.loss.label_smoothing = loss == MLPBN_SOFTMAX_CROSS_ENTROPY ? 0.13 : 0;
            c.weighted = 1;
            run_both(c, "loss-%d-%d", loss, last);
        }
    static const double weights[OUTPUTS] = {0.2, 1.3, 0.9, 2.1, 0.7};
    config c = reference();
    c.loss.class_weights = weights;
    c.loss.n_class_weights = OUTPUTS;
    run_both(c, "class-weights");
}

static void run_optimizers(void)
{
    for (int kind = MLPBN_SGD; kind <= MLPBN_ADAMW; kind++)
        for (int variant = 0; variant < 3; variant++) {
            int has_momentum = kind == MLPBN_SGD || kind == MLPBN_RMSPROP;
            config c = reference();
            c.optimizer.kind = (mlpbn_optimizer_kind)kind;
            c.optimizer.learning_rate = kind == MLPBN_SGD ? 0.083 : 0.0071;
            c.optimizer.momentum = variant && has_momentum ? 0.83 : 0;
            c.optimizer.nesterov = variant == 2 && kind == MLPBN_SGD;
            c.optimizer.clip_norm = variant == 1 ? 0.35 : 0;
            run_both(c, "optimizer-%d-%d", kind, variant);
        }
}

static void run_batchnorms(void)
{
    for (int bits = 0; bits < 64; bits++) {
        config c = reference();
        c.batchnorm_options.after_activation = bits & 1;
        c.batchnorm_options.affine = bits >> 1 & 1;
        c.batchnorm_options.cumulative = bits >> 2 & 1;
        c.batchnorm_options.unbiased_running_variance = bits >> 3 & 1;
        c.batchnorm_options.start_from_first_batch = bits >> 4 & 1;
        c.frozen = bits >> 5 & 1;
        c.batchnorm_options.eps = 0.0037;
        c.batchnorm_options.decay = 0.71;
        c.bias = bits % 3 != 0;
        run_both(c, "batchnorm-%02d", bits);
    }
}

static void run_shapes(void)
{
    static const size_t widths[][3] = {
        {1, 1, 1}, {64, 16, 0}, {129, 33, 17}, {700, 3, 0}};
    static const mlpbn_dtype dtypes[] = {MLPBN_U8, MLPBN_F32, MLPBN_F64};
    for (size_t w = 0; w < 4; w++)
        for (int d = 0; d < 3; d++)
            for (int threads = 1; threads <= 3; threads++) {
                config c = reference();
                c.n_layers = widths[w][2] ? 4 : 3;
                for (size_t l = 0; l + 1 < c.n_layers; l++)
                    c.widths[l] = widths[w][l];
                c.row_dtype = dtypes[d];
                c.standardized = d < 2;
                c.inputs = w == 1 ? 32 : INPUTS;
                c.threads = threads;
                c.batchnorm = w != 0;
                c.dropout = w == 2 ? 0.17 : 0;
                run_both(c, "shape-%zu-rows-%d-threads-%d", w, (int)dtypes[d], threads);
            }
    for (int init = MLPBN_INIT_HE; init <= MLPBN_INIT_ORTHOGONAL; init++) {
        config c = reference();
        c.init = (mlpbn_init)init;
        run_both(c, "init-%d", init);
    }
}

/* Trains and evaluates a network with two wide layers. */
static void run_wide_case(const mlpbn_rows *rows, size_t width, mlpbn_dtype dtype,
                          int threads)
{
    mlpbn_network *network = NULL;
    mlpbn_workspace *ws = NULL;
    mlpbn_optimizer *optimizer = NULL;
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(rows->columns);
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options layers[] = {MLPBN_LAYER_OPTIONS_INIT(width, MLPBN_RELU),
                                    MLPBN_LAYER_OPTIONS_INIT(width + 3, MLPBN_RELU),
                                    MLPBN_LAYER_OPTIONS_INIT(10, MLPBN_IDENTITY)};
    mlpbn_workspace_options working = MLPBN_WORKSPACE_OPTIONS_INIT;
    mlpbn_loss_options loss = MLPBN_LOSS_OPTIONS_INIT;
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    options.dtype = dtype;
    layers[0].batchnorm = layers[1].batchnorm = &batchnorm;
    working.threads = threads;
    loss.lambda = 0.0009;
    check(mlpbn_network_create(&network, &options, layers, 3), "wide");
    check(mlpbn_network_fit_standardization(network, rows), "wide");
    check(mlpbn_workspace_create(&ws, network, &working), "wide");
    check(mlpbn_optimizer_create(&optimizer, network, NULL), "wide");
    for (int step = 0; step < 2; step++)
        check(mlpbn_train_step(network, optimizer, ws, rows, &loss, NULL), "wide");
    check(mlpbn_gradient(network, ws, rows, &loss, NULL), "wide");
    uint64_t gradients = hash_gradients(ws, dtype, EMPTY);
    check(mlpbn_evaluate(network, ws, rows, &loss, &metrics), "wide");
    printf("wide-%zu-threads-%d-%s %016llx %016llx %016llx\n", width, threads,
           dtype == MLPBN_F64 ? "f64" : "f32",
           (unsigned long long)hash_network(network, EMPTY),
           (unsigned long long)gradients,
           (unsigned long long)hash_metrics(&metrics, EMPTY));
    mlpbn_optimizer_destroy(optimizer);
    mlpbn_workspace_destroy(ws);
    mlpbn_network_destroy(network);
}

/* Networks so wide that the first product is split by columns and by rows. */
static void run_wide(void)
{
    enum { WIDE = 3072, N = 130 };
    static uint8_t x[N][WIDE];
    static int32_t labels[N];
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_U8, N, WIDE);
    uint64_t state = 991;
    for (size_t i = 0; i < N; i++) {
        labels[i] = (int32_t)(10 * uniform(&state));
        for (size_t j = 0; j < WIDE; j++)
            x[i][j] = (uint8_t)(256 * uniform(&state));
    }
    rows.labels = labels;
    for (int d = 0; d < 2; d++)
        for (size_t width = 50; width <= 1050; width += 500)
            for (int threads = 1; threads <= 3; threads++)
                run_wide_case(&rows, width, d ? MLPBN_F64 : MLPBN_F32, threads);
}

int main(void)
{
    fill_data();
    run_activations();
    run_losses();
    run_optimizers();
    run_batchnorms();
    run_shapes();
    run_wide();
    return 0;
}
