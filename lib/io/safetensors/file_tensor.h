/* A tensor as the header of a safetensors file describes it. */
#ifndef MLPBN_IO_SAFETENSORS_FILE_TENSOR_H
#define MLPBN_IO_SAFETENSORS_FILE_TENSOR_H

#include <mlpbn/common.h>
#include <mlpbn/status.h>

#include <stddef.h>
#include <stdint.h>

/* The dtypes that libmlpbn writes, in the order by which safetensors sorts tensors, followed by
 * all others of the format. */
typedef enum mlpbn__file_dtype {
    MLPBN__FILE_U8,
    MLPBN__FILE_F32,
    MLPBN__FILE_F64,
    MLPBN__FILE_I64,
    MLPBN__FILE_OTHERS /* the first dtype that libmlpbn does not load */
} mlpbn__file_dtype;

enum { MLPBN__MAX_DIMS = 2 };

typedef struct mlpbn__file_tensor {
    const char *name; /* borrowed */
    mlpbn__file_dtype dtype;
    size_t n_dims;
    size_t dims[MLPBN__MAX_DIMS]; /* the first two, if there are more */
    uint64_t begin, end;          /* byte offsets into the data */
    int is_loaded;                /* into an array of the caller */
} mlpbn__file_tensor;

/* Returns the file's dtype for MLPBN_F32 or MLPBN_F64. */
mlpbn__file_dtype mlpbn__file_dtype_of(mlpbn_dtype dtype);

/* Returns the name of a dtype: "F32". */
const char *mlpbn__file_dtype_name(mlpbn__file_dtype dtype);

/* Returns the size of an element in bytes. */
size_t mlpbn__file_dtype_size(mlpbn__file_dtype dtype);

/* Finds a dtype by its name. Returns 0 if there is none. */
int mlpbn__file_dtype_find(mlpbn__file_dtype *dtype, const char *name);

/* Writes a shape for an error text: "[50][3072]", "[]" for a scalar. */
enum { MLPBN__SHAPE_TEXT_SIZE = 60 };
const char *mlpbn__shape_text(char text[MLPBN__SHAPE_TEXT_SIZE], size_t n_dims,
                              const size_t *dims);

/* Writes a name from a file for an error text: shortened, and with ? in place of characters
 * that are not printable. */
enum { MLPBN__NAME_TEXT_SIZE = 48 };
const char *mlpbn__name_text(char text[MLPBN__NAME_TEXT_SIZE], const char *name);

/* Returns MLPBN_EFORMAT unless the tensors fill the data from its first byte to its last,
 * without holes and overlaps. Sorts them by their offsets.
 *
 * n_data  receives the number of bytes of the data
 */
mlpbn_status mlpbn__check_layout(uint64_t *n_data, mlpbn__file_tensor *tensors, size_t n);

#endif
