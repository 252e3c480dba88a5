/* Classifying a picture by how it looks when it is mirrored and moved a little, too. */
#ifndef TTA_H
#define TTA_H

#include "augment.h"

/* The share of rows whose class has the largest mean probability over the picture and its
 * mirror image, both moved by up to two pixels up or down and left or right: 50 views. Whole
 * pictures: they are shrunk to what the network takes. The workspace takes at least `batch`
 * rows. Errors are fatal. */
double views_accuracy(const mlpbn_network *network, mlpbn_workspace *workspace,
                      const mlpbn_rows *rows, size_t batch);

#endif
