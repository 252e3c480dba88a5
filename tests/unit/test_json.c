/* The reader of JSON: what RFC 8259 allows and forbids, by the kinds of JSONTestSuite (Seriot,
 * 2016), and text that is cut anywhere. tests/fuzz/json_judge.py compares it with Python's. */
#include "../runner/suites.h"

#include "io/safetensors/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads all of a text, from memory of exactly its size. Writes the tokens, one letter each, with
 * strings and numbers in <>. Returns whether the text is valid. */
static int read_all(char *tokens, size_t size, const char *text, size_t n)
{
    static const char letters[] = "!.{}[]ksntf0";
    char *copy = malloc(n > 0 ? n : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, n);
    mlpbn__json json = mlpbn__json_new(copy, n);
    mlpbn__json_token token;
    size_t used = 0;
    do {
        token = mlpbn__json_next(&json);
        int has_text = token == MLPBN__JSON_KEY || token == MLPBN__JSON_STRING ||
                       token == MLPBN__JSON_NUMBER;
        used += (size_t)snprintf(tokens + used, size - used, "%c%s%.*s%s", letters[token],
                                 has_text ? "<" : "", has_text ? (int)json.length : 0,
                                 has_text ? json.string : "", has_text ? ">" : "");
        ck_assert_uint_lt(used, size);
    } while (token != MLPBN__JSON_ERROR && token != MLPBN__JSON_END);
    ck_assert_int_eq(mlpbn__json_next(&json), token); /* it stays so */
    ck_assert_uint_le(json.position, n);
    free(copy);
    return token == MLPBN__JSON_END;
}

static const struct {
    const char *text, *tokens;
} valid[] = {
    {"{}", "{}."},
    {"[]", "[]."},
    {" \t\r\n[ \n] ", "[]."},
    {"true", "t."},
    {"\"\"", "s<>."},
    {"-2.385e-10", "n<-2.385e-10>."},
    {"[true,false,null]", "[tf0]."},
    {"{\"a\":[1,{\"b\":{}}],\"c\":-0}", "{k<a>[n<1>{k<b>{}}]k<c>n<-0>}."},
    {"[0,0.5,1E+2,1e2,1e-2,123456789012345678901234567890]",
     "[n<0>n<0.5>n<1E+2>n<1e2>n<1e-2>n<123456789012345678901234567890>]."},
    {"{\"a\":1,\"a\":2}", "{k<a>n<1>k<a>n<2>}."},
    {"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[s<\"\\/\b\f\n\r\t>]."},
    {"[\"\\u0041\\u00e9\\u20AC\\ud834\\uDD1E\"]", "[s<A\u00e9\u20ac\U0001d11e>]."},
    {"[\"\u00e9\u20ac\U0001d11e\x7f\"]", "[s<\u00e9\u20ac\U0001d11e\x7f>]."},
    {"[\"\\uDBFF\\uDFFF\\uFFFF\"]", "[s<\U0010ffff\uffff>]."},
    {"[[[[[[]]]]]]", "[[[[[[]]]]]]."},
};

LOOP_TEST(valid_text_is_read, LENGTH(valid))
{
    char tokens[1000];
    const size_t n = strlen(valid[_i].text);
    ck_assert_msg(read_all(tokens, sizeof tokens, valid[_i].text, n), "%s",
                  valid[_i].text);
    ck_assert_str_eq(tokens, valid[_i].tokens);
    /* Cut anywhere it is no longer whole, unless it is a number or only spaces were cut. */
    for (size_t cut = 0; cut < n; cut++)
        if (valid[_i].text[cut] != ' ' && valid[_i].text[0] != '-')
            ck_assert_msg(!read_all(tokens, sizeof tokens, valid[_i].text, cut), "%.*s",
                          (int)cut, valid[_i].text);
}

/* A string literal that may contain NULs. */
#define TEXT(literal)                                                                    \
    {                                                                                    \
        literal, sizeof(literal) - 1                                                     \
    }

