/* Networks for programs that do not link this library.
 *
 * What is written is what the network computes in prediction, from rows as the caller has
 * them: standardization is part of it. Batchnorm is written as such; mlpbn_fold makes a
 * network without. Everything is written in any locale alike, and equal networks make
 * equal files. */
#ifndef MLPBN_EXPORT_H
#define MLPBN_EXPORT_H

#include <mlpbn/common.h>
#include <mlpbn/network.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* --- C: one file of C99 that needs math.h and nothing else ----------------------------
 *
 *   enum { net_inputs = 784, net_outputs = 10 };
 *   void net_predict(const float *x, float *y);       x [net_inputs], y [net_outputs]
 *
 * with double for networks in f64. x and y must not overlap. It allocates nothing, keeps no
 * state, so may be called from any thread, and has on the stack two arrays of the widest
 * layer, and x once more where it is standardized. Sums and activations are computed in
 * double; weights are written as hexadecimal floating constants, which round nothing. */

typedef struct mlpbn_export_c_options {
    size_t struct_size;
    /* What all names in the file begin with: a letter, then letters, digits and
     * underscores, at most 60 in all. Default "net". */
    const char *name;
} mlpbn_export_c_options;

#define MLPBN_EXPORT_C_OPTIONS_INIT                                                      \
    {                                                                                    \
        sizeof(mlpbn_export_c_options), "net"                                            \
    }

/* Fills in the defaults above.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size does not cover the first field
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_c_options_init(mlpbn_export_c_options *options, size_t struct_size);

/* Writes the file, or replaces it when it is whole; or hands it to a writer.
 *
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL      an argument but options is NULL, or the name is none
 * MLPBN_ENONFINITE  a number of the network is not finite
 * MLPBN_EIO         the file cannot be written, or the writer failed
 * MLPBN_ENOMEM      no memory for the path
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_c(const mlpbn_network *network, const char *path,
               const mlpbn_export_c_options *options);
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_c_to(const mlpbn_network *network, const mlpbn_writer *writer,
                  const mlpbn_export_c_options *options);

MLPBN_END

#endif
