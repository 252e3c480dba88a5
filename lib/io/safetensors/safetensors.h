/* A safetensors file:
 *
 *   | N, 8 bytes | header, N bytes of JSON | data of the tensors, one after the other |
 *
 * Texts of the metadata that libmlpbn writes and reads begin with "mlpbn.". */
#ifndef MLPBN_IO_SAFETENSORS_SAFETENSORS_H
#define MLPBN_IO_SAFETENSORS_SAFETENSORS_H

#include "io/input.h"
#include "io/safetensors/tensor_entry.h"
#include "io/safetensors/json_header.h"

/* What a file of libmlpbn holds. */
#define MLPBN__KIND_NETWORK "network"
#define MLPBN__KIND_CHECKPOINT "checkpoint"

typedef struct mlpbn__file_out {
    mlpbn__header header;
    mlpbn__items items; /* borrowed */
} mlpbn__file_out;

/* Sorts and checks the items, and begins the header with them, the kind and a checksum. More
 * texts may follow. MLPBN_ENONFINITE, MLPBN_ENOMEM. */
mlpbn_status mlpbn__container_begin(mlpbn__file_out *file, mlpbn__items *items,
                                    const char *kind);

/* A mlpbn__writer_fn; what: a mlpbn__file_out. */
mlpbn_status mlpbn__container_put(mlpbn__output *output, const void *what);

typedef struct mlpbn__file_in {
    mlpbn__header header;
    char *data;
    uint64_t n_data, position; /* of the data's first byte in the file */
} mlpbn__file_in;

/* Reads a whole file: MLPBN_EFORMAT, MLPBN_EIO or MLPBN_ENOMEM. */
mlpbn_status mlpbn__container_take(mlpbn__file_in *file, mlpbn__input *input);

void mlpbn__container_free(mlpbn__file_in *file);

/* MLPBN_EFORMAT unless the file was written by libmlpbn, holds this kind, and is of a
 * format that we know. */
mlpbn_status mlpbn__container_check_kind(const mlpbn__file_in *file, const char *kind);

/* Checks that the file has each item, of its type, shape (or else misfit) and range. */
mlpbn_status mlpbn__container_check(const mlpbn__file_in *file, const mlpbn__items *items,
                                    mlpbn_status misfit);

/* Reads the items, which were checked. */
void mlpbn__container_read(const mlpbn__file_in *file, const mlpbn__items *items);

/* misfit if the file has tensors besides the items, which this takes off its header. */
mlpbn_status mlpbn__container_check_rest(mlpbn__file_in *file, const mlpbn__items *items,
                                         mlpbn_status misfit);

#endif
