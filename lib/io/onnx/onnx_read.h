/* A network from an ONNX file (mlpbn/onnx.h). */
#ifndef MLPBN_IO_ONNX_ONNX_READ_H
#define MLPBN_IO_ONNX_ONNX_READ_H

#include "model/model.h"
#include "io/input.h"

/* An mlpbn__reader_fn; network: mlpbn_network **. */
mlpbn_status mlpbn__read_onnx(mlpbn__input *input, void *network);

#endif
