#include "io/c_source.h"

#include "base/error.h"
#include "base/hex_number.h"
#include "base/dtype.h"

#include <mlpbn/version.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A file in the making. Once something fails nothing more is written. */
typedef struct draft {
    mlpbn__output *output;
    const mlpbn_network *network;
    const char *name, *type; /* "net"; float or double */
    mlpbn_status status;
} draft;

static void put(draft *d, const char *text, size_t n)
{
    if (!d->status && n > 0)
        d->status = mlpbn__output_write(d->output, text, n);
}

/* As printf, of whole numbers and text; then $ becomes the name, and @ the type. */
MLPBN__PRINTF(2, 3) static void emit(draft *d, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (const char *at = text; *at;) {
        size_t plain = strcspn(at, "$@");
        put(d, at, plain);
        at += plain;
        if (!*at)
            break;
        const char *instead = *at++ == '$' ? d->name : d->type;
        put(d, instead, strlen(instead));
    }
}

/* Number i of an array, followed by a comma; a new line where one is full. */
static void emit_number(draft *d, double value, int is_float, size_t i, const char *what)
{
    char text[MLPBN__HEX_SIZE];
    if (!isfinite(value) && !d->status)
        d->status =
            mlpbn__fail(MLPBN_ENONFINITE, "%s[%zu]: expected a finite number, got %g",
                        what, i, value);
    if (d->status)
        return;
    mlpbn__hex_format(text, value);
    emit(d, "%s%s%s,", i % 6 == 0 ? "\n    " : " ", text, is_float ? "f" : "");
}

/* static const float net_weight0[3][5] = {...}, flat: rows one after the other. */
static void emit_tensor(draft *d, const mlpbn_layer *layer, mlpbn_tensor_kind kind,
                        const char *what)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    if (!tensor)
        return;
    const void *data = mlpbn__tensor_data(d->network, tensor);
    emit(d, "\nstatic const @ $_%s%zu[] = { /* [%zu][%zu] */", what, layer->index,
         tensor->rows, tensor->columns);
    for (size_t i = 0; i < tensor->rows && !d->status; i++)
        for (size_t j = 0; j < tensor->columns; j++)
            emit_number(d, mlpbn__load(d->network->dtype, data, i * tensor->stride + j),
                        d->network->dtype == MLPBN_F32, i * tensor->columns + j,
                        tensor->name);
    emit(d, "\n};\n");
}

static double number(const mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t u,
                     double otherwise)
{
    const void *data = mlpbn__layer_data(layer, kind);
    return data ? mlpbn__load(layer->network->dtype, data, u) : otherwise;
}

/* mean, scale and shift of each unit, in double */
static void emit_batchnorm(draft *d, const mlpbn_layer *layer)
{
    emit(d, "\nstatic const double $_norm%zu[] = { /* mean, scale, shift */",
         layer->index);
    for (size_t u = 0; u < layer->options.units; u++) {
        double deviation =
            sqrt(number(layer, MLPBN_RUNNING_VAR, u, 1) + layer->batchnorm.options.eps);
        double triple[] = {number(layer, MLPBN_RUNNING_MEAN, u, 0),
                           number(layer, MLPBN_GAMMA, u, 1) / deviation,
                           number(layer, MLPBN_BETA, u, 0)};
        for (size_t i = 0; i < 3; i++)
            emit_number(d, triple[i], 0, 3 * u + i, "batchnorm");
    }
    emit(d, "\n};\n");
}

static void emit_standardization(draft *d)
{
    emit(d, "\nstatic const double $_standard[] = { /* mean, scale, shift */");
    for (size_t j = 0; j < d->network->inputs; j++) {
        double triple[] = {d->network->mean[j], 1 / d->network->std[j], 0};
        for (size_t i = 0; i < 3; i++)
            emit_number(d, triple[i], 0, 3 * j + i, "standardization");
    }
    emit(d, "\n};\n");
}

