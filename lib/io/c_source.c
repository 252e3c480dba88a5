#include "io/c_source.h"

#include "base/dtype.h"
#include "base/error.h"
#include "base/hex_number.h"
#include "model/activation_table.h"

#include <mlpbn/version.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* --- Text and values -------------------------------------------------------------------- */

/* A C source file that is being written. After the first failure, nothing more is written. */
typedef struct emitter {
    mlpbn__output *output;
    const mlpbn_network *network;
    const char *name; /* prefix of all names: "net" */
    const char *type; /* "float" or "double" */
    mlpbn_status status;
} emitter;

static void write_text(emitter *e, const char *text, size_t n)
{
    if (e->status == MLPBN_OK && n > 0)
        e->status = mlpbn__output_write(e->output, text, n);
}

/* Formats text as printf does, and writes it with $ replaced by e->name, @ by e->type. */
MLPBN__PRINTF(2, 3) static void emit(emitter *e, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (const char *next = text; *next;) {
        size_t plain = strcspn(next, "$@");
        write_text(e, next, plain);
        next += plain;
        if (!*next)
            break;
        const char *replacement = *next++ == '$' ? e->name : e->type;
        write_text(e, replacement, strlen(replacement));
    }
}

/* Writes element i of an array, and a comma; there are six elements to a line. array: the name
 * in the text of an error. */
static void emit_element(emitter *e, double value, int is_float, size_t i,
                         const char *array)
{
    char text[MLPBN__HEX_SIZE];
    if (e->status != MLPBN_OK)
        return;
    if (!isfinite(value)) {
        e->status =
            mlpbn__fail(MLPBN_ENONFINITE, "%s[%zu]: expected a finite number, got %g",
                        array, i, value);
        return;
    }
    mlpbn__hex_format(text, value);
    emit(e, "%s%s%s,", i % 6 == 0 ? "\n    " : " ", text, is_float ? "f" : "");
}

/* --- Arrays ----------------------------------------------------------------------------- */

/* Writes a tensor of a layer, if the layer has it, as a flat row-major array. name: "weight",
 * for an array net_weight0. */
static void emit_tensor(emitter *e, const mlpbn_layer *layer, mlpbn_tensor_kind kind,
                        const char *name)
{
    const mlpbn__tensor *tensor = mlpbn__layer_tensor(layer, kind);
    mlpbn_dtype dtype = e->network->dtype;
    if (!tensor)
        return;
    const void *data = mlpbn__tensor_data(e->network, tensor);
    emit(e, "\nstatic const @ $_%s%zu[] = { /* [%zu][%zu] */", name, layer->index,
         tensor->rows, tensor->columns);
    for (size_t i = 0; i < tensor->rows && e->status == MLPBN_OK; i++)
        for (size_t j = 0; j < tensor->columns; j++)
            emit_element(e, mlpbn__load(dtype, data, i * tensor->stride + j),
                         dtype == MLPBN_F32, i * tensor->columns + j, tensor->name);
    emit(e, "\n};\n");
}

/* Returns the value for unit u in a tensor of a batchnorm, or fallback if it does not have
 * this tensor. */
static double param_or(const mlpbn_layer *layer, mlpbn_tensor_kind kind, size_t u,
                       double fallback)
{
    const void *data = mlpbn__layer_data(layer, kind);
    return data ? mlpbn__load(layer->network->dtype, data, u) : fallback;
}

/* Writes the parameters, in double, that normalize unit or column i:
 *   y = (x - mean) * scale + shift
 * array: the name in the text of an error. */
static void emit_norm(emitter *e, size_t i, double mean, double scale, double shift,
                      const char *array)
{
    emit_element(e, mean, 0, 3 * i, array);
    emit_element(e, scale, 0, 3 * i + 1, array);
    emit_element(e, shift, 0, 3 * i + 2, array);
}

static void emit_batchnorm(emitter *e, const mlpbn_layer *layer)
{
    double eps = layer->batchnorm.options.eps;
    emit(e, "\nstatic const double $_norm%zu[] = { /* mean, scale, shift */",
         layer->index);
    for (size_t u = 0; u < layer->options.units; u++) {
        double std = sqrt(param_or(layer, MLPBN_RUNNING_VAR, u, 1) + eps);
        emit_norm(e, u, param_or(layer, MLPBN_RUNNING_MEAN, u, 0),
                  param_or(layer, MLPBN_GAMMA, u, 1) / std,
                  param_or(layer, MLPBN_BETA, u, 0), "batchnorm");
    }
    emit(e, "\n};\n");
}

static void emit_standardization(emitter *e)
{
    const mlpbn_network *network = e->network;
    emit(e, "\nstatic const double $_standard[] = { /* mean, scale, shift */");
    for (size_t j = 0; j < network->inputs; j++)
        emit_norm(e, j, network->mean[j], 1 / network->std[j], 0, "standardization");
    emit(e, "\n};\n");
}

/* --- Activations ------------------------------------------------------------------------- */

/* Writes a function of the layer's activation, as net_f0, if it is one of single values. %s in
 * its expression stands for alpha. */
static void emit_activation(emitter *e, const mlpbn_layer *layer)
{
    const char *expression = mlpbn__activations[layer->options.activation].c_expression;
    if (!expression)
        return;
    char alpha[MLPBN__HEX_SIZE];
    mlpbn__hex_format(alpha, layer->options.alpha);
    const size_t length = strcspn(expression, "%"); /* up to %s or the end */
    const char *rest = expression + length;
    emit(e, "\nstatic double $_f%zu(double z)\n{\n    return %.*s%s%s;\n}\n",
         layer->index, (int)length, expression, *rest ? alpha : "",
         *rest ? rest + 2 : "");
}

