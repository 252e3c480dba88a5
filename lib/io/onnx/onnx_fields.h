/* Field numbers and enumerators of onnx.proto, as far as they are used here. */
#ifndef MLPBN_IO_ONNX_ONNX_FIELDS_H
#define MLPBN_IO_ONNX_ONNX_FIELDS_H

enum { /* ModelProto */
       ONNX_MODEL_IR_VERSION = 1,
       ONNX_MODEL_PRODUCER = 2,
       ONNX_MODEL_PRODUCER_VERSION = 3,
       ONNX_MODEL_GRAPH = 7,
       ONNX_MODEL_OPSET = 8,
       /* OperatorSetIdProto */
       ONNX_OPSET_DOMAIN = 1,
       ONNX_OPSET_VERSION = 2,
       /* GraphProto */
       ONNX_GRAPH_NODE = 1,
       ONNX_GRAPH_NAME = 2,
       ONNX_GRAPH_INITIALIZER = 5,
       ONNX_GRAPH_INPUT = 11,
       ONNX_GRAPH_OUTPUT = 12,
       ONNX_GRAPH_SPARSE = 15,
       /* NodeProto */
       ONNX_NODE_INPUT = 1,
       ONNX_NODE_OUTPUT = 2,
       ONNX_NODE_NAME = 3,
       ONNX_NODE_OP = 4,
       ONNX_NODE_ATTRIBUTE = 5,
       ONNX_NODE_DOMAIN = 7,
       /* AttributeProto, and its types */
       ONNX_ATTRIBUTE_NAME = 1,
       ONNX_ATTRIBUTE_FLOAT = 2,
       ONNX_ATTRIBUTE_INT = 3,
       ONNX_ATTRIBUTE_TENSOR = 5,
       ONNX_ATTRIBUTE_TYPE = 20,
       ONNX_TYPE_FLOAT = 1,
       ONNX_TYPE_INT = 2,
       /* TensorProto, and its element types */
       ONNX_TENSOR_DIMS = 1,
       ONNX_TENSOR_TYPE = 2,
       ONNX_TENSOR_FLOATS = 4,
       ONNX_TENSOR_NAME = 8,
       ONNX_TENSOR_RAW = 9,
       ONNX_TENSOR_DOUBLES = 10,
       ONNX_TENSOR_LOCATION = 14,
       ONNX_FLOAT = 1,
       ONNX_DOUBLE = 11,
       /* ValueInfoProto, TypeProto, TypeProto.Tensor, TensorShapeProto, its Dimension */
       ONNX_VALUE_NAME = 1,
       ONNX_VALUE_TYPE = 2,
       ONNX_TYPE_TENSOR = 1,
       ONNX_TENSOR_TYPE_ELEMENT = 1,
       ONNX_TENSOR_TYPE_SHAPE = 2,
       ONNX_SHAPE_DIM = 1,
       ONNX_DIM_VALUE = 1,
       ONNX_DIM_PARAM = 2
};

#endif
