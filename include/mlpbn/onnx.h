/* Exports networks to ONNX (https://onnx.ai), for ONNX Runtime and others, and imports
 * networks that other frameworks have trained. */
#ifndef MLPBN_ONNX_H
#define MLPBN_ONNX_H

#include <mlpbn/common.h>
#include <mlpbn/network.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* --- Export: a graph of opset 13 from "x" [N][inputs] to "y" [N][outputs], for any N ------
 *
 *   standardization  Sub of the mean (in f32 as two numbers, as in the library), Mul
 *   layer            Gemm; BatchNormalization, if the layer has it (mlpbn_fold makes a network
 *                    without); the operator of the activation, or for SiLU and both GELU the
 *                    operators that PyTorch exports
 *
 * The tensors are float or double, by the network's dtype. Some runtimes lack operators for
 * double (ONNX Runtime 1.32 lacks LeakyRelu, Elu, Selu, Softplus and Erf): clone the
 * network to MLPBN_F32 for those. epsilon is a float in ONNX: it is rounded down, and the
 * difference is added to the variances. Equal networks give equal files. */

typedef struct mlpbn_export_onnx_options {
    size_t struct_size;
    int softmax; /* 1: the graph ends with a Softmax over the outputs; 0 (default): not */
} mlpbn_export_onnx_options;

#define MLPBN_EXPORT_ONNX_OPTIONS_INIT                                                   \
    {                                                                                    \
        sizeof(mlpbn_export_onnx_options), 0                                             \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_onnx_options_init(mlpbn_export_onnx_options *options, size_t struct_size);

/* Exports a network to a file, which is replaced as in mlpbn_network_save, or to a writer
 * (mlpbn/stream.h).
 *
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL      an argument other than options is NULL; softmax is neither 0 nor 1; or
 *                   softmax is 1, and the network ends with an activation other than the
 *                   identity or with a batchnorm after it
 * MLPBN_ESIZE       the file would have more than 2 GiB - 1, the limit of the format
 * MLPBN_ENONFINITE  a value of the network is not finite
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
 * The graph must be a chain of nodes from one input to one output, with opset 7 or later, and
 * all tensors float or all double:
 *
 *   Sub, Div, Mul        by constants, at the beginning: the standardization, which may be a
 *                        BatchNormalization with scales > 0
 *   Gemm                 transA 0; any transB, alpha and beta. Or MatMul, with or without Add
 *                        of a constant
 *   BatchNormalization   before or after the activation of a layer, not both; in prediction
 *                        mode: training_mode 0, and no output of statistics, which before
 *                        opset 14 means training
 *   activations          as the export above writes them (Softmax: last); for most, PyTorch
 *                        writes the same nodes. And Identity
 *
 * Constants are initializers or Constant nodes in the same file. Nodes are in the order of the
 * chain. There are at most 4096 nodes, and as many tensors. */

/* Imports a network from a file or a reader (mlpbn/stream.h).
 *
 * network  receives the network; destroy it with mlpbn_network_destroy
 *
 * MLPBN_EINVAL       an argument is NULL
 * MLPBN_EIO          the file cannot be read, or the reader failed
 * MLPBN_ENOMEM       no memory for the file or the network
 * MLPBN_EFORMAT      the file is not ONNX or malformed, sizes do not match, or a variance is
 *                    negative; mlpbn_last_error names the byte, node or tensor
 * MLPBN_EUNSUPPORTED the graph is not a chain as above; mlpbn_last_error names the node and
 *                    its operator
 * MLPBN_ENONFINITE   a value is NaN or infinite
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_import_onnx(mlpbn_network **network,
                                                          const char *path);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_import_onnx_from(mlpbn_network **network, const mlpbn_reader *reader);

MLPBN_END

#endif
