/* Reads texts from standard input, each after a line with its length, and writes for each a line
 * with its tokens: the letter of each, and after keys, strings and numbers their bytes in
 * hexadecimal. The last is . for a valid text and ! for any other. */
#include "io/safetensors/json.h"

#include <stdio.h>
#include <stdlib.h>

static void print_token(mlpbn__json_token token, const mlpbn__json *json)
{
    static const char letters[] = "!.{}[]ksntf0";
    putchar(letters[token]);
    if (token != MLPBN__JSON_KEY && token != MLPBN__JSON_STRING &&
        token != MLPBN__JSON_NUMBER)
        return;
    for (size_t i = 0; i < json->length; i++)
        printf("%02x", (unsigned char)json->string[i]);
}

static void print_tokens(char *text, size_t n)
{
    mlpbn__json json = mlpbn__json_new(text, n);
    mlpbn__json_token token;
    do {
        token = mlpbn__json_next(&json);
        print_token(token, &json);
    } while (token != MLPBN__JSON_END && token != MLPBN__JSON_ERROR);
    putchar('\n');
}

int main(void)
{
    size_t n;
    while (scanf("%zu", &n) == 1 && getchar() == '\n') {
        char *text = malloc(n > 0 ? n : 1);
        if (!text || fread(text, 1, n, stdin) != n)
            return 1;
        print_tokens(text, n);
        free(text);
    }
    return 0;
}
