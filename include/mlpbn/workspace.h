/* A workspace: everything a computation writes that is not a parameter: activations,
 * batch statistics, gradients. Made for one network; one per thread that computes. All
 * memory is taken at creation, or is the caller's: no computation allocates. (One thing is
 * beyond the library: where it was built with a CBLAS, products in training whose three
 * sides all reach 1024 go to that, which may allocate and use threads of its own, by the
 * host program's setting.) */
#ifndef MLPBN_WORKSPACE_H
#define MLPBN_WORKSPACE_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

MLPBN_BEGIN

typedef enum mlpbn_mode {
    MLPBN_TRAIN = 1,  /* for every call */
    MLPBN_PREDICT = 2 /* for predict and evaluate only; a fraction of the memory */
} mlpbn_mode;

typedef struct mlpbn_workspace_options {
    size_t struct_size;
    size_t max_batch; /* most rows a call may bring, >= 1; default 256 */
    mlpbn_mode mode;  /* default MLPBN_TRAIN */
    /* Threads that compute, the caller's counted, 1 to 1024. 1 (default) starts none; 0:
     * as many as the process may run on, fewer where the network is too small to gain.
     * They are started here, sleep when there was no work for 2 ms, and take no signals. The number
     * never changes a bit of any result. In a forked child the workspace computes on the
     * calling thread alone. */
    int threads;
    /* Of the masks of dropout. Default 0; give workspaces that share the work of one step
     * different ones, or they drop the same outputs in the rows of equal number. */
    uint64_t dropout_seed;
    int profile; /* 1: keeps account of its time (mlpbn/profile.h). Default 0 */
} mlpbn_workspace_options;

#define MLPBN_WORKSPACE_OPTIONS_INIT                                                     \
    {                                                                                    \
        sizeof(mlpbn_workspace_options), 256, MLPBN_TRAIN, 1, 0, 0                       \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_options_init(mlpbn_workspace_options *options, size_t struct_size);

/* Makes a workspace for this network.
 *
 * workspace  receives it; destroy with mlpbn_workspace_destroy
 * options    NULL: the defaults
 *
 * MLPBN_EINVAL  workspace or network is NULL, or an option is out of its range
 * MLPBN_ESIZE   max_batch is so large that it would not fit the address space
 * MLPBN_ENOMEM  no memory for it, or the system would not start its threads
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_create(mlpbn_workspace **workspace, const mlpbn_network *network,
                       const mlpbn_workspace_options *options);

MLPBN_API void mlpbn_workspace_destroy(mlpbn_workspace *workspace);

/* The same in memory of the caller's: static, on the stack, or from an allocator of the
 * host program's. It computes the same bits, on the caller's thread alone. */

#define MLPBN_WORKSPACE_ALIGNMENT 64 /* bytes; what placing one needs */

/* How much memory it takes. With another network, another version of this library or
 * another kind of CPU it may be another number: ask, do not write it down.
 *
 * bytes    receives the size
 * options  as for mlpbn_workspace_create, but threads must be 1
 *
 * MLPBN_EINVAL  an argument but options is NULL, an option is out of its range, or threads
 *               is not 1
 * MLPBN_ESIZE   max_batch is so large that it would not fit the address space
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_workspace_size(
    size_t *bytes, const mlpbn_network *network, const mlpbn_workspace_options *options);

/* Makes a workspace in this memory, whatever it held; allocates nothing.
 *
 * workspace  receives it. mlpbn_workspace_destroy is allowed, frees nothing, and need not
 *            be called before the memory is used for something else
 * memory     at a multiple of MLPBN_WORKSPACE_ALIGNMENT; the workspace's until its end
 * bytes      at least what mlpbn_workspace_size says for the same network and options
 *
 * MLPBN_EINVAL  an argument but options is NULL, an option is out of its range, threads is
 *               not 1, memory is not aligned, or bytes are too few
 * MLPBN_ESIZE   as above
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status mlpbn_workspace_create_in(
    mlpbn_workspace **workspace, void *memory, size_t bytes, const mlpbn_network *network,
    const mlpbn_workspace_options *options);

/* The array of all gradients, laid out as the network's parameters (mlpbn/tensor.h), for
 * reading and writing in place after mlpbn_gradient or mlpbn_backward: to clip, to sum
 * those of several workspaces, or to update by a rule of one's own. *data is borrowed, 64
 * byte aligned; *n is its length with padding, which must stay zero.
 *
 * MLPBN_EINVAL  an argument is NULL
 * MLPBN_EDTYPE  the network's dtype is the other one
 * MLPBN_ESTATE  the workspace holds no gradient: it is of mode MLPBN_PREDICT, nothing was
 *               computed yet, the last computation failed, or a step has used it up
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_gradients_f32(float **data, size_t *n, mlpbn_workspace *workspace);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_workspace_gradients_f64(double **data, size_t *n, mlpbn_workspace *workspace);

MLPBN_END

#endif
