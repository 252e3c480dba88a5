/* Test-time augmentation; see tta.h. */
#include "tta.h"

#include "fatal.h"
#include "softmax.h"

#include <stdlib.h>
#include <string.h>

enum { CLASSES = CIFAR_CLASSES, MAX_VIEW_SHIFT = 2 /* pixels */ };

/* A batch of pictures and the sum of its predictions over views. */
typedef struct tta_batch {
    const mlpbn_network *network;
    mlpbn_workspace *workspace;
    const mlpbn_rows *rows;
    size_t first, n; /* the batch is rows first to first + n - 1 */
    size_t downsample;
    uint8_t *pixels; /* [n][downsampled pixels], of the current view */
    double *logits;  /* [n][CLASSES] */
    double *sum;     /* [n][CLASSES], probabilities, over all views */
} tta_batch;

static void add_probabilities(double logits[CLASSES], double sum[CLASSES])
{
    softmax(logits, CLASSES);
    for (int k = 0; k < CLASSES; k++)
        sum[k] += logits[k];
}

/* Predicts the current view. Writes the logits in double for a network of either dtype. */
static void predict(const tta_batch *b)
{
    mlpbn_rows view =
        MLPBN_ROWS_INIT(b->pixels, MLPBN_U8, b->n, downsampled_pixels(b->downsample));
    float *f32 = (float *)b->logits;
    if (mlpbn_network_dtype(b->network) == MLPBN_F64) {
        require(mlpbn_predict_f64(b->network, b->workspace, &view, b->logits), "views");
        return;
    }
    require(mlpbn_predict_f32(b->network, b->workspace, &view, f32), "views");
    for (size_t i = b->n * CLASSES; i-- > 0;)
        b->logits[i] = (double)f32[i];
}

static void add_view(const tta_batch *b, picture_transform transform)
{
    const uint8_t *pictures = b->rows->data;
    for (size_t i = 0; i < b->n; i++)
        transform_picture(b->pixels + i * downsampled_pixels(b->downsample),
                          pictures + (b->first + i) * CIFAR_PIXELS, &transform);
    predict(b);
    for (size_t i = 0; i < b->n; i++)
        add_probabilities(b->logits + i * CLASSES, b->sum + i * CLASSES);
}

static size_t count_correct(const tta_batch *b)
{
    size_t correct = 0;
    for (size_t i = 0; i < b->n; i++) {
        const double *sum = b->sum + i * CLASSES;
        int best = 0;
        for (int k = 1; k < CLASSES; k++)
            if (sum[k] > sum[best])
                best = k;
        correct += best == b->rows->labels[b->first + i];
    }
    return correct;
}

static size_t classify_batch(const tta_batch *b)
{
    memset(b->sum, 0, b->n * CLASSES * sizeof *b->sum);
    const int max = MAX_VIEW_SHIFT;
    for (int flip = 0; flip < 2; flip++)
        for (int down = -max; down <= max; down++)
            for (int right = -max; right <= max; right++)
                add_view(b, (picture_transform){flip != 0, down, right, b->downsample});
    return count_correct(b);
}

double tta_accuracy(const mlpbn_network *network, mlpbn_workspace *workspace,
                    const mlpbn_rows *rows, size_t batch)
{
    tta_batch b = {.network = network,
                   .workspace = workspace,
                   .rows = rows,
                   .downsample = downsample_factor(mlpbn_network_inputs(network)),
                   .pixels = calloc(batch, CIFAR_PIXELS),
                   .logits = calloc(batch * CLASSES, sizeof *b.logits),
                   .sum = calloc(batch * CLASSES, sizeof *b.sum)};
    size_t correct = 0;
    if (!b.pixels || !b.logits || !b.sum)
        fatal("no memory for views of %zu pictures", batch);
    for (; b.first < rows->n; b.first += b.n) {
        b.n = rows->n - b.first < batch ? rows->n - b.first : batch;
        correct += classify_batch(&b);
    }
    free(b.pixels);
    free(b.logits);
    free(b.sum);
    return (double)correct / (double)rows->n;
}