/* f(z) in double, where %s is alpha. Infinities on the way come to the right end. */
static const char *const activations[] = {
    [MLPBN_RELU] = "z < 0 ? 0 : z",
    [MLPBN_LEAKY_RELU] = "z < 0 ? %s * z : z",
    [MLPBN_ELU] = "z < 0 ? %s * expm1(z) : z",
    [MLPBN_SELU] =
        "1.0507009873554804934 * (z < 0 ? 1.6732632423543772848 * expm1(z) : z)",
    [MLPBN_SIGMOID] = "1 / (1 + exp(-z))",
    [MLPBN_TANH] = "tanh(z)",
    [MLPBN_SOFTPLUS] = "(z < 0 ? 0 : z) + log1p(exp(-fabs(z)))",
    [MLPBN_SILU] = "z / (1 + exp(-z))",
    [MLPBN_GELU] = "z * erfc(z * -0.70710678118654752440) / 2",
    [MLPBN_GELU_TANH] =
        "z / (1 + exp(-1.5957691216057307118 * (z + 0.044715 * z * z * z)))",
    [MLPBN_SOFTMAX] = NULL,
};

static void emit_activation(draft *d, const mlpbn_layer *layer)
{
    const char *formula = activations[layer->options.activation];
    if (!formula)
        return;
    char alpha[MLPBN__HEX_SIZE];
    mlpbn__hex_format(alpha, layer->options.alpha);
    const char *hole = strstr(formula, "%s");
    int before = (int)(hole ? hole - formula : (ptrdiff_t)strlen(formula));
    emit(d, "\nstatic double $_f%zu(double z)\n{\n    return %.*s%s%s;\n}\n",
         layer->index, before, formula, hole ? alpha : "", hole ? hole + 2 : "");
}

static const char dense[] =
    "\n/* y = W x + b; b may be NULL */\n"
    "static void $_dense(long inputs, long units, const @ *w, const @ *b, const @ *x,\n"
    "                    @ *y)\n"
    "{\n"
    "    for (long u = 0; u < units; u++) {\n"
    "        double sum = b ? (double)b[u] : 0;\n"
    "        for (long j = 0; j < inputs; j++)\n"
    "            sum += (double)w[u * inputs + j] * (double)x[j];\n"
    "        y[u] = (@)sum;\n"
    "    }\n"
    "}\n";

static const char norm[] =
    "\n/* p: mean, scale and shift of each */\n"
    "static void $_norm(long n, const double *p, const @ *x, @ *y)\n"
    "{\n"
    "    for (long i = 0; i < n; i++, p += 3)\n"
    "        y[i] = (@)(((double)x[i] - p[0]) * p[1] + p[2]);\n"
    "}\n";

static const char softmax[] =
    "\nstatic void $_softmax(long n, @ *y)\n"
    "{\n"
    "    double most = (double)y[0], sum = 0;\n"
    "    for (long i = 1; i < n; i++)\n"
    "        most = (double)y[i] > most ? (double)y[i] : most;\n"
    "    for (long i = 0; i < n; i++)\n"
    "        sum += exp((double)y[i] - most);\n"
    "    for (long i = 0; i < n; i++)\n"
    "        y[i] = (@)(exp((double)y[i] - most) / sum);\n"
    "}\n";

/* What layer l does, from one array to another. */
static void emit_layer(draft *d, const mlpbn_layer *layer, const char *x, const char *y)
{
    const mlpbn_layer_options *options = &layer->options;
    size_t l = layer->index;
    emit(d, "    $_dense(%zu, %zu, $_weight%zu, ", layer->inputs, options->units, l);
    if (options->bias)
        emit(d, "$_bias%zu, %s, %s);\n", l, x, y);
    else
        emit(d, "0, %s, %s);\n", x, y);
    if (options->batchnorm && !options->batchnorm->after_activation)
        emit(d, "    $_norm(%zu, $_norm%zu, %s, %s);\n", options->units, l, y, y);
    if (options->activation == MLPBN_SOFTMAX)
        emit(d, "    $_softmax(%zu, %s);\n", options->units, y);
    else if (activations[options->activation])
        emit(d,
             "    for (long i = 0; i < %zu; i++)\n"
             "        %s[i] = (@)$_f%zu((double)%s[i]);\n",
             options->units, y, l, y);
    if (options->batchnorm && options->batchnorm->after_activation)
        emit(d, "    $_norm(%zu, $_norm%zu, %s, %s);\n", options->units, l, y, y);
}

