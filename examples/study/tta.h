/* Test-time augmentation: a picture is classified by several transformed views of it. */
#ifndef TTA_H
#define TTA_H

#include "augment.h"

/* Returns the accuracy if the class of a picture is the one with the largest mean probability
 * over 50 views: the picture and its mirror image, each moved by up to two pixels along each
 * axis.
 *
 * rows   full-size pictures, which are downsampled to the inputs of the network
 * batch  pictures predicted at once; at most the workspace's max_batch
 *
 * Errors are fatal. */
double tta_accuracy(const mlpbn_network *network, mlpbn_workspace *workspace,
                    const mlpbn_rows *rows, size_t batch);

#endif
