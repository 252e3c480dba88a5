/* Exports networks as C source, for programs that do not link this library.
 *
 * The exported function computes what the network predicts, standardization included.
 * Batchnorm is part of it, unless mlpbn_fold has made a network without. The output does not
 * depend on the locale, and equal networks give equal files. */
#ifndef MLPBN_EXPORT_H
#define MLPBN_EXPORT_H

#include <mlpbn/common.h>
#include <mlpbn/network.h>
#include <mlpbn/status.h>
#include <mlpbn/stream.h>

MLPBN_BEGIN

/* The export is one file of C99 that needs only math.h:
 *
 *   enum { net_inputs = 784, net_outputs = 10 };
 *   void net_predict(const float *x, float *y);       x [net_inputs], y [net_outputs]
 *
 * with double instead of float for an f64 network. x and y must not overlap. The function
 * allocates nothing and has no state, so any thread may call it. Its stack holds two arrays of
 * the widest layer, and a standardized copy of x if the network has standardization. It
 * computes sums and activations in double. The weights are hexadecimal floating constants,
 * which are exact. */

typedef struct mlpbn_export_c_options {
    size_t struct_size;
    /* The prefix of all names in the file: a letter, then letters, digits and underscores, at
     * most 60 characters in all. Default "net". */
    const char *name;
} mlpbn_export_c_options;

#define MLPBN_EXPORT_C_OPTIONS_INIT                                                      \
    {                                                                                    \
        sizeof(mlpbn_export_c_options), "net"                                            \
    }

/* Fills in the defaults.
 *
 * MLPBN_EINVAL  options is NULL, or struct_size cannot be its size
 */
MLPBN_API MLPBN_MUST_CHECK mlpbn_status
mlpbn_export_c_options_init(mlpbn_export_c_options *options, size_t struct_size);

/* Exports a network to a file, which is replaced as in mlpbn_network_save, or to a writer
 * (mlpbn/stream.h).
 *
 * options  NULL: the defaults
 *
 * MLPBN_EINVAL      an argument other than options is NULL, or the name is not as described
 * MLPBN_ENONFINITE  a value of the network is not finite
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
