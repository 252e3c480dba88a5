/* A tensor as the header of a safetensors file describes it. */
#ifndef MLPBN_IO_SAFETENSORS_FILE_TENSOR_H
#define MLPBN_IO_SAFETENSORS_FILE_TENSOR_H

#include <mlpbn/status.h>

#include <stddef.h>
#include <stdint.h>

/* Number types by the format's names; those that libmlpbn writes have a name here, in the
 * order that the format gives them. */
typedef enum mlpbn__file_type {
    MLPBN__FILE_U8,
    MLPBN__FILE_F32,
    MLPBN__FILE_F64,
    MLPBN__FILE_I64,
    MLPBN__FILE_OTHERS /* from here on */
} mlpbn__file_type;

enum { MLPBN__FILE_DIMS = 2 };

typedef struct mlpbn__file_tensor {
    const char *name; /* borrowed */
    mlpbn__file_type type;
    size_t n_dims;
    size_t dims[MLPBN__FILE_DIMS]; /* the first of them */
    uint64_t begin, end;           /* bytes of the data */
} mlpbn__file_tensor;

const char *mlpbn__file_type_name(mlpbn__file_type type);

size_t mlpbn__file_type_size(mlpbn__file_type type);

/* 0 if there is no such type. */
int mlpbn__file_type_find(mlpbn__file_type *type, const char *name);

/* "[50][3072]", "[]" for a single number. */
enum { MLPBN__SHAPE_TEXT = 60 };
const char *mlpbn__shape_text(char text[MLPBN__SHAPE_TEXT], size_t n_dims,
                              const size_t *dims);

/* A name from a file, fit for an error text: cut, and without bytes that are not printed. */
enum { MLPBN__NAME_TEXT = 48 };
const char *mlpbn__name_text(char text[MLPBN__NAME_TEXT], const char *name);

/* MLPBN_EFORMAT unless the tensors fill the data from its first byte to its last, without
 * holes and overlaps. Sorts them by where they begin.
 *
 * n_data  receives how many bytes that is
 */
mlpbn_status mlpbn__check_layout(uint64_t *n_data, mlpbn__file_tensor *tensors, size_t n);

#endif
