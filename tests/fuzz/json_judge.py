#!/usr/bin/env python3
"""json_judge.py PROGRAM [SECONDS]: feeds random JSON, valid and broken, to json_check and compares
what it reads with Python's json. Fails at the first difference, and prints the text."""
import json
import random
import subprocess
import sys
import time

MAX_DEPTH = 64  # as MLPBN__JSON_MAX_DEPTH
BATCH = 2000

# Pieces from which texts are built, and which are put into them at random places.
PIECES = [*b"{}[]:,\"\\ \t\n\r\f/'0123456789.eE+-aun\x00\x7f\x80\xff".decode("latin-1"), "true", "false",
          "null", "NaN", "Infinity", "-0", "01", "1.5e-3", "1E400", "\\u", "\\u00e9", "\\ud834",
          "\\udd1e", "\\ud834\\udd1e", "\\uFFFF", "\\n", "\\\"", "\\/", '"a"', '""', "[]", "{}", '{"a":1}',
          "é", "€", "𝄞", "\ufeff", "/**/", "__metadata__"]
# Bytes that are not UTF-8, as characters of Latin-1: too long, surrogates, beyond U+10FFFF, cut.
NOT_UTF8 = ["\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\x80", "\xe2\x82", "\xf0\x9d\x84"]


class Invalid(Exception):
    pass


class Number(str):
    pass


class Pairs(list):
    """The members of an object, in order and with duplicates."""


def refuse(constant):
    raise Invalid(constant)


def tokens(value, depth=0):
    if depth > MAX_DEPTH:
        raise Invalid("depth")
    if isinstance(value, Number):
        return "n" + value.encode().hex()
    if isinstance(value, str):
        return "s" + value.encode().hex()  # a lone surrogate raises UnicodeEncodeError
    if isinstance(value, Pairs):
        members = ("k" + key.encode().hex() + tokens(v, depth + 1) for key, v in value)
        return "{" + "".join(members) + "}" if depth < MAX_DEPTH else refuse("depth")
    if isinstance(value, list):
        if depth == MAX_DEPTH:
            raise Invalid("depth")
        return "[" + "".join(tokens(v, depth + 1) for v in value) + "]"
    return {True: "t", False: "f", None: "0"}[value]


def expected(text):
    """The tokens of a text, or None if it is invalid."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=Pairs, parse_int=Number,
                           parse_float=Number, parse_constant=refuse)
        return tokens(value) + "."
    except (ValueError, Invalid, RecursionError):
        return None


def random_value(rng, depth):
    kind = rng.randrange(8 if depth < 6 else 5)
    if kind < 2:
        return "".join(rng.choice('a"\\/é€𝄞\x01 \n') for _ in range(rng.randrange(6)))
    if kind == 2:
        return rng.choice([0, -7, 23850, 1 << 70, 2.385, -1e-300])
    if kind < 5:
        return rng.choice([True, False, None])
    n = rng.randrange(4)
    if kind == 5:
        return [random_value(rng, depth + 1) for _ in range(n)]
    return {str(random_value(rng, 9)): random_value(rng, depth + 1) for _ in range(n)}


def random_text(rng):
    if rng.random() < 0.2:
        text = "".join(rng.choice(PIECES) for _ in range(rng.randrange(12)))
        return text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.02:
        n = rng.randrange(MAX_DEPTH - 2, MAX_DEPTH + 3)
        return b"[" * n + b"]" * n
    text = json.dumps(random_value(rng, 0), ensure_ascii=rng.random() < 0.5,
                      separators=rng.choice([(",", ":"), (", ", " : ")])).encode()
    for _ in range(rng.choice([0, 0, 1, 1, 2, 5])):
        at, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        piece = (rng.choice(NOT_UTF8).encode("latin-1") if rng.random() < 0.1 else
                 rng.choice(PIECES).encode())
        text = text[:at] + piece + text[at if rng.random() < 0.5 else min(end, at + 3):]
    return text


def compare(program, texts):
    data = b"".join(b"%d\n" % len(text) + text for text in texts)
    output = subprocess.run([program], input=data, capture_output=True, check=True).stdout
    lines, valid = output.decode().split("\n"), 0
    assert len(lines) == len(texts) + 1
    for text, line in zip(texts, lines[:-1], strict=True):
        want = expected(text)
        valid += want is not None
        if want != line if want is not None else not line.endswith("!"):
            sys.exit(f"{text!r}: expected {want or 'invalid'}, got {line}")
    return valid


def main():
    program, seconds = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 5
    rng, end, n, valid = random.Random(2385), time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        valid += compare(program, [random_text(rng) for _ in range(BATCH)])
        n += BATCH
    print(f"{n} texts, {valid} of them valid: json_check and Python agree")


main()
