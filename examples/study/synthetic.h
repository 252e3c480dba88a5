/* A data set in CIFAR-10's layout that needs no download: ten classes of 32 x 32 color pictures,
 * drawn from a seed.
 *
 * A class is a shape or a texture. Its position, size, angle, colors, the light that
 * falls on it, clutter and noise vary, and it may be lighter or darker than the
 * background: a single pixel says little about the class, so a linear classifier is much less
 * accurate than a network with hidden layers. 7 % of all labels, in test rows too, are those of
 * another class: no classifier is right on more than about 93 % of rows that it was not trained
 * on.
 *
 * All arithmetic is on integers: a seed gives the same bytes on every machine. */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include "../cifar.h"

/* The numbers of rows of CIFAR-10 with 5,000 validation rows. */
enum { SYNTHETIC_TRAIN = 45000, SYNTHETIC_VALIDATION = 5000, SYNTHETIC_TEST = 10000 };

/* Draws the data set, to be freed by cifar_free. Returns false and writes data->error if there is
 * no memory. */
bool synthetic_draw(cifar_data *data, uint64_t seed);

#endif
