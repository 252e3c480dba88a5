/* libmlpbn: trains and runs fully connected neural networks with batch normalization, inside
 * C and C++ programs. This header includes all others, in the order in which a newcomer needs
 * them. The objects are:
 *
 *   mlpbn_rows         a view of the caller's data: inputs, with labels or targets
 *   mlpbn_network      a stack of layers: parameters and running statistics
 *   mlpbn_layer        dense: z = x W^T + b, optional batchnorm, activation
 *   mlpbn_batchnorm    the batch normalization of a layer
 *   mlpbn_workspace    the memory that computations write: activations, gradients
 *   mlpbn_optimizer    updates parameters by their gradients: SGD, RMSprop, Adam, AdamW
 *   mlpbn_sampler      shuffles a data set and divides it into batches
 *   mlpbn_history      what mlpbn_fit records of each epoch
 *
 * This trains a classifier on n rows of d floats with labels 0 .. 9, and predicts the classes of
 * the same rows. examples/xor.c is a whole program.
 *
 *   mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F32, n, d);
 *   mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(d);
 *   mlpbn_layer_options layers[2] = {MLPBN_LAYER_OPTIONS_INIT(50, MLPBN_RELU),
 *                                    MLPBN_LAYER_OPTIONS_INIT(10, MLPBN_IDENTITY)};
 *   mlpbn_network *network = NULL;
 *   rows.labels = labels;
 *   if (mlpbn_network_create(&network, &options, layers, 2) ||
 *       mlpbn_fit(network, NULL, &rows, NULL, NULL, NULL) ||
 *       mlpbn_classify(network, NULL, &rows, classes, NULL))
 *       fprintf(stderr, "%s\n", mlpbn_last_error());
 *
 * Conventions that hold in every header:
 *
 * - Errors. A call that can fail returns mlpbn_status. If that is not MLPBN_OK, the call has
 *   changed nothing: neither network, optimizer and sampler nor any output argument. Only a
 *   gradient that the workspace held may be lost. mlpbn_last_error() tells what was wrong.
 * - Arguments. A handle or pointer that the call returns comes first; arrays and reports of the
 *   caller that it fills come last.
 * - Ownership. The caller owns an object that is returned through a ** argument, and frees it
 *   with its _destroy function. A returned pointer is borrowed
 *   from the object that was passed to the call, and is valid as long as that object.
 *   _destroy(NULL) does nothing. A _create that fails leaves the handle as it was, so
 *   initialize handles with NULL if you clean up with _destroy.
 * - Structs that the caller allocates begin with struct_size. Initialize them with their _INIT
 *   macro, an initializer, or with their _init function, whose argument is sizeof the struct;
 *   both set the defaults. After that every field counts as it is: a 0 is a 0, not a default. A
 *   program that was compiled with an older or a newer header works: fields beyond the caller's
 *   struct_size have their defaults, and fields that this library does not know must be zero. A
 *   struct_size that cannot be sizeof the struct is MLPBN_EINVAL: it is too small for the first
 *   field, above 4096, or no multiple of sizeof(size_t) and so may end within a field.
 * - Layout. Matrices are row-major: x is [n][inputs], y is [n][outputs], W is [units][inputs].
 *   Layers, rows and columns count from 0. Sizes and strides are numbers of elements unless
 *   their name or comment says bytes.
 * - Threads. Any thread may call any function. Two threads may use the same object at the same
 *   time only if both calls take it as const. The library has no other shared state. It prints
 *   nothing, never ends the process, and touches neither locale, signals nor rand().
 */
#ifndef MLPBN_H
#define MLPBN_H

/* --- From a first network to predictions: tutorial sections 2 to 4 --------------------- */

#include <mlpbn/common.h>    /* dtypes and handles */
#include <mlpbn/status.h>    /* errors */
#include <mlpbn/rows.h>      /* the data */
#include <mlpbn/layer.h>     /* activations, initialization, dropout */
#include <mlpbn/batchnorm.h> /* batch normalization */
#include <mlpbn/network.h>   /* create a network, standardize its inputs */
#include <mlpbn/workspace.h> /* memory, maximum batch, threads */
#include <mlpbn/loss.h>      /* losses, L2 penalties, metrics */
#include <mlpbn/optimizer.h> /* SGD, RMSprop, Adam, AdamW */
#include <mlpbn/schedule.h>  /* learning rates that change from step to step */
#include <mlpbn/sampler.h>   /* shuffled batches */
#include <mlpbn/train.h>     /* a training step; forward and backward passes */
#include <mlpbn/fit.h>       /* a whole training in one call */
#include <mlpbn/predict.h>   /* mlpbn_predict_f32, mlpbn_evaluate */
#include <mlpbn/metrics.h>   /* confusion matrix, ROC AUC, calibration, R^2, ... */

/* --- Your own loop: parameters, gradients, and a check of the gradients ----------------- */

#include <mlpbn/tensor.h>
#include <mlpbn/gradcheck.h>

/* --- Files, and networks for other programs --------------------------------------------- */

#include <mlpbn/file.h>       /* safetensors files, also of PyTorch */
#include <mlpbn/checkpoint.h> /* stop and resume training */
#include <mlpbn/onnx.h>       /* to and from ONNX */
#include <mlpbn/export.h>     /* a network as C source */
#include <mlpbn/fold.h>       /* batchnorm folded into the weights */
#include <mlpbn/stream.h>     /* the same from and to your own storage */

/* --- The rest --------------------------------------------------------------------------- */

#include <mlpbn/profile.h> /* where the time goes */
#include <mlpbn/version.h>

#endif
