/* Compares the dropout kernels of each dtype and instruction set, bit by bit, with a reference
 * that draws one random word for each element. */
#include "typed_helpers.h"

enum { UNITS = 11, LD = 37, ROWS = 35 };

KERNEL_TEST(every_element_by_its_word, 1)
{
    for (size_t end = 1; end <= UNITS; end++) {
        size_t begin = (end - 1) / 8 * 4; /* 0 or 4 */
        real x[UNITS * LD], y[UNITS * LD];
        size_t dropped = 0;
        draw(x, UNITS * LD, 2.385, end);
        memcpy(y, x, sizeof y);
        /* x * 21 / 16 is exact in the long double that the x87 multiplies in. */
        const R(dropout_args) args = {
            UINT64_C(0x2385123456789ABC), 0x3D70A3D7, (real)1.3125, ROWS, LD, y};
        kernels->dropout(&args, begin, end);
        for (size_t u = 0; u < UNITS; u++)
            for (size_t j = 0; j < LD; j++) {
                uint32_t words[4];
                real expected = x[u * LD + j];
                mlpbn__philox(words, args.key, u / 4 * 4, j);
                if (u >= begin && u < end && j < ROWS) {
                    int drops = words[u % 4] < args.threshold;
                    expected = drops ? 0 : expected * args.scale;
                    dropped += (size_t)drops;
                }
                ck_assert(y[u * LD + j] == expected);
            }
        ck_assert(dropped > 0 && dropped < (end - begin) * ROWS);
    }
}
