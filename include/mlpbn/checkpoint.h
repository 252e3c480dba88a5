/* Checkpoints: a training run in a file, to go on from after it was stopped or killed, with
 * the bits of a run that was not. The file is a safetensors file, as in mlpbn/file.h, and
 * is written in the same crash-safe way. */
#ifndef MLPBN_CHECKPOINT_H
#define MLPBN_CHECKPOINT_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* What a checkpoint holds: the parts that are not NULL. */
typedef struct mlpbn_checkpoint {
    size_t struct_size;
    mlpbn_network *network;
    mlpbn_optimizer *optimizer; /* made for this network, which must be there, too */
    mlpbn_sampler *sampler;
    void *state; /* bytes of the program's own: the step, its schedule, ... */
    size_t state_size;
} mlpbn_checkpoint;

#define MLPBN_CHECKPOINT_INIT                                                            \
    {                                                                                    \
        sizeof(mlpbn_checkpoint), NULL, NULL, NULL, NULL, 0                              \
    }

/* Makes *checkpoint empty: all but struct_size is 0.
 *
 * MLPBN_EINVAL  checkpoint is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_init(mlpbn_checkpoint *checkpoint, size_t struct_size);

/* Saves the parts, which are only read: the network with everything that mlpbn_network_save
 * saves, the optimizer's options and memory, where the sampler stands, and the state.
 *
 * MLPBN_EINVAL       an argument is NULL; state_size without state; an optimizer without
 *                    its network
 * MLPBN_EMISMATCH    the optimizer was made for another network
 * MLPBN_EUNSUPPORTED, MLPBN_ENONFINITE, MLPBN_ESIZE, MLPBN_ENOMEM, MLPBN_EIO  as with
 *                    mlpbn_network_save; the file that was there before is whole
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_save(const mlpbn_checkpoint *checkpoint, const char *path);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_save_to(const mlpbn_checkpoint *checkpoint, const mlpbn_writer *writer);

/* Loads into parts that were made as those that were saved: all of them or, if the call
 * fails, none. Parts of the file that are NULL here are passed over.
 *
 * network    keeps its workspaces; must have been made with the same options
 * optimizer  of the same method, with a momentum if that has one; its other options,
 *            learning rate included, become those of the file
 * sampler    of the same rows and options; its seed becomes that of the file
 * state      room of state_size bytes; state_size becomes the number in the file
 *
 * MLPBN_EINVAL     as above
 * MLPBN_EMISMATCH  a part was made otherwise, or the file lacks it (mlpbn_last_error says
 *                  which option of it)
 * MLPBN_ESHAPE     the state of the file is longer than state_size
 * MLPBN_EUNSUPPORTED, MLPBN_EIO, MLPBN_EFORMAT, MLPBN_ENOMEM  as with mlpbn_network_load
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_load(mlpbn_checkpoint *checkpoint, const char *path);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_checkpoint_load_from(mlpbn_checkpoint *checkpoint, const mlpbn_reader *reader);

MLPBN_END

#endif
