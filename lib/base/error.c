#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char last_error[256];

mlpbn_status mlpbn__fail(mlpbn_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    return status;
}

mlpbn_status mlpbn__fail_in(mlpbn_status status, const char *format, ...)
{
    char text[sizeof last_error];
    memcpy(text, last_error, sizeof text);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof last_error)
        snprintf(last_error + length, sizeof last_error - (size_t)length, "%s", text);
    return status;
}

const char *mlpbn__last_error(void)
{
    return last_error;
}
