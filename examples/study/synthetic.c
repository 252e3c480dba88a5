/* Draws the pictures of synthetic.h. */
#include "synthetic.h"

#include "splitmix.h"

#include <stdlib.h>
#include <string.h>

/* Lengths in a picture are in units of 1/16 pixel. A figure has coordinates of its own, u to the
 * right and v downwards, in which its radius is 1024. */
enum { PIXEL = 16, RADIUS = 1024, SIDE = CIFAR_SIDE, PLANE = SIDE * SIDE, CLUTTER = 3 };

static bool disc(int u, int v)
{
    return u * u + v * v < 880 * 880;
}

static bool ring(int u, int v)
{
    int square = u * u + v * v;
    return square < RADIUS * RADIUS && square > 560 * 560;
}

static bool square(int u, int v)
{
    return abs(u) < 800 && abs(v) < 800;
}

static bool triangle(int u, int v)
{
    return v < 750 && 5 * abs(u) < 3 * (v + RADIUS);
}

static bool cross(int u, int v)
{
    return (abs(u) < 300 && abs(v) < RADIUS) || (abs(v) < 300 && abs(u) < RADIUS);
}

static bool saltire(int u, int v)
{
    return cross((u - v) * 5 / 7, (u + v) * 5 / 7);
}

/* Returns whether u is in the second half of a period of 1024. The offset keeps the dividend
 * positive. */
static bool odd(int u)
{
    return (u + 64 * RADIUS) / (RADIUS / 2) % 2 != 0;
}

static bool stripes(int u, int v)
{
    return (void)u, odd(v);
}

static bool bars(int u, int v)
{
    return (void)v, odd(u);
}

static bool checks(int u, int v)
{
    return odd(u) != odd(v);
}

static bool dots(int u, int v)
{
    int a = (u + 64 * RADIUS) % 800 - 400, b = (v + 64 * RADIUS) % 800 - 400;
    return a * a + b * b < 250 * 250;
}

static const struct figure {
    const char *name;
    bool (*contains)(int u, int v);
} figures[CIFAR_CLASSES] = {
    {"disc", disc},         {"ring", ring},   {"square", square},
    {"triangle", triangle}, {"cross", cross}, {"saltire", saltire},
    {"stripes", stripes},   {"bars", bars},   {"checks", checks},
    {"dots", dots},
};

/* Maps pixels to the coordinates of a figure: moved, rotated and scaled. */
struct placement {
    int x, y;     /* center */
    int cos, sin; /* cosine and sine of the angle, times 4096 * RADIUS / radius */
};

static struct placement random_placement(uint64_t *state)
{
    int middle = SIDE * PIXEL / 2,
        radius = splitmix_between(state, 6 * PIXEL, 13 * PIXEL);
    /* tan(angle / 2) is t / 256: cosine and sine are rational in it. */
    int t = splitmix_between(state, -50, 50), one = 256 * 256,
        scale = 4096 * RADIUS / radius;
    int64_t cos = one - t * t, sin = 2 * 256 * t;
    return (struct placement){
        .x = middle + splitmix_between(state, -6 * PIXEL, 6 * PIXEL),
        .y = middle + splitmix_between(state, -6 * PIXEL, 6 * PIXEL),
        .cos = (int)(cos * scale / (one + t * t)),
        .sin = (int)(sin * scale / (one + t * t)),
    };
}

/* Returns how much of a pixel the figure covers, in quarters. */
static int coverage(const struct figure *figure, const struct placement *p, int x, int y)
{
    int covered = 0;
    for (int i = 0; i < 4; i++) {
        int dx = x * PIXEL + 4 + i % 2 * 8 - p->x, dy = y * PIXEL + 4 + i / 2 * 8 - p->y;
        int u = (p->cos * dx + p->sin * dy) / 4096;
        int v = (p->cos * dy - p->sin * dx) / 4096;
        covered += figure->contains(u, v);
    }
    return covered;
}

static void draw_color(uint64_t *state, int color[3], int low, int high)
{
    int gray = splitmix_between(state, low, high);
    for (int c = 0; c < 3; c++)
        color[c] = gray + splitmix_between(state, -50, 50);
}

static void paint_figure(uint64_t *state, int canvas[3][PLANE],
                         const struct figure *figure)
{
    struct placement placement = random_placement(state);
    int colors[2][3], lighter = splitmix_between(state, 1, 100) <= 75;
    draw_color(state, colors[!lighter], 20, 140);
    draw_color(state, colors[lighter], 110, 230);
    for (int i = 0; i < PLANE; i++) {
        int covered = coverage(figure, &placement, i % SIDE, i / SIDE);
        for (int c = 0; c < 3; c++)
            canvas[c][i] = ((4 - covered) * colors[0][c] + covered * colors[1][c]) / 4;
    }
}

/* Paints up to CLUTTER small rectangles, which may hide parts of the figure. */
static void paint_clutter(uint64_t *state, int canvas[3][PLANE])
{
    for (int n = splitmix_between(state, 0, CLUTTER); n > 0; n--) {
        int color[3], width = splitmix_between(state, 2, 7),
                      height = splitmix_between(state, 2, 7);
        int left = splitmix_between(state, 0, SIDE - width),
            top = splitmix_between(state, 0, SIDE - height);
        draw_color(state, color, 20, 235);
        for (int c = 0; c < 3; c++)
            for (int y = top; y < top + height; y++)
                for (int x = left; x < left + width; x++)
                    canvas[c][y * SIDE + x] = color[c];
    }
}

/* Converts the canvas to pixels, with light that fades across the picture, and with noise, the
 * difference of two uniform numbers. */
static void expose(uint64_t *state, uint8_t *pixels, int canvas[3][PLANE])
{
    int slope_x = splitmix_between(state, -4, 4),
        slope_y = splitmix_between(state, -4, 4);
    int noise = splitmix_between(state, 10, 60);
    for (int i = 0; i < PLANE; i++) {
        int light =
            256 + slope_x * (i % SIDE - SIDE / 2) + slope_y * (i / SIDE - SIDE / 2);
        uint64_t bits = splitmix_bits(state);
        for (int c = 0; c < 3; c++, bits >>= 20) {
            int grain = (int)(bits & 1023) - (int)(bits >> 10 & 1023);
            int value = canvas[c][i] * light / 256 + grain * noise / 1024;
            pixels[c * PLANE + i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
    }
}

static int32_t draw_picture(uint64_t *state, uint8_t *pixels)
{
    int canvas[3][PLANE];
    int label = splitmix_between(state, 0, CIFAR_CLASSES - 1);
    paint_figure(state, canvas, &figures[label]);
    paint_clutter(state, canvas);
    expose(state, pixels, canvas);
    if (splitmix_between(state, 1, 100) <= 7)
        label = (label + splitmix_between(state, 1, CIFAR_CLASSES - 1)) % CIFAR_CLASSES;
    return label;
}

bool synthetic_draw(cifar_data *data, uint64_t seed)
{
    if (!cifar_allocate(data, SYNTHETIC_TRAIN, SYNTHETIC_VALIDATION, SYNTHETIC_TEST,
                        CIFAR_PIXELS))
        return false;
    for (int i = 0; i < CIFAR_CLASSES; i++)
        strcpy(data->names[i], figures[i].name);
    size_t rows = SYNTHETIC_TRAIN + SYNTHETIC_VALIDATION + SYNTHETIC_TEST;
    for (size_t i = 0; i < rows; i++)
        data->labels[i] = draw_picture(&seed, data->pixels + i * CIFAR_PIXELS);
    return true;
}
