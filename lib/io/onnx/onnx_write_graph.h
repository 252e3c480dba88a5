/* Writes the nodes and the initializers of a GraphProto. */
#ifndef MLPBN_IO_ONNX_ONNX_WRITE_GRAPH_H
#define MLPBN_IO_ONNX_ONNX_WRITE_GRAPH_H

#include "io/onnx/onnx_write.h"
#include "io/onnx/protobuf.h"
#include "model/activation_table.h"

enum { MLPBN__ONNX_NAME_SIZE = 48 };

/* Writes the name of a layer's tensor: "layer2.gamma". */
void mlpbn__onnx_tensor_name(char name[MLPBN__ONNX_NAME_SIZE], const mlpbn_layer *layer,
                             mlpbn_tensor_kind kind);

/* Returns ONNX's epsilon: the eps of the layer's batchnorm, rounded down to float. */
float mlpbn__onnx_epsilon(const mlpbn_layer *layer);

/* Add all initializers and all nodes to a GraphProto. */
void mlpbn__onnx_add_initializers(mlpbn__message *m, const mlpbn_network *network);
void mlpbn__onnx_add_nodes(mlpbn__message *m, const mlpbn__onnx_export *model);

/* Returns the name of the initializer that holds a constant operand. */
const char *mlpbn__onnx_constant_name(mlpbn__operand operand);

#endif
