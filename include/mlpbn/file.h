/* Saves networks in files and loads them. The format is safetensors (docs/format.md). PyTorch
 * loads such a file by
 *
 *   model.load_state_dict(safetensors.torch.load_file("net.safetensors"))
 *
 * where model is an nn.Sequential of the same Linear, BatchNorm1d and activation modules in
 * the same order, after a BatchNorm1d(inputs, affine=False) if the network has
 * standardization. A file that safetensors.torch.save_file has written of such a model can be
 * loaded here. */
#ifndef MLPBN_FILE_H
#define MLPBN_FILE_H

#include <mlpbn/common.h>
#include <mlpbn/layer.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* Saves a network: parameters, running statistics, standardization, and all options except
 * those of the initial weights. Equal networks give equal bytes: the file contains no time,
 * host or path.
 *
 * path  is written as path.tmp, synced and renamed: whatever fails, power included, path is
 *       afterwards either the complete old file or the complete new one. A symbolic link
 *       stays, and what it leads to is replaced. A device, a pipe (of which a reader that has
 *       gone means SIGPIPE, as for write(2)) and an open file such as /dev/stdout are written in
 *       place, behind what they hold. If the folder may be written but not read, the new name is
 *       not synced.
 *
 * MLPBN_EINVAL      an argument is NULL
 * MLPBN_ENONFINITE  a tensor holds a NaN or an infinity (written through
 *                   mlpbn_network_parameters_f32, say)
 * MLPBN_ESIZE       the file would have more than 16 MiB besides the tensors: with some 400000
 *                   standardized inputs or 10000 layers
 * MLPBN_ENOMEM      no memory for the list of tensors
 * MLPBN_EIO         the file cannot be written, or another save to it is in progress
 *
 * Cancellation of the thread (pthread_cancel) waits until the call has ended, unless the library
 * was configured with --disable-threads.
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_save(const mlpbn_network *network,
                                                           const char *path);

/* Saves a network to a writer (mlpbn/stream.h). MLPBN_EIO if that fails. */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_save_to(const mlpbn_network *network, const mlpbn_writer *writer);

typedef struct mlpbn_load_options {
    size_t struct_size;
    /* The layers, as for mlpbn_network_create, of a file that holds only tensors, as other
     * programs write it. Inputs and dtype are those of the first weight; init has no effect. A
     * file of libmlpbn has its own layers, and these are not used. Default NULL and 0. */
    const mlpbn_layer_options *layers;
    size_t n_layers;
    /* The eps, finite and >= 0, of the BatchNorm1d(affine=False) that is the
     * standardization in a file of another program. Default 1e-5, PyTorch's. */
    double standardization_eps;
    /* The self-test: a file of libmlpbn holds an input, and the outputs for it on the machine
     * that saved the network. Loading fails if the outputs here differ from those by more than
     * tolerance * max(1, largest output). >= 0; INFINITY: no test. MLPBN_DEFAULT_SELF_TEST
     * (default): 1e-4 in f32, 1e-10 in f64. */
    double self_test_tolerance;
} mlpbn_load_options;

#define MLPBN_DEFAULT_SELF_TEST (-1.)

#define MLPBN_LOAD_OPTIONS_INIT                                                          \
    {                                                                                    \
        sizeof(mlpbn_load_options), NULL, 0, 1e-5, MLPBN_DEFAULT_SELF_TEST               \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_load_options_init(mlpbn_load_options *options, size_t struct_size);

/* Loads a network. What libmlpbn has saved has the same bits. The file may be malicious: all
 * of it is checked, and the allocated memory is in proportion to the size of the file.
 *
 * network  receives the network; destroy it with mlpbn_network_destroy
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL       an argument or an option is wrong; or the file holds only tensors, and
 *                    options has no layers
 * MLPBN_EIO          the file cannot be read
 * MLPBN_EFORMAT      the file is malformed, truncated, changed, or longer than it says; a
 *                    number in it is NaN, infinite or out of range; or the self-test fails
 *                    (mlpbn_last_error names the tensor and the byte)
 * MLPBN_ESHAPE       the file holds only tensors, and they are not those of the layers
 * MLPBN_EUNSUPPORTED the dtype of the tensors is one that networks cannot have
 * MLPBN_ESIZE        the caller's layers do not fit the address space
 * MLPBN_ENOMEM       no memory for the file and the network
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_load(
    mlpbn_network **network, const char *path, const mlpbn_load_options *options);

/* Loads a network from a reader (mlpbn/stream.h). MLPBN_EIO if that fails. */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_load_from(mlpbn_network **network, const mlpbn_reader *reader,
                        const mlpbn_load_options *options);

MLPBN_END

#endif
