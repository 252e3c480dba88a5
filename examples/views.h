/* Classifying a picture by how it looks when it is mirrored and moved a little, too. */
#ifndef VIEWS_H
#define VIEWS_H

#include "augment.h"

/* probabilities: [rows->n][CIFAR_CLASSES], of the classes of whole pictures: the mean over a
 * picture and its mirror image, both moved by up to two pixels up or down and left or right:
 * 50 views. They are shrunk to what the network takes. The workspace takes at least `batch`
 * rows. Errors are fatal. */
void views_probabilities(double *probabilities, const mlpbn_network *network,
                         mlpbn_workspace *workspace, const mlpbn_rows *rows,
                         size_t batch);

/* The share of rows whose class has the largest probability. */
double views_correct(const double *probabilities, const mlpbn_rows *rows);

/* The same for probabilities by these views. */
double views_accuracy(const mlpbn_network *network, mlpbn_workspace *workspace,
                      const mlpbn_rows *rows, size_t batch);

#endif