/* Layers write to a and b in turn, the last one to y. */
static void emit_predict(draft *d)
{
    const mlpbn_network *network = d->network;
    size_t widest = 0, last = network->n_layers - 1;
    const char *x = "x";
    for (size_t l = 0; l < last; l++)
        if (network->layers[l].options.units > widest)
            widest = network->layers[l].options.units;
    emit(d, "\nvoid $_predict(const @ *x, @ *y)\n{\n");
    if (last > 0)
        emit(d, "    @ a[%zu];\n", widest);
    if (last > 1)
        emit(d, "    @ b[%zu];\n", widest);
    if (network->standardized) {
        emit(d, "    @ s[%zu];\n    $_norm(%zu, $_standard, x, s);\n", network->inputs,
             network->inputs);
        x = "s";
    }
    for (size_t l = 0; l <= last; l++) {
        const char *y = l == last ? "y" : l % 2 == 0 ? "a" : "b";
        emit_layer(d, network->layers + l, x, y);
        x = y;
    }
    emit(d, "}\n");
}

static void emit_head(draft *d)
{
    const mlpbn_network *network = d->network;
    emit(d,
         "/* A network of %zu layers, written by libmlpbn %d.%d.%d. C99. */\n"
         "#include <math.h>\n\n"
         "enum { $_inputs = %zu, $_outputs = %zu };\n\n"
         "/* x: [$_inputs], y: [$_outputs], receives the outputs; they must not overlap. "
         "*/\n"
         "void $_predict(const @ *x, @ *y);\n",
         network->n_layers, MLPBN_VERSION_MAJOR, MLPBN_VERSION_MINOR, MLPBN_VERSION_PATCH,
         network->inputs, network->layers[network->n_layers - 1].options.units);
}

mlpbn_status mlpbn__write_c_source(mlpbn__output *output, const void *source)
{
    const mlpbn__c_source *c = source;
    const mlpbn_network *network = c->network;
    draft d = {.output = output,
               .network = network,
               .name = c->name,
               .type = network->dtype == MLPBN_F32 ? "float" : "double"};
    emit_head(&d);
    if (network->standardized)
        emit_standardization(&d);
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_layer *layer = network->layers + l;
        emit_tensor(&d, layer, MLPBN_WEIGHT, "weight");
        emit_tensor(&d, layer, MLPBN_BIAS, "bias");
        if (layer->options.batchnorm)
            emit_batchnorm(&d, layer);
        emit_activation(&d, layer);
    }
    emit(&d, "%s", dense);
    if (network->standardized || mlpbn__network_has_batchnorm(network))
        emit(&d, "%s", norm);
    if (network->layers[network->n_layers - 1].options.activation == MLPBN_SOFTMAX)
        emit(&d, "%s", softmax);
    emit_predict(&d);
    return d.status;
}

mlpbn_status mlpbn__check_c_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                      others[] = "0123456789_";
    size_t n = 0;
    while (name[n] && n <= MLPBN__MOST_NAME &&
           (strchr(letters, name[n]) || (n > 0 && strchr(others, name[n]))))
        n++;
    if (n > 0 && n <= MLPBN__MOST_NAME && !name[n])
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "name: expected a letter, then letters, digits and _, at most %d, "
                       "got \"%.80s\"",
                       (int)MLPBN__MOST_NAME, name);
}