static const struct {
    const char *text;
    size_t n;
} invalid[] = {
    /* structure */
    TEXT(""), TEXT(" "), TEXT("["), TEXT("]"), TEXT("{"), TEXT("}"), TEXT("[1"),
    TEXT("[1,]"), TEXT("[,1]"), TEXT("[1,,2]"), TEXT("[1 2]"), TEXT("[1:2]"),
    TEXT("{\"a\"}"), TEXT("{\"a\":}"), TEXT("{\"a\":1,}"), TEXT("{,}"), TEXT("{\"a\" 1}"),
    TEXT("{a:1}"), TEXT("{'a':1}"), TEXT("{1:1}"), TEXT("{\"a\":1 \"b\":2}"), TEXT("[}"),
    TEXT("{]"), TEXT("{\"a\":[}"), TEXT("[]]"), TEXT("{}{}"), TEXT("1 2"), TEXT("[1]x"),
    TEXT("[1/*c*/]"), TEXT("//c\n1"), TEXT("\xef\xbb\xbf[]"), TEXT("[\f]"),
    TEXT("[\xa0]"), TEXT("[]\0"), TEXT("\0[]"),
    /* words */
    TEXT("tru"), TEXT("True"), TEXT("nul"), TEXT("falsee"), TEXT("NaN"),
    TEXT("[Infinity]"), TEXT("[-Infinity]"), TEXT("undefined"),
    /* numbers */
    TEXT("01"), TEXT("-01"), TEXT("-"), TEXT("+1"), TEXT(".5"), TEXT("1."), TEXT("1.e2"),
    TEXT("1e"), TEXT("1e+"), TEXT("1e1.5"), TEXT("0x1"), TEXT("1_000"), TEXT("--1"),
    TEXT("1-1"), TEXT("[1\0]"),
    /* strings */
    TEXT("\""), TEXT("\"a"), TEXT("\"\\\""), TEXT("'a'"), TEXT("\"\n\""), TEXT("\"\t\""),
    TEXT("\"\0\""), TEXT("\"\\x41\""), TEXT("\"\\a\""), TEXT("\"\\u\""),
    TEXT("\"\\u004\""), TEXT("\"\\u004g\""), TEXT("\"\\u+041\""), TEXT("\"\\U0041\""),
    TEXT("\"\\\0\""), TEXT("\"\\u0\0\0\0\""),
    /* surrogates */
    TEXT("\"\\ud800\""), TEXT("\"\\udc00\""), TEXT("\"\\ud800\\u0041\""),
    TEXT("\"\\ud800\\ud800\""), TEXT("\"\\ud834x\""), TEXT("\"\\ud834\\n\""),
    /* UTF-8 */
    TEXT("\"\x80\""), TEXT("\"\xc3\""), TEXT("\"\xc0\x80\""), TEXT("\"\xc1\xbf\""),
    TEXT("\"\xe0\x80\x80\""), TEXT("\"\xe2\x82\""), TEXT("\"\xed\xa0\x80\""),
    TEXT("\"\xf0\x80\x80\x80\""), TEXT("\"\xf0\x9d\x84\""), TEXT("\"\xf4\x90\x80\x80\""),
    TEXT("\"\xf5\x80\x80\x80\""), TEXT("\"\xff\""), TEXT("\"\xe2\x82"),
    TEXT("\"\xe2\x28\xa1\"")};

LOOP_TEST(invalid_text_is_refused, LENGTH(invalid))
{
    char tokens[1000];
    ck_assert_msg(!read_all(tokens, sizeof tokens, invalid[_i].text, invalid[_i].n),
                  "%.*s", (int)invalid[_i].n, invalid[_i].text);
}

TEST(depth_is_limited)
{
    char text[2 * MLPBN__JSON_MAX_DEPTH + 2], tokens[1000];
    for (size_t depth = 1; depth <= MLPBN__JSON_MAX_DEPTH + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        ck_assert_int_eq(read_all(tokens, sizeof tokens, text, 2 * depth),
                         depth <= MLPBN__JSON_MAX_DEPTH);
    }
}
