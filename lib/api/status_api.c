/* The functions of mlpbn/status.h and mlpbn/version.h. */
#include "base/array.h"
#include "base/error.h"

#include <mlpbn/version.h>

#define TEXT(value) #value
#define TEXT_OF(value) TEXT(value)

const char *mlpbn_version(void)
{
    return TEXT_OF(MLPBN_VERSION_MAJOR) "." TEXT_OF(MLPBN_VERSION_MINOR) "." TEXT_OF(
        MLPBN_VERSION_PATCH);
}

const char *mlpbn_last_error(void)
{
    return mlpbn__last_error();
}

const char *mlpbn_strerror(mlpbn_status status)
{
    static const char *const texts[] = {
        [MLPBN_OK] = "success",
        [MLPBN_EINVAL] = "invalid argument",
        [MLPBN_ENOMEM] = "out of memory",
        [MLPBN_ESIZE] = "size too large",
        [MLPBN_ESHAPE] = "shapes do not match",
        [MLPBN_EDTYPE] = "wrong number type",
        [MLPBN_ELABEL] = "class label out of range",
        [MLPBN_EINDEX] = "row index out of range",
        [MLPBN_EBATCH] = "unusable batch size",
        [MLPBN_EMISMATCH] = "made for something else",
        [MLPBN_ESTATE] = "calls in the wrong order",
        [MLPBN_ENONFINITE] = "not a finite number",
        [MLPBN_EIO] = "input or output failed",
        [MLPBN_EFORMAT] = "malformed file",
        [MLPBN_EUNSUPPORTED] = "not supported",
        [MLPBN_EACCURACY] = "not within the tolerance",
    };
    MLPBN__ASSERT_ROWS(texts, MLPBN_EACCURACY + 1);
    int known = status >= 0 && (size_t)status < MLPBN__LENGTH(texts);
    return known ? texts[status] : "unknown status";
}
