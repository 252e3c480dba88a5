/* Checks tta_accuracy() against a sum over pictures that are mirrored and moved here, for
 * both dtypes, a smaller last batch, and pictures at full size and downsampled. */
#include "downsample.h"
#include "tta.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PICTURES = 23, BATCH = 7 };

static uint8_t pixels[PICTURES][CIFAR_PIXELS];
static int32_t labels[PICTURES];

static void require_true(bool condition, const char *what)
{
    if (condition)
        return;
    puts(what);
    exit(1);
}

static int clamp(int i)
{
    return i < 0 ? 0 : i >= CIFAR_SIDE ? CIFAR_SIDE - 1 : i;
}

static void flip_and_shift(uint8_t to[CIFAR_PIXELS], const uint8_t *picture, bool flip,
                           int down, int right)
{
    for (int i = 0; i < CIFAR_PIXELS; i++) {
        int plane = i / (CIFAR_SIDE * CIFAR_SIDE) * CIFAR_SIDE * CIFAR_SIDE;
        int y = clamp(i / CIFAR_SIDE % CIFAR_SIDE - down);
        int x = clamp(i % CIFAR_SIDE - right);
        to[i] = picture[plane + y * CIFAR_SIDE + (flip ? CIFAR_SIDE - 1 - x : x)];
    }
}

/* Returns the class with the largest sum of probabilities over the 50 views of a picture, by a
 * network in double that predicts logits. */
static int classify(const mlpbn_network *network, mlpbn_workspace *workspace,
                    const uint8_t *picture)
{
    uint8_t moved[CIFAR_PIXELS], view[CIFAR_PIXELS];
    double y[CIFAR_CLASSES], sum[CIFAR_CLASSES] = {0};
    size_t inputs = mlpbn_network_inputs(network);
    mlpbn_rows row = MLPBN_ROWS_INIT(view, MLPBN_U8, 1, inputs);
    for (int i = 0; i < 50; i++) {
        flip_and_shift(moved, picture, i % 2, i / 2 % 5 - 2, i / 10 - 2);
        downsample_picture(view, moved, downsample_factor(inputs));
        require_true(mlpbn_predict_f64(network, workspace, &row, y) == MLPBN_OK,
                     "no prediction");
        double total = 0;
        for (int k = 0; k < CIFAR_CLASSES; k++)
            total += exp(y[k]);
        for (int k = 0; k < CIFAR_CLASSES; k++)
            sum[k] += exp(y[k]) / total;
    }
    int best = 0;
    for (int k = 1; k < CIFAR_CLASSES; k++)
        if (sum[k] > sum[best])
            best = k;
    return best;
}

static void make(mlpbn_network **network, mlpbn_workspace **workspace, size_t inputs)
{
    mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(CIFAR_CLASSES, MLPBN_IDENTITY);
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(inputs);
    mlpbn_workspace_options workspace_options = MLPBN_WORKSPACE_OPTIONS_INIT;
    layer.init = MLPBN_INIT_NORMAL;
    layer.init_sigma = 0.00085;
    options.dtype = MLPBN_F64;
    workspace_options.mode = MLPBN_PREDICT;
    workspace_options.max_batch = BATCH;
    require_true(mlpbn_network_create(network, &options, &layer, 1) == MLPBN_OK &&
                     mlpbn_workspace_create(workspace, *network, &workspace_options) ==
                         MLPBN_OK,
                 "no network");
}

static void check(size_t inputs)
{
    mlpbn_network *f32 = NULL, *f64 = NULL;
    mlpbn_workspace *ws32 = NULL, *ws64 = NULL;
    make(&f64, &ws64, inputs);
    require_true(mlpbn_network_clone(&f32, f64, MLPBN_F32) == MLPBN_OK, "no clone");
    mlpbn_workspace_options workspace_options = MLPBN_WORKSPACE_OPTIONS_INIT;
    workspace_options.mode = MLPBN_PREDICT;
    workspace_options.max_batch = BATCH;
    require_true(mlpbn_workspace_create(&ws32, f32, &workspace_options) == MLPBN_OK,
                 "no workspace");

    /* Two labels of three are the predicted class. */
    int right = 0;
    for (int i = 0; i < PICTURES; i++) {
        labels[i] = classify(f64, ws64, pixels[i]);
        if (i % 3 == 0)
            labels[i] = (labels[i] + 1 + i % 9) % CIFAR_CLASSES;
        else
            right++;
    }
    mlpbn_rows rows = MLPBN_ROWS_INIT(pixels, MLPBN_U8, PICTURES, CIFAR_PIXELS);
    rows.labels = labels;
    double expected = (double)right / PICTURES;
    require_true(tta_accuracy(f64, ws64, &rows, BATCH) == expected, "f64: another share");
    require_true(tta_accuracy(f32, ws32, &rows, BATCH) == expected, "f32: another share");
    mlpbn_workspace_destroy(ws32);
    mlpbn_workspace_destroy(ws64);
    mlpbn_network_destroy(f32);
    mlpbn_network_destroy(f64);
}

int main(void)
{
    uint32_t state = 2385;
    for (int i = 0; i < PICTURES; i++)
        for (int j = 0; j < CIFAR_PIXELS; j++) {
            state = state * 1664525 + 1013904223;
            pixels[i][j] = (uint8_t)(state >> 24);
        }
    check(downsampled_pixels(1));
    check(downsampled_pixels(2));
    return 0;
}
