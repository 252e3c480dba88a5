#include "io/safetensors/json.h"

#include <string.h>

mlpbn__json mlpbn__json_new(char *text, size_t n)
{
    return (mlpbn__json){.text = text, .n = n};
}

static mlpbn__json_token fail(mlpbn__json *json, const char *error)
{
    json->error = error;
    return MLPBN__JSON_ERROR;
}

/* Returns the next byte, or -1 at the end of the text. */
static int peek(const mlpbn__json *json)
{
    return json->position < json->n ? (unsigned char)json->text[json->position] : -1;
}

/* Reads the next byte if it is c. */
static int accept(mlpbn__json *json, char c)
{
    if (peek(json) != c)
        return 0;
    json->position++;
    return 1;
}

static void skip_whitespace(mlpbn__json *json)
{
    while (accept(json, ' ') || accept(json, '\t') || accept(json, '\n') ||
           accept(json, '\r'))
        ;
}

/* --- Numbers and words ------------------------------------------------------------------ */

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Reads digits. Returns whether there was one. */
static int skip_digits(mlpbn__json *json)
{
    size_t begin = json->position;
    while (is_digit(peek(json)))
        json->position++;
    return json->position > begin;
}

/* number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e" / "E") [sign] 1*digit ] */
static mlpbn__json_token read_number(mlpbn__json *json)
{
    size_t begin = json->position;
    accept(json, '-');
    int valid = accept(json, '0') || skip_digits(json);
    if (valid && accept(json, '.'))
        valid = skip_digits(json);
    if (valid && (accept(json, 'e') || accept(json, 'E'))) {
        if (!accept(json, '+'))
            accept(json, '-');
        valid = skip_digits(json);
    }
    if (!valid)
        return fail(json, "expected a digit");
    json->string = json->text + begin;
    json->length = json->position - begin;
    return MLPBN__JSON_NUMBER;
}

static mlpbn__json_token read_word(mlpbn__json *json, const char *word,
                                   mlpbn__json_token token)
{
    size_t length = strlen(word);
    if (json->n - json->position < length ||
        memcmp(json->text + json->position, word, length) != 0)
        return fail(json, "expected a value");
    json->position += length;
    return token;
}

/* --- Strings ---------------------------------------------------------------------------- */

/* Reads four hexadecimal digits. Returns -1 if there are none. */
static long read_hex(mlpbn__json *json)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    long code = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = peek(json) > 0 ? strchr(digits, peek(json)) : NULL;
        if (!digit)
            return -1;
        code = code << 4 | ((digit - digits) & 15);
        json->position++;
    }
    return code;
}

/* Reads the code point of an escape \uXXXX, of which \u was read; a pair of surrogates if it is
 * beyond U+FFFF. Returns -1 for anything else, a lone surrogate among it. */
static long read_code_point(mlpbn__json *json)
{
    long code = read_hex(json);
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code > 0xdbff || !accept(json, '\\') || !accept(json, 'u'))
        return -1;
    long low = read_hex(json);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Writes the UTF-8 of a code point, which is no longer than its escape. Returns the end. */
static char *write_utf8(char *out, long code)
{
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; /* bytes */
    static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(first[more] | code >> 6 * more);
    while (more-- > 0)
        *out++ = (char)(0x80 | (code >> 6 * more & 0x3f));
    return out;
}

/* Reads an escape, of which \ was read, and writes what it stands for. NULL: it is none. */
static char *read_escape(mlpbn__json *json, char *out)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *name = peek(json) > 0 ? strchr(names, peek(json)) : NULL;
    if (name) {
        json->position++;
        *out = meanings[name - names];
        return out + 1;
    }
    long code = accept(json, 'u') ? read_code_point(json) : -1;
    return code < 0 ? NULL : write_utf8(out, code);
}

/* Returns the length of the character of UTF-8 at `bytes`, of which n are there; 0 if it is
 * invalid: cut, longer than need be, a surrogate, or beyond U+10FFFF (RFC 3629). */
static size_t utf8_length(const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    size_t length = b[0] < 0x80   ? 1
                    : b[0] < 0xc2 ? 0
                    : b[0] < 0xe0 ? 2
                    : b[0] < 0xf0 ? 3
                    : b[0] < 0xf5 ? 4
                                  : 0;
    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    if ((b[0] == 0xe0 && b[1] < 0xa0) || (b[0] == 0xed && b[1] > 0x9f) ||
        (b[0] == 0xf0 && b[1] < 0x90) || (b[0] == 0xf4 && b[1] > 0x8f))
        return 0;
    return length;
}

