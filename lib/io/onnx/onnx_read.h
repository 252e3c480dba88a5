/* A network from an ONNX file (mlpbn/onnx.h). */
#ifndef MLPBN_IO_ONNX_ONNX_READ_H
#define MLPBN_IO_ONNX_ONNX_READ_H

#include "io/input.h"
#include "model/model.h"

/* A mlpbn__reader_fn; network: a mlpbn_network **. */
mlpbn_status mlpbn__read_onnx(mlpbn__input *input, void *network);

#endif
