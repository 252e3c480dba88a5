/* The table of a network's tensors: which there are, and where. */
#ifndef MLPBN_MODEL_TENSOR_TABLE_H
#define MLPBN_MODEL_TENSOR_TABLE_H

#include "model/model.h"

/* How many tensors this layer has. */
size_t mlpbn__layer_tensor_count(const mlpbn_layer_options *layer);

/* Enters the tensors of all layers into the table: parameters of layer 0, 1, ..., then
 * statistics of layer 0, 1, ... Sets n_parameters and n_statistics, SIZE_MAX where these
 * overflow. */
void mlpbn__tensor_table_fill(mlpbn_network *network);

#endif
