/* A workspace is the memory that computations write, apart from parameters: activations, batch
 * statistics, gradients. It is made for one network, and each thread that computes needs its
 * own. All memory is allocated when the workspace is created, or given by the caller, and no
 * computation allocates. (There is one exception beyond the library's control: if it was built
 * with a CBLAS, matrix products in training whose three dimensions are all at least 1024 are
 * computed by that, which may allocate, and use threads as the host program has set.) A
 * computation takes less than 16 KB of stack, on each of its threads. */
#ifndef MLPBN_WORKSPACE_H
#define MLPBN_WORKSPACE_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

typedef enum mlpbn_mode {
    MLPBN_TRAIN = 1,  /* for all calls */
    MLPBN_PREDICT = 2 /* for mlpbn/predict.h and mlpbn_recompute_statistics only; needs
                       * much less memory */
} mlpbn_mode;

typedef struct mlpbn_workspace_options {
    size_t struct_size;
    size_t max_batch; /* the maximum number of rows in a call, >= 1; default 256 */
    mlpbn_mode mode;  /* default MLPBN_TRAIN */
    /* The number of threads that compute, including the caller's, 0 to 1024. 1 (default): only
     * the caller's. 0: one for each CPU that the process may use, or fewer if the network is
     * too small to gain from them. The threads are started by mlpbn_workspace_create; they
     * sleep when there has been no work for 2 ms, and receive no signals. Results have the
     * same bits for any number of threads. In a forked child the workspace computes on the
     * calling thread alone. */
    int threads;
    /* The seed of the dropout masks. Default 0. Workspaces that each compute a part of one
     * batch need different seeds, or row i of each part has the same masks. */
    uint64_t dropout_seed;
    int profile; /* 1: measures where the time goes (mlpbn/profile.h). Default 0 */
} mlpbn_workspace_options;

#define MLPBN_WORKSPACE_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_workspace_options), 256, MLPBN_TRAIN, 1, 0, 0                       \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_options_init(mlpbn_workspace_options *options, size_t struct_size);

/* Makes a workspace for this network.
 *
 * workspace  receives the workspace; destroy it with mlpbn_workspace_destroy
 * options    NULL: the defaults
 *
 * MLPBN_EINVAL  workspace or network is NULL, or an option is out of its range
 * MLPBN_ESIZE   max_batch is so large that the workspace does not fit the address space
 * MLPBN_ENOMEM  no memory for the workspace, or its threads cannot be started
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_create(mlpbn_workspace **workspace, const mlpbn_network *network,
                       const mlpbn_workspace_options *options);

/* Frees a workspace and ends its threads; workspace may be NULL. */
MLPBN_API void mlpbn_workspace_destroy(mlpbn_workspace *workspace);

/* A workspace can also live in memory of the caller: static, on the stack, or from the host
 * program's own allocator. Such a workspace computes the same bits, on the caller's thread
 * alone. */

#define MLPBN_WORKSPACE_ALIGNMENT 64 /* bytes; the alignment of such memory */

/* Computes the size of a workspace in the caller's memory. The size depends on the network,
 * the options, the version of this library, and the kind of CPU: call this each time, and do
 * not make the size a constant.
 *
 * bytes    receives the size
 * options  as for mlpbn_workspace_create, but threads must be 1
 *
 * MLPBN_EINVAL  bytes or network is NULL, an option is out of its range, or threads is not 1
 * MLPBN_ESIZE   max_batch is so large that the workspace does not fit the address space
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_workspace_size(
    size_t *bytes, const mlpbn_network *network, const mlpbn_workspace_options *options);

/* Makes a workspace in the caller's memory, whatever that holds. Allocates nothing.
 *
 * workspace  receives the workspace. mlpbn_workspace_destroy may be called, and frees nothing;
 *            it need not be called before the memory is used for something else.
 * memory     its address must be a multiple of MLPBN_WORKSPACE_ALIGNMENT; it must not be used
 *            otherwise as long as the workspace is used
 * bytes      the size of memory: at least what mlpbn_workspace_size computes for the same
 *            network and options
 *
 * MLPBN_EINVAL  workspace, memory or network is NULL, an option is out of its range, threads
 *               is not 1, memory is not aligned, or bytes is too small
 * MLPBN_ESIZE   as for mlpbn_workspace_size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_workspace_create_in(
    mlpbn_workspace **workspace, void *memory, size_t bytes, const mlpbn_network *network,
    const mlpbn_workspace_options *options);

/* Gets the array of all gradients, which has the same layout as the parameters
 * (mlpbn/tensor.h). After mlpbn_gradient or mlpbn_backward_f32 the caller may read and write
 * it in place: to clip the gradients, to average those of several workspaces, or to update the
 * parameters by a rule of its own.
 *
 * The gradient of a batch in several parts is the average of the parts' gradients, not the sum:
 * each is weighted by its number of rows (or by the sum of their weights, times those of their classes).
 * An L2 penalty, which each contains, then counts once. A step commits the batch statistics of
 * its own workspace only; those of the others are lost with their next computation.
 *
 * data  receives the array, borrowed from the workspace, aligned to 64 bytes
 * n     receives its length, padding included; padding must stay zero
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_EDTYPE  the network's dtype is the other one
 * MLPBN_ESTATE  the workspace holds no gradient: its mode is MLPBN_PREDICT, nothing was
 *               computed yet, the last computation was not a gradient or failed, or a step
 *               has used the gradient
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_gradients_f32(float **data, size_t *n, mlpbn_workspace *workspace);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_gradients_f64(double **data, size_t *n, mlpbn_workspace *workspace);

MLPBN_END

#endif
