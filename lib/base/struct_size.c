#include "base/struct_size.h"

#include "base/error.h"

#include <string.h>

/* struct_size and the first field; and more than any struct will ever have, so that
 * memory that was never initialized is told from a struct of a newer program. */
static const size_t LEAST = sizeof(size_t) + 8, MOST = 4096;

static size_t size_of(const void *caller)
{
    size_t size;
    memcpy(&size, caller, sizeof size);
    return size;
}

static mlpbn_status check_size(const void *caller, size_t size, const char *what,
                               const char *advice)
{
    if (!caller)
        return mlpbn__fail(MLPBN_EINVAL, "%s: expected a pointer, got NULL", what);
    if (size < LEAST || size > MOST)
        return mlpbn__fail(MLPBN_EINVAL,
                           "%s: expected struct_size in [%zu, %zu], got %zu (%s)", what,
                           LEAST, MOST, size, advice);
    return MLPBN_OK;
}

mlpbn_status mlpbn__struct_check(const void *caller, const char *what)
{
    return check_size(caller, caller ? size_of(caller) : 0, what,
                      "was it filled by its _INIT macro or _init function?");
}

/* Copies all but struct_size. */
static void copy_fields(void *to, const void *from, size_t size)
{
    memcpy((char *)to + sizeof(size_t), (const char *)from + sizeof(size_t),
           size - sizeof(size_t));
}

mlpbn_status mlpbn__struct_init(void *caller, size_t struct_size, const void *defaults,
                                size_t size, const char *what)
{
    mlpbn_status status =
        check_size(caller, struct_size, what, "pass sizeof the struct, not of a pointer");
    if (status)
        return status;
    memset(caller, 0, struct_size);
    memcpy(caller, &struct_size, sizeof struct_size);
    copy_fields(caller, defaults, struct_size < size ? struct_size : size);
    return MLPBN_OK;
}

mlpbn_status mlpbn__struct_read(void *ours, size_t size, const void *caller,
                                const char *what)
{
    mlpbn_status status = mlpbn__struct_check(caller, what);
    if (status)
        return status;
    size_t theirs = size_of(caller);
    for (size_t i = size; i < theirs; i++)
        if (((const char *)caller)[i] != 0)
            return mlpbn__fail(MLPBN_EINVAL,
                               "%s: byte %zu is set, but this library knows only %zu "
                               "bytes of it: the program wants a newer libmlpbn, or "
                               "struct_size %zu is not sizeof the struct",
                               what, i, size, theirs);
    copy_fields(ours, caller, theirs < size ? theirs : size);
    return MLPBN_OK;
}

mlpbn_status mlpbn__struct_write(void *caller, const void *ours, size_t size,
                                 const char *what)
{
    mlpbn_status status = mlpbn__struct_check(caller, what);
    if (status)
        return status;
    size_t theirs = size_of(caller);
    copy_fields(caller, ours, theirs < size ? theirs : size);
    return MLPBN_OK;
}
