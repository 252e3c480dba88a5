#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char last_error[256];

/* Keeps the text one line of printable characters: paths and names may have others. Bytes from
 * 128 on, which may be UTF-8, stay. */
static void replace_control_characters(void)
{
    for (char *c = last_error; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
}

mlpbn_status mlpbn__fail(mlpbn_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(last_error, sizeof last_error, format, arguments);
    va_end(arguments);
    replace_control_characters();
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
    replace_control_characters();
    return status;
}

const char *mlpbn__last_error(void)
{
    return last_error;
}
