#include "io/onnx/onnx_cursor.h"

const mlpbn__onnx_node *mlpbn__cursor_node(const mlpbn__onnx_cursor *c)
{
    return c->graph->nodes + c->next;
}

void mlpbn__cursor_advance(mlpbn__onnx_cursor *c, size_t n_nodes)
{
    c->next += n_nodes;
    c->value = c->graph->nodes[c->next - 1].output;
}

mlpbn__onnx_layer *mlpbn__cursor_last_layer(const mlpbn__onnx_cursor *c)
{
    return c->network->n_layers > 0 ? c->network->layers + c->network->n_layers - 1
                                    : NULL;
}

int mlpbn__input_is_current_value(const mlpbn__onnx_cursor *c,
                                  const mlpbn__onnx_node *node, size_t input)
{
    return c->value.n > 0 && mlpbn__bytes_equal(mlpbn__onnx_input(node, input), c->value);
}

const mlpbn__onnx_tensor *mlpbn__cursor_constant(const mlpbn__onnx_cursor *c,
                                                 const mlpbn__onnx_node *node,
                                                 size_t input)
{
    const mlpbn__onnx_tensor *tensor =
        mlpbn__onnx_find(c->graph, mlpbn__onnx_input(node, input));
    return tensor && tensor->dtype == c->graph->dtype ? tensor : NULL;
}

mlpbn_status mlpbn__onnx_unsupported(const mlpbn__onnx_node *node, const char *reason)
{
    return mlpbn__onnx_fail(MLPBN_EUNSUPPORTED, node, reason);
}

int mlpbn__onnx_broadcasts(const mlpbn__onnx_tensor *tensor, uint64_t n)
{
    return tensor->n_dims <= 2 && (tensor->n == n || tensor->n == 1) &&
           (tensor->n_dims < 2 || tensor->dims[0] == 1);
}

mlpbn_status mlpbn__cursor_attribute(double *value, const mlpbn__onnx_cursor *c,
                                     const char *name)
{
    return mlpbn__onnx_attribute(value, mlpbn__cursor_node(c), name, c->graph->file);
}
