/* The cost of a network of dense layers with batchnorm before ReLU, and softmax cross-entropy,
 * in long double by plain loops that share nothing with the library; its derivatives by
 * finite differences. Gradients are compared with them where differences in double are too
 * coarse. */
#ifndef EXACT_COST_H
#define EXACT_COST_H

#include <mlpbn.h>

typedef struct exact_cost exact_cost;

/* Copies the parameters of the network, the standardized rows and their labels. rows: no
 * index. Returns NULL if there is no memory. */
exact_cost *exact_cost_new(const mlpbn_network *network, const mlpbn_rows *rows,
                           double lambda);

void exact_cost_free(exact_cost *cost);

/* The derivative with respect to one element of a tensor of the network's table; NaN where a
 * ReLU has its kink within the smallest difference. */
long double exact_cost_derivative(exact_cost *cost, size_t tensor, size_t element);

#endif
