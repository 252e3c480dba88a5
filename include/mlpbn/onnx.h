/* Networks to and from ONNX (https://onnx.ai), for ONNX Runtime and for what other
 * frameworks have trained. */
#ifndef MLPBN_ONNX_H
#define MLPBN_ONNX_H

#include <mlpbn/common.h>
#include <mlpbn/network.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* --- Export: a graph of opset 13 from "x" [N][inputs] to "y" [N][outputs], any N --------
 *
 *   standardization  Sub of the mean (in f32 in two parts, as the library does), Mul
 *   layer            Gemm; BatchNormalization, unless mlpbn_fold has made a network
 *                    without; the activation's operator, or for SiLU and the two of GELU
 *                    those that PyTorch exports
 *
 * Numbers are float or double, as the network's; not every runtime has every operator in
 * double: clone the network to MLPBN_F32 for those (ONNX Runtime 1.32: LeakyRelu, Elu,
 * Selu, Softplus and Erf). epsilon is a float in ONNX: what rounding it down leaves is
 * added to the variances. Equal networks make equal files. */

typedef struct mlpbn_export_onnx_options {
    size_t struct_size;
    int softmax; /* 1: Softmax over the outputs at the end; 0 (default): not */
} mlpbn_export_onnx_options;

#define MLPBN_EXPORT_ONNX_OPTIONS_INIT                                                   \
    {                                                                                    \
        sizeof(mlpbn_export_onnx_options), 0                                             \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_onnx_options_init(mlpbn_export_onnx_options *options, size_t struct_size);

/* Writes the file, or replaces it when it is whole; or hands it to a writer.
 *
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL      an argument but options is NULL; softmax is neither 0 nor 1, or is 1
 *                   and the last activation is not the identity or batchnorm comes after
 * MLPBN_ESIZE       it would be more than the 2 GiB - 1 that such a file may have
 * MLPBN_ENONFINITE  a number of the network is not finite
 * MLPBN_EIO         the file cannot be written, or the writer failed
 * MLPBN_ENOMEM      no memory for the path
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_onnx(const mlpbn_network *network, const char *path,
                  const mlpbn_export_onnx_options *options);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_onnx_to(const mlpbn_network *network, const mlpbn_writer *writer,
                     const mlpbn_export_onnx_options *options);

/* --- Import ----------------------------------------------------------------------------
 *
 * A chain of nodes from the one input to the one output, all numbers float or all double:
 *
 *   Sub, Div, Mul        by constants, before all else: standardization; or there a
 *                        BatchNormalization whose scales are above 0
 *   Gemm                 transA 0, any transB, alpha and beta; or MatMul, with or without
 *                        Add of a constant
 *   BatchNormalization   after a layer's product or activation, with one of both
 *   Relu, LeakyRelu, Elu, Selu, Sigmoid, Tanh, Softplus, Softmax (last), Identity, and what
 *                        PyTorch or the export above write for SiLU and GELU
 *
 * with constants as initializers or Constant nodes, within the file, and opset 7 or later.
 * Nodes stand in the order of the chain; at most 4096 nodes and as many tensors. */

/* Makes a network of a file, or of what a reader gives.
 *
 * network  receives it; destroy with mlpbn_network_destroy
 *
 * MLPBN_EINVAL       an argument is NULL
 * MLPBN_EIO          the file cannot be read, or the reader failed
 * MLPBN_ENOMEM       no memory for the file or the network
 * MLPBN_EFORMAT      it is no ONNX file, or a broken one: sizes do not match, a variance
 *                    is negative; mlpbn_last_error names the byte, node or tensor
 * MLPBN_EUNSUPPORTED it holds something else than the above; mlpbn_last_error names the
 *                    node and its operator
 * MLPBN_ENONFINITE   a number is NaN or infinite
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_import_onnx(mlpbn_network **network,
                                                          const char *path);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_import_onnx_from(mlpbn_network **network, const mlpbn_reader *reader);

MLPBN_END

#endif
