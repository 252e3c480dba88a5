#include "io/safetensors/file_tensor.h"

#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[] = {
    [MLPBN__FILE_U8] = {"U8", 1},
    [MLPBN__FILE_F32] = {"F32", 4},
    [MLPBN__FILE_F64] = {"F64", 8},
    [MLPBN__FILE_I64] = {"I64", 8},
    [MLPBN__FILE_OTHERS] = {"BOOL", 1},
    {"I8", 1},
    {"F8_E4M3", 1},
    {"F8_E5M2", 1},
    {"I16", 2},
    {"U16", 2},
    {"F16", 2},
    {"BF16", 2},
    {"I32", 4},
    {"U32", 4},
    {"U64", 8},
};

mlpbn__file_dtype mlpbn__file_dtype_of(mlpbn_dtype dtype)
{
    return dtype == MLPBN_F32 ? MLPBN__FILE_F32 : MLPBN__FILE_F64;
}

const char *mlpbn__file_dtype_name(mlpbn__file_dtype dtype)
{
    return dtypes[dtype].name;
}

size_t mlpbn__file_dtype_size(mlpbn__file_dtype dtype)
{
    return dtypes[dtype].size;
}

int mlpbn__file_dtype_find(mlpbn__file_dtype *dtype, const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(dtypes[i].name, name) == 0) {
            *dtype = (mlpbn__file_dtype)i;
            return 1;
        }
    return 0;
}

const char *mlpbn__shape_text(char text[MLPBN__SHAPE_TEXT_SIZE], size_t n_dims,
                              const size_t *dims)
{
    snprintf(text, MLPBN__SHAPE_TEXT_SIZE, "[]");
    if (n_dims == 1)
        snprintf(text, MLPBN__SHAPE_TEXT_SIZE, "[%zu]", dims[0]);
    if (n_dims >= 2)
        snprintf(text, MLPBN__SHAPE_TEXT_SIZE, "[%zu][%zu]%s", dims[0], dims[1],
                 n_dims > 2 ? "[...]" : "");
    return text;
}

const char *mlpbn__name_text(char text[MLPBN__NAME_TEXT_SIZE], const char *name)
{
    snprintf(text, MLPBN__NAME_TEXT_SIZE, "%s", name);
    for (char *c = text; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return text;
}

static int compare_offsets(const void *a, const void *b)
{
    const mlpbn__file_tensor *s = a, *t = b;
    if (s->begin != t->begin)
        return s->begin < t->begin ? -1 : 1;
    return s->end < t->end ? -1 : s->end > t->end;
}

mlpbn_status mlpbn__check_layout(uint64_t *n_data, mlpbn__file_tensor *tensors, size_t n)
{
    char name[MLPBN__NAME_TEXT_SIZE];
    uint64_t end = 0;
    qsort(tensors, n, sizeof *tensors, compare_offsets);
    for (size_t i = 0; i < n; i++) {
        if (tensors[i].begin != end)
            return mlpbn__fail(MLPBN_EFORMAT,
                               "%s: expected to begin at byte %" PRIu64
                               " of the data, got byte %" PRIu64 " (%s)",
                               mlpbn__name_text(name, tensors[i].name), end,
                               tensors[i].begin,
                               tensors[i].begin < end ? "an overlap" : "a hole");
        end = tensors[i].end;
    }
    *n_data = end;
    return MLPBN_OK;
}
