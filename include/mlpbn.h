/* libmlpbn: fully connected networks with batch normalization, for C and C++.
 *
 *   mlpbn_network      parameters and running statistics of a stack of layers
 *   mlpbn_layer        dense: z = x W^T + b, optional batchnorm, activation
 *   mlpbn_batchnorm    the normalization of one layer
 *   mlpbn_workspace    everything a computation writes; one per thread
 *   mlpbn_optimizer    how parameters follow their gradients
 *   mlpbn_sampler      shuffles a data set and cuts it into batches
 *   mlpbn_rows         the caller's data: the one view of input that all calls take
 *
 * Conventions that hold in every header:
 *
 * - A call that can fail returns mlpbn_status. If it is not MLPBN_OK, nothing was
 *   changed: neither network, optimizer, sampler nor any output argument; a workspace
 *   may have lost the gradient it held. mlpbn_last_error() says what was wrong.
 * - Out-parameters come first. What is returned through a ** argument is owned by the
 *   caller until its _destroy function; a returned pointer is borrowed from the object
 *   that was asked and lives as long. _destroy(NULL) does nothing, and a _create that
 *   fails leaves the handle as it was: begin it with NULL if you clean up by _destroy.
 * - A struct that the caller allocates begins with struct_size and gets its defaults from
 *   its _INIT macro, an initializer, or from its _init function, which takes sizeof the
 *   struct, at most 4096. After that every field means what it says: a 0 is a 0. Programs
 *   compiled with an older or a newer header work: fields past the caller's struct_size
 *   take their defaults; fields that this library does not know must be zero.
 * - Matrices are row-major. x is [n][inputs], y is [n][outputs], W is [units][inputs].
 *   Layers and rows count from 0.
 * - Functions may be called from any thread. Two threads may use one object at once
 *   only where both calls take it as const. The library keeps no other state, prints
 *   nothing, never exits, and touches neither locale, signals nor rand().
 */
#ifndef MLPBN_H
#define MLPBN_H

#include <mlpbn/batchnorm.h>
#include <mlpbn/checkpoint.h>
#include <mlpbn/common.h>
#include <mlpbn/export.h>
#include <mlpbn/file.h>
#include <mlpbn/fold.h>
#include <mlpbn/gradcheck.h>
#include <mlpbn/layer.h>
#include <mlpbn/loss.h>
#include <mlpbn/network.h>
#include <mlpbn/onnx.h>
#include <mlpbn/optimizer.h>
#include <mlpbn/predict.h>
#include <mlpbn/rows.h>
#include <mlpbn/sampler.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>
#include <mlpbn/tensor.h>
#include <mlpbn/profile.h>
#include <mlpbn/train.h>
#include <mlpbn/version.h>
#include <mlpbn/workspace.h>

#endif
