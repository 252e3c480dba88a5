/* The table of a network's tensors: their kinds, shapes and offsets. */
#ifndef MLPBN_MODEL_TENSOR_TABLE_H
#define MLPBN_MODEL_TENSOR_TABLE_H

#include "model/model.h"

/* The number of tensors of a layer. */
size_t mlpbn__layer_tensor_count(const mlpbn_layer_options *layer);

/* Fills in the table: the parameters of layer 0, 1, ..., then the running statistics of layer
 * 0, 1, ... Sets n_parameters and n_statistics, to SIZE_MAX if they overflow. */
void mlpbn__tensor_table_fill(mlpbn_network *network);

#endif
