/* A training loop of one's own: the Huber loss, which outliers pull less than squares, and
 * an update by RMSprop, on a small network with batchnorm.
 *
 *   cc custom_loop.c $(pkg-config --cflags --libs mlpbn) -lm -o custom_loop */
#include <math.h>
#include <mlpbn.h>
#include <stdio.h>
#include <stdlib.h>

enum { INPUTS = 2, ROWS = 1024, BATCH = 128, EPOCHS = 50 };

static void check(mlpbn_status status, const char *what)
{
    if (status == MLPBN_OK)
        return;
    fprintf(stderr, "custom_loop: %s: %s\n", what, mlpbn_last_error());
    exit(1);
}

/* Uniform in [-1, 1]: a linear congruential generator (Knuth's MMIX), its high bits. */
static float uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)((double)(*state >> 11) * 0x1p-52 - 1);
}

/* One target in twenty is an outlier. */
static void draw_data(float x[ROWS][INPUTS], float target[ROWS])
{
    uint64_t state = 1;
    for (int i = 0; i < ROWS; i++) {
        x[i][0] = uniform(&state);
        x[i][1] = uniform(&state);
        target[i] = sinf(3 * x[i][0]) * x[i][1];
        if (uniform(&state) < -0.9f)
            target[i] += 5 * uniform(&state);
    }
}

static mlpbn_network *make_network(void)
{
    mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options layers[3] = {MLPBN_LAYER_OPTIONS_INIT(32, MLPBN_RELU),
                                     MLPBN_LAYER_OPTIONS_INIT(32, MLPBN_RELU),
                                     MLPBN_LAYER_OPTIONS_INIT(1, MLPBN_IDENTITY)};
    for (int i = 0; i < 2; i++) {
        layers[i].bias = 0; /* batchnorm has beta */
        layers[i].batchnorm = &batchnorm;
    }

    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(INPUTS);
    options.seed = 1;
    mlpbn_network *network = NULL;
    check(mlpbn_network_create(&network, &options, layers, 3), "network");
    return network;
}

/* The mean over a batch of e^2 / 2 where |e| <= delta and delta (|e| - delta / 2) beyond,
 * with e = y - target; dy receives its derivative with respect to y. Row i of the batch is
 * row index[i] of the data set. */
static double huber(float *dy, const float *y, const float *target, const size_t *index,
                    size_t n)
{
    const float delta = 0.2f;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        float e = y[i] - target[index[i]], inside = fmaxf(-delta, fminf(delta, e));
        sum += (double)(inside * (e - inside / 2));
        dy[i] = inside / (float)n;
    }
    return sum / (double)n;
}

/* RMSprop (Hinton, 2012): each parameter moves by its gradient over that gradient's root
 * mean square. Padding has gradient 0 and stays 0, so one pass serves all tensors. */
static void update(mlpbn_network *network, mlpbn_workspace *workspace, float *mean_square)
{
    float *p, *g;
    size_t n;
    check(mlpbn_network_parameters_f32(&p, &n, network), "parameters");
    check(mlpbn_workspace_gradients_f32(&g, &n, workspace), "gradients");
    for (size_t i = 0; i < n; i++) {
        mean_square[i] = 0.9f * mean_square[i] + 0.1f * g[i] * g[i];
        p[i] -= 0.002f * g[i] / (sqrtf(mean_square[i]) + 1e-6f);
    }
    check(mlpbn_commit_statistics(network, workspace), "batch statistics");
}

int main(void)
{
    static float x[ROWS][INPUTS], target[ROWS];
    draw_data(x, target);
    /* The view has no targets: huber() reads them itself. */
    const mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, ROWS, INPUTS);
    mlpbn_rows batch = rows;

    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = BATCH;
    options.seed = 1;
    mlpbn_sampler *sampler = NULL;
    check(mlpbn_sampler_create(&sampler, &rows, &options), "sampler");

    mlpbn_network *network = make_network();
    mlpbn_workspace *workspace = NULL;
    check(mlpbn_workspace_create(&workspace, network, NULL), "workspace");
    float *parameters, y[BATCH], dy[BATCH]; /* one output a row */
    size_t n;
    check(mlpbn_network_parameters_f32(&parameters, &n, network), "parameters");
    float *mean_square = calloc(n, sizeof *mean_square);
    if (!mean_square) {
        fputs("custom_loop: no memory for the state of RMSprop\n", stderr);
        return 1;
    }

    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        double loss = 0;
        mlpbn_status status;
        while ((status = mlpbn_sampler_next(&batch, sampler)) == MLPBN_OK &&
               batch.n > 0) {
            check(mlpbn_forward_f32(network, workspace, &batch, y), "forward");
            loss += huber(dy, y, target, batch.index, batch.n);
            check(mlpbn_backward_f32(network, workspace, dy, NULL), "backward");
            update(network, workspace, mean_square);
        }
        check(status, "next batch");
        if (epoch == 1 || epoch % 10 == 0)
            printf("epoch %2d: loss %.4f\n", epoch,
                   loss / (double)mlpbn_sampler_batches(sampler));
    }

    free(mean_square);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
    mlpbn_sampler_destroy(sampler);
    return 0;
}