/* Reads a string, of which the first " was read, and decodes it in place. Returns token. */
static mlpbn__json_token read_string(mlpbn__json *json, mlpbn__json_token token)
{
    char *out = json->string = json->text + json->position;
    while (!accept(json, '"')) {
        char *in = json->text + json->position;
        if (json->position == json->n)
            return fail(json, "the text ends within a string");
        if (*in == '\\') {
            json->position++;
            out = read_escape(json, out);
            if (!out)
                return fail(json, "invalid escape");
            continue;
        }
        size_t length = utf8_length(in, json->n - json->position);
        if (length == 0)
            return fail(json, "invalid UTF-8");
        if ((unsigned char)*in < ' ')
            return fail(json, "control character in a string");
        memmove(out, in, length);
        out += length;
        json->position += length;
    }
    json->length = (size_t)(out - json->string);
    *out = '\0';
    return token;
}

/* --- Values and containers --------------------------------------------------------------- */

static int in_object(const mlpbn__json *json)
{
    return (int)(json->objects >> (json->depth - 1) & 1);
}

static mlpbn__json_token begin(mlpbn__json *json, int is_object)
{
    if (json->depth == MLPBN__JSON_MAX_DEPTH)
        return fail(json, "nested too deep");
    json->position++;
    uint64_t bit = (uint64_t)1 << json->depth++;
    json->objects = is_object ? json->objects | bit : json->objects & ~bit;
    json->expected = is_object ? MLPBN__JSON_KEY_OR_END : MLPBN__JSON_VALUE_OR_END;
    return is_object ? MLPBN__JSON_BEGIN_OBJECT : MLPBN__JSON_BEGIN_ARRAY;
}

/* Ends the innermost container, of which the last byte was read. */
static mlpbn__json_token end(mlpbn__json *json)
{
    mlpbn__json_token token =
        in_object(json) ? MLPBN__JSON_END_OBJECT : MLPBN__JSON_END_ARRAY;
    json->depth--;
    json->expected = MLPBN__JSON_AFTER_VALUE;
    return token;
}

static mlpbn__json_token read_value(mlpbn__json *json)
{
    json->expected = MLPBN__JSON_AFTER_VALUE;
    switch (peek(json)) {
    case '{':
        return begin(json, 1);
    case '[':
        return begin(json, 0);
    case '"':
        json->position++;
        return read_string(json, MLPBN__JSON_STRING);
    case 't':
        return read_word(json, "true", MLPBN__JSON_TRUE);
    case 'f':
        return read_word(json, "false", MLPBN__JSON_FALSE);
    case 'n':
        return read_word(json, "null", MLPBN__JSON_NULL);
    default:
        return peek(json) == '-' || is_digit(peek(json)) ? read_number(json)
                                                         : fail(json, "expected a value");
    }
}

/* Reads a key and the colon. */
static mlpbn__json_token read_key(mlpbn__json *json)
{
    if (!accept(json, '"'))
        return fail(json, "expected a key in quotes");
    if (!read_string(json, MLPBN__JSON_KEY))
        return MLPBN__JSON_ERROR;
    skip_whitespace(json);
    if (!accept(json, ':'))
        return fail(json, "expected a colon");
    json->expected = MLPBN__JSON_VALUE;
    return MLPBN__JSON_KEY;
}

/* After a value: the end of the text, the end of a container, or a comma and what follows. */
static mlpbn__json_token read_after_value(mlpbn__json *json)
{
    if (json->depth == 0)
        return json->position == json->n ? MLPBN__JSON_END
                                         : fail(json, "expected the end");
    int is_object = in_object(json);
    if (accept(json, is_object ? '}' : ']'))
        return end(json);
    if (!accept(json, ','))
        return fail(json, is_object ? "expected , or }" : "expected , or ]");
    skip_whitespace(json);
    return is_object ? read_key(json) : read_value(json);
}

mlpbn__json_token mlpbn__json_next(mlpbn__json *json)
{
    if (json->error)
        return MLPBN__JSON_ERROR;
    skip_whitespace(json);
    switch (json->expected) {
    case MLPBN__JSON_VALUE_OR_END:
        return accept(json, ']') ? end(json) : read_value(json);
    case MLPBN__JSON_KEY_OR_END:
        return accept(json, '}') ? end(json) : read_key(json);
    case MLPBN__JSON_AFTER_VALUE:
        return read_after_value(json);
    default:
        return read_value(json);
    }
}
