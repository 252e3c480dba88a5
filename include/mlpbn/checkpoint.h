/* A checkpoint is a training run in a file. A run that was stopped or killed resumes from its
 * checkpoint, and has the same bits as a run that was never stopped. The file is a safetensors
 * file, as in mlpbn/file.h, and is written in the same crash-safe way. */
#ifndef MLPBN_CHECKPOINT_H
#define MLPBN_CHECKPOINT_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* The parts of a checkpoint. Those that are NULL are neither saved nor loaded. */
typedef struct mlpbn_checkpoint {
    size_t struct_size;
    mlpbn_network *network;
    mlpbn_optimizer *optimizer; /* made for this network, which must not be NULL then */
    mlpbn_sampler *sampler;
    void *state;       /* the program's own bytes: the step, its schedule, ... */
    size_t state_size; /* bytes of state */
} mlpbn_checkpoint;

#define MLPBN_CHECKPOINT_INIT                                                            \
    {                                                                                    \
        sizeof(mlpbn_checkpoint), NULL, NULL, NULL, NULL, 0                              \
    }

/* Sets all fields of *checkpoint but struct_size to 0.
 *
 * MLPBN_EINVAL  checkpoint is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_init(mlpbn_checkpoint *checkpoint, size_t struct_size);

/* Saves the parts, which are only read: of the network all that mlpbn_network_save saves, of
 * the optimizer options and averages, of the sampler its position, and the bytes of state.
 *
 * MLPBN_EINVAL       an argument is NULL; state is NULL and state_size is not 0; or there is
 *                    an optimizer without a network
 * MLPBN_EMISMATCH    the optimizer was made for another network
 * MLPBN_EUNSUPPORTED, MLPBN_ENONFINITE, MLPBN_ESIZE, MLPBN_ENOMEM, MLPBN_EIO  as for
 *                    mlpbn_network_save; the old file is complete
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_save(const mlpbn_checkpoint *checkpoint, const char *path);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_save_to(const mlpbn_checkpoint *checkpoint, const mlpbn_writer *writer);

/* Loads into existing parts, which must have been made like those that were saved. If the call
 * fails, no part has changed.
 *
 * network    must have been made with the same options; its workspaces stay valid
 * optimizer  must have the same kind, and a momentum if the saved one has; its other options,
 *            learning rate included, become those of the file
 * sampler    must have the same number of rows and the same options; its seed becomes that of
 *            the file
 * state      has space for state_size bytes; state_size becomes the number in the file
 *
 * MLPBN_EINVAL     as for mlpbn_checkpoint_save
 * MLPBN_EMISMATCH  a part was made differently, or the file lacks it (mlpbn_last_error names
 *                  the part and the option)
 * MLPBN_ESHAPE     the state in the file has more than state_size bytes
 * MLPBN_EUNSUPPORTED, MLPBN_EIO, MLPBN_EFORMAT, MLPBN_ENOMEM  as for mlpbn_network_load
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_load(mlpbn_checkpoint *checkpoint, const char *path);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_load_from(mlpbn_checkpoint *checkpoint, const mlpbn_reader *reader);

MLPBN_END

#endif