/* --- Functions that are the same for all networks ------------------------------------ */

static const char dense_source[] =
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

static const char norm_source[] =
    "\n/* p: mean, scale and shift of each */\n"
    "static void $_norm(long n, const double *p, const @ *x, @ *y)\n"
    "{\n"
    "    for (long i = 0; i < n; i++, p += 3)\n"
    "        y[i] = (@)(((double)x[i] - p[0]) * p[1] + p[2]);\n"
    "}\n";

static const char softmax_source[] =
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

/* --- The file --------------------------------------------------------------------------- */

/* Writes the statements that compute a layer from the array x to the array y. */
static void emit_layer(emitter *e, const mlpbn_layer *layer, const char *x, const char *y)
{
    const mlpbn_layer_options *options = &layer->options;
    size_t l = layer->index;
    emit(e, "    $_dense(%zu, %zu, $_weight%zu, ", layer->inputs, options->units, l);
    if (options->bias)
        emit(e, "$_bias%zu, %s, %s);\n", l, x, y);
    else
        emit(e, "0, %s, %s);\n", x, y);
    if (options->batchnorm && !options->batchnorm->after_activation)
        emit(e, "    $_norm(%zu, $_norm%zu, %s, %s);\n", options->units, l, y, y);
    if (options->activation == MLPBN_SOFTMAX)
        emit(e, "    $_softmax(%zu, %s);\n", options->units, y);
    else if (mlpbn__activations[options->activation].c_expression)
        emit(e,
             "    for (long i = 0; i < %zu; i++)\n"
             "        %s[i] = (@)$_f%zu((double)%s[i]);\n",
             options->units, y, l, y);
    if (options->batchnorm && options->batchnorm->after_activation)
        emit(e, "    $_norm(%zu, $_norm%zu, %s, %s);\n", options->units, l, y, y);
}

/* Writes the function $_predict, whose layers alternate between the arrays a and b; the last
 * one writes to y. */
static void emit_predict(emitter *e)
{
    const mlpbn_network *network = e->network;
    size_t max_units = 0, last = network->n_layers - 1;
    const char *x = "x";
    for (size_t l = 0; l < last; l++)
        if (network->layers[l].options.units > max_units)
            max_units = network->layers[l].options.units;
    emit(e, "\nvoid $_predict(const @ *x, @ *y)\n{\n");
    if (last > 0)
        emit(e, "    @ a[%zu];\n", max_units);
    if (last > 1)
        emit(e, "    @ b[%zu];\n", max_units);
    if (network->standardized) {
        emit(e, "    @ s[%zu];\n    $_norm(%zu, $_standard, x, s);\n", network->inputs,
             network->inputs);
        x = "s";
    }
    for (size_t l = 0; l <= last; l++) {
        const char *y = l == last ? "y" : l % 2 == 0 ? "a" : "b";
        emit_layer(e, network->layers + l, x, y);
        x = y;
    }
    emit(e, "}\n");
}

static void emit_header(emitter *e)
{
    const mlpbn_network *network = e->network;
    emit(e,
         "/* A network of %zu layers, written by libmlpbn %d.%d.%d. C99. */\n"
         "#include <math.h>\n\n"
         "enum { $_inputs = %zu, $_outputs = %zu };\n\n"
         "/* x: [$_inputs], y: [$_outputs], receives the outputs; they must not overlap. "
         "*/\n"
         "void $_predict(const @ *x, @ *y);\n",
         network->n_layers, MLPBN_VERSION_MAJOR, MLPBN_VERSION_MINOR, MLPBN_VERSION_PATCH,
         network->inputs, network->layers[network->n_layers - 1].options.units);
}

mlpbn_status mlpbn__write_c_source(mlpbn__output *output, const void *context)
{
    const mlpbn__c_export *c = context;
    const mlpbn_network *network = c->network;
    emitter e = {.output = output,
                 .network = network,
                 .name = c->name,
                 .type = network->dtype == MLPBN_F32 ? "float" : "double"};
    emit_header(&e);
    if (network->standardized)
        emit_standardization(&e);
    for (size_t l = 0; l < network->n_layers; l++) {
        const mlpbn_layer *layer = network->layers + l;
        emit_tensor(&e, layer, MLPBN_WEIGHT, "weight");
        emit_tensor(&e, layer, MLPBN_BIAS, "bias");
        if (layer->options.batchnorm)
            emit_batchnorm(&e, layer);
        emit_activation(&e, layer);
    }
    emit(&e, "%s", dense_source);
    if (network->standardized || mlpbn__network_has_batchnorm(network))
        emit(&e, "%s", norm_source);
    if (network->layers[network->n_layers - 1].options.activation == MLPBN_SOFTMAX)
        emit(&e, "%s", softmax_source);
    emit_predict(&e);
    return e.status;
}

mlpbn_status mlpbn__check_c_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                      others[] = "0123456789_";
    size_t n = 0;
    while (name[n] && n <= MLPBN__MAX_C_NAME &&
           (strchr(letters, name[n]) || (n > 0 && strchr(others, name[n]))))
        n++;
    if (n > 0 && n <= MLPBN__MAX_C_NAME && !name[n])
        return MLPBN_OK;
    return mlpbn__fail(MLPBN_EINVAL,
                       "name: expected a letter, then letters, digits and _, at most %d, "
                       "got \"%.80s\"",
                       (int)MLPBN__MAX_C_NAME, name);
}
