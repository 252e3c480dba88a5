/* Classification by several views; see tta.h. */
#include "tta.h"

#include "fatal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSES = CIFAR_CLASSES, REACH = 2 /* pixels */ };

/* A batch of pictures in one view after the other. */
typedef struct viewer {
    const mlpbn_network *network;
    mlpbn_workspace *workspace;
    const mlpbn_rows *rows;
    size_t first, n; /* rows of the batch */
    size_t shrink;
    uint8_t *pixels; /* [n][shrunk pixels], as seen in this view */
    double *logits;  /* [n][CLASSES] */
    double *sum;     /* [n][CLASSES], of the probabilities in all views */
} viewer;

static void add_probabilities(const double logits[CLASSES], double sum[CLASSES])
{
    double most = logits[0], total = 0, e[CLASSES];
    for (int k = 1; k < CLASSES; k++)
        most = fmax(most, logits[k]);
    for (int k = 0; k < CLASSES; k++)
        total += e[k] = exp(logits[k] - most);
    for (int k = 0; k < CLASSES; k++)
        sum[k] += e[k] / total;
}

/* In double whatever the network has. */
static void predict(const viewer *v)
{
    mlpbn_rows view =
        MLPBN_ROWS_INIT(v->pixels, MLPBN_U8, v->n, shrunk_pixels(v->shrink));
    float *narrow = (float *)v->logits;
    if (mlpbn_network_dtype(v->network) == MLPBN_F64) {
        require(mlpbn_predict_f64(v->network, v->workspace, &view, v->logits), "views");
        return;
    }
    require(mlpbn_predict_f32(v->network, v->workspace, &view, narrow), "views");
    for (size_t i = v->n * CLASSES; i-- > 0;)
        v->logits[i] = (double)narrow[i];
}

static void add_view(const viewer *v, picture_change change)
{
    const uint8_t *pictures = v->rows->data;
    for (size_t i = 0; i < v->n; i++)
        change_picture(v->pixels + i * shrunk_pixels(v->shrink),
                       pictures + (v->first + i) * CIFAR_PIXELS, &change);
    predict(v);
    for (size_t i = 0; i < v->n; i++)
        add_probabilities(v->logits + i * CLASSES, v->sum + i * CLASSES);
}

static size_t count_correct(const viewer *v)
{
    size_t correct = 0;
    for (size_t i = 0; i < v->n; i++) {
        const double *sum = v->sum + i * CLASSES;
        int best = 0;
        for (int k = 1; k < CLASSES; k++)
            if (sum[k] > sum[best])
                best = k;
        correct += best == v->rows->labels[v->first + i];
    }
    return correct;
}

static size_t classify_batch(const viewer *v)
{
    memset(v->sum, 0, v->n * CLASSES * sizeof *v->sum);
    for (int flip = 0; flip < 2; flip++)
        for (int down = -REACH; down <= REACH; down++)
            for (int right = -REACH; right <= REACH; right++)
                add_view(v, (picture_change){flip != 0, down, right, v->shrink});
    return count_correct(v);
}

double views_accuracy(const mlpbn_network *network, mlpbn_workspace *workspace,
                      const mlpbn_rows *rows, size_t batch)
{
    viewer v = {.network = network,
                .workspace = workspace,
                .rows = rows,
                .shrink = shrink_factor(mlpbn_network_inputs(network)),
                .pixels = calloc(batch, CIFAR_PIXELS),
                .logits = calloc(batch * CLASSES, sizeof *v.logits),
                .sum = calloc(batch * CLASSES, sizeof *v.sum)};
    size_t correct = 0;
    if (!v.pixels || !v.logits || !v.sum)
        fatal("no memory for views of %zu pictures", batch);
    for (; v.first < rows->n; v.first += v.n) {
        v.n = rows->n - v.first < batch ? rows->n - v.first : batch;
        correct += classify_batch(&v);
    }
    free(v.pixels);
    free(v.logits);
    free(v.sum);
    return (double)correct / (double)rows->n;
}
