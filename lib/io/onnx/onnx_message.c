#include "io/onnx/onnx_message.h"

#include "base/error.h"

mlpbn_status mlpbn__fail_malformed(mlpbn__bytes file, const unsigned char *at)
{
    return mlpbn__fail(MLPBN_EFORMAT,
                       "byte %zu: expected a field of an ONNX file (protocol buffers), "
                       "got something else, or the end",
                       (size_t)(at - file.begin));
}

mlpbn_status mlpbn__for_each_field(mlpbn__bytes message, mlpbn__field_fn *read,
                                   void *context, mlpbn__bytes file)
{
    mlpbn__proto_field field;
    int found;
    while ((found = mlpbn__next_field(&field, &message)) == 1)
        RETURN_IF_ERROR(read(context, &field, file));
    return found < 0 ? mlpbn__fail_malformed(file, message.begin) : MLPBN_OK;
}

const char *mlpbn__printable(char text[MLPBN__PRINTABLE_SIZE], const mlpbn__bytes *name)
{
    size_t n = name->n < MLPBN__PRINTABLE_SIZE ? name->n : MLPBN__PRINTABLE_SIZE - 1;
    for (size_t i = 0; i < n; i++)
        text[i] =
            name->begin[i] >= ' ' && name->begin[i] <= '~' ? (char)name->begin[i] : '?';
    text[n] = '\0';
    return text;
}
