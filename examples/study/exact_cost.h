/* The cost of a network of dense layers, batchnorm before ReLU and softmax cross-entropy, in
 * long double by plain loops that share nothing with the library, and its derivatives by
 * differences: what gradients are measured against where those of double are too coarse. */
#ifndef EXACT_COST_H
#define EXACT_COST_H

#include <mlpbn.h>

typedef struct exact_cost exact_cost;

/* Copies the parameters of the network, the standardized rows and their labels. rows: no
 * index. NULL: no memory. */
exact_cost *exact_cost_new(const mlpbn_network *network, const mlpbn_rows *rows,
                           double lambda);

void exact_cost_free(exact_cost *cost);

/* The derivative by one element of a tensor of the network's table; NaN where ReLU has a
 * kink within reach of the difference. */
long double exact_cost_derivative(exact_cost *cost, size_t tensor, size_t element);

#endif
