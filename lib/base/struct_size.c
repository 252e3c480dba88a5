#include "base/struct_size.h"

#include "base/error.h"

#include <string.h>

/* The smallest struct is struct_size and one field, padded to a size_t. The largest is more than
 * any struct will have, so that uninitialized memory is not mistaken for a struct of a newer
 * program. */
static const size_t MIN_SIZE = 2 * sizeof(size_t), MAX_SIZE = 4096;

static size_t read_struct_size(const void *caller)
{
    size_t size;
    memcpy(&size, caller, sizeof size);
    return size;
}

static mlpbn_status check_size(const void *caller, size_t size, const char *name,
                               const char *advice)
{
    if (!caller)
        return mlpbn__fail(MLPBN_EINVAL, "%s: expected a pointer, got NULL", name);
    if (size < MIN_SIZE || size > MAX_SIZE)
        return mlpbn__fail(MLPBN_EINVAL,
                           "%s: expected struct_size in [%zu, %zu], got %zu (%s)", name,
                           MIN_SIZE, MAX_SIZE, size, advice);
    if (size % sizeof(size_t) != 0) /* no size of a struct: it may end within a field */
        return mlpbn__fail(
            MLPBN_EINVAL,
            "%s: expected struct_size to be sizeof the struct, a multiple of "
            "%zu, got %zu (%s)",
            name, sizeof(size_t), size, advice);
    return MLPBN_OK;
}

mlpbn_status mlpbn__struct_check(const void *caller, const char *name)
{
    return check_size(caller, caller ? read_struct_size(caller) : 0, name,
                      "was it filled by its _INIT macro or _init function?");
}

/* Copies all fields but struct_size. */
static void copy_fields(void *to, const void *from, size_t size)
{
    memcpy((char *)to + sizeof(size_t), (const char *)from + sizeof(size_t),
           size - sizeof(size_t));
}

mlpbn_status mlpbn__struct_init(void *caller, size_t struct_size, const void *defaults,
                                size_t size, const char *name)
{
    RETURN_IF_ERROR(check_size(caller, struct_size, name,
                               "pass sizeof the struct, not of a pointer"));
    memset(caller, 0, struct_size);
    memcpy(caller, &struct_size, sizeof struct_size);
    copy_fields(caller, defaults, struct_size < size ? struct_size : size);
    return MLPBN_OK;
}

mlpbn_status mlpbn__struct_read(void *local, size_t size, const void *caller,
                                const char *name)
{
    RETURN_IF_ERROR(mlpbn__struct_check(caller, name));
    size_t caller_size = read_struct_size(caller);
    for (size_t i = size; i < caller_size; i++)
        if (((const char *)caller)[i] != 0)
            return mlpbn__fail(MLPBN_EINVAL,
                               "%s: byte %zu is set, but this library knows only %zu "
                               "bytes of it: the program wants a newer libmlpbn, or "
                               "struct_size %zu is not sizeof the struct",
                               name, i, size, caller_size);
    copy_fields(local, caller, caller_size < size ? caller_size : size);
    return MLPBN_OK;
}

mlpbn_status mlpbn__struct_write(void *caller, const void *local, size_t size,
                                 const char *name)
{
    RETURN_IF_ERROR(mlpbn__struct_check(caller, name));
    size_t caller_size = read_struct_size(caller);
    copy_fields(caller, local, caller_size < size ? caller_size : size);
    return MLPBN_OK;
}
