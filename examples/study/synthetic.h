/* A data set in CIFAR-10's layout for those who have not downloaded it: ten classes of
 * 32 x 32 color pictures, drawn from a seed.
 *
 * A class is a shape or a texture. Its position, size, angle, colors, the light that
 * falls on it, clutter and noise vary, and as often as not it is darker than its ground:
 * no single pixel tells much, so a linear classifier stays far behind a network with
 * hidden layers. 7 % of all labels, in test rows too, are those of another class: no
 * classifier can be right on more than about 93 % of rows it has not seen.
 *
 * All arithmetic is on integers: a seed gives the same bytes on every machine. */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include "../cifar.h"

/* As many rows as the official split with 5,000 validation rows has. */
enum { SYNTHETIC_TRAIN = 45000, SYNTHETIC_VALIDATION = 5000, SYNTHETIC_TEST = 10000 };

/* Draws the data set. Returns false if there is no memory: data->error says so. Free it
 * with cifar_free. */
bool synthetic_draw(cifar_data *data, uint64_t seed);

#endif
