#include "io/onnx/onnx_message.h"

#include "base/error.h"

mlpbn_status mlpbn__malformed(mlpbn__bytes file, const unsigned char *at)
{
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %zu: expected a field of an ONNX file (protocol buffers), "
                       "got something else, or the end",
                       (size_t)(at - file.at));
}

mlpbn_status mlpbn__each_field(mlpbn__bytes message, mlpbn__take_field *take, void *what,
                               mlpbn__bytes file)
{
    mlpbn__field field;
    mlpbn_status status = MLPBN_OK;
    while (!status) {
        int taken = mlpbn__next_field(&field, &message);
        if (taken == 0)
            break;
        status =
            taken < 0 ? mlpbn__malformed(file, message.at) : take(what, &field, file);
    }
    return status;
}

const char *mlpbn__show(char text[MLPBN__SHOWN], const mlpbn__bytes *name)
{
    size_t n = name->n < MLPBN__SHOWN ? name->n : MLPBN__SHOWN - 1;
    for (size_t i = 0; i < n; i++)
        text[i] = name->at[i] >= ' ' && name->at[i] <= '~' ? (char)name->at[i] : '?';
    text[n] = '\0';
    return text;
}
