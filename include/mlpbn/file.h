/* Networks in files. The format is safetensors (docs/format.md): PyTorch reads it by
 *
 *   model.load_state_dict(safetensors.torch.load_file("net.safetensors"))
 *
 * where model is the nn.Sequential of the same Linear, BatchNorm1d and activation modules
 * in the same order, with a BatchNorm1d(inputs, affine=False) first if the network
 * standardizes; and what safetensors.torch.save_file writes of such a model loads here.
 *
 * All of this needs jansson: a library configured without it returns MLPBN_EUNSUPPORTED. */
#ifndef MLPBN_FILE_H
#define MLPBN_FILE_H

#include <mlpbn/common.h>
#include <mlpbn/layer.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* Saves parameters, running statistics, standardization, and all that the network was made
 * with but how its weights were drawn. Equal networks make equal bytes: there is no time,
 * host or path in them.
 *
 * path  is written as path.tmp, synced and renamed: whatever fails, even power, the file
 *       that was there before is there and whole, or the new one is. A link is replaced; a
 *       device or a pipe is written in place
 *
 * MLPBN_EINVAL      an argument is NULL
 * MLPBN_ENONFINITE  a tensor holds a NaN or an infinity (written through
 *                   mlpbn_network_parameters_f32, say)
 * MLPBN_ESIZE       more than 16 MiB besides the tensors: from some 400000 standardized
 *                   inputs or 10000 layers on
 * MLPBN_ENOMEM      no memory for the list of tensors
 * MLPBN_EIO         the file cannot be written, or another save to it is under way
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_save(const mlpbn_network *network,
                                                           const char *path);

/* The same to a writer. MLPBN_EIO if it fails. */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_save_to(const mlpbn_network *network, const mlpbn_writer *writer);

typedef struct mlpbn_load_options {
    size_t struct_size;
    /* For files of others, which hold tensors alone: the layers that were saved, as
     * mlpbn_network_create takes them. Inputs and dtype are those of the first weight; init
     * has no effect. Not used where the file tells its own layers. Default NULL, 0. */
    const mlpbn_layer_options *layers;
    size_t n_layers;
    /* For files of others that begin with a BatchNorm1d(affine=False): its eps, finite,
     * >= 0. Default 1e-5, PyTorch's. */
    double standardization_eps;
    /* A file of libmlpbn holds an input and what the machine that saved it made of it. A
     * network whose outputs here differ from that by more than tolerance * max(1, largest
     * expected output) is refused. >= 0; INFINITY: no test. MLPBN_DEFAULT_SELF_TEST: 1e-4 in
     * f32, 1e-10 in f64. */
    double self_test_tolerance;
} mlpbn_load_options;

#define MLPBN_DEFAULT_SELF_TEST (-1.)

#define MLPBN_LOAD_OPTIONS_INIT                                                          \
    {                                                                                    \
        sizeof(mlpbn_load_options), NULL, 0, 1e-5, MLPBN_DEFAULT_SELF_TEST               \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_load_options_init(mlpbn_load_options *options, size_t struct_size);

/* Makes the network of a file: what libmlpbn saved comes back bit for bit. Files may lie:
 * nothing in them is believed unchecked, and what is allocated is in proportion to what the
 * file has.
 *
 * network  receives it; destroy with mlpbn_network_destroy
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL       an argument or an option is wrong; the file is of others and there are
 *                    no layers
 * MLPBN_EIO          the file cannot be read
 * MLPBN_EFORMAT      the file is malformed, cut, longer than it says or changed; a number in
 *                    it is NaN, infinite or out of range; its self-test fails
 *                    (mlpbn_last_error names tensor and byte)
 * MLPBN_ESHAPE       the tensors of a file of others are not those of the layers
 * MLPBN_EUNSUPPORTED its numbers are of a type that networks cannot have
 * MLPBN_ESIZE        the caller's layers would not fit the address space
 * MLPBN_ENOMEM       no memory for the file and the network
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_network_load(
    mlpbn_network **network, const char *path, const mlpbn_load_options *options);

/* The same from a reader. MLPBN_EIO if it fails. */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_network_load_from(mlpbn_network **network, const mlpbn_reader *reader,
                        const mlpbn_load_options *options);

MLPBN_END

#endif
