#include "io/onnx/onnx_cursor.h"

const mlpbn__onnx_node *mlpbn__next_node(const mlpbn__walk *w)
{
    return w->graph->nodes + w->at;
}

void mlpbn__go_on(mlpbn__walk *w, size_t nodes)
{
    w->at += nodes;
    w->value = w->graph->nodes[w->at - 1].output;
}

mlpbn__onnx_layer *mlpbn__last_layer(const mlpbn__walk *w)
{
    return w->plan->n_layers > 0 ? w->plan->layers + w->plan->n_layers - 1 : NULL;
}

int mlpbn__reads_value(const mlpbn__walk *w, const mlpbn__onnx_node *node, size_t input)
{
    return w->value.n > 0 && mlpbn__bytes_same(mlpbn__onnx_input(node, input), w->value);
}

const mlpbn__onnx_tensor *mlpbn__walk_constant(const mlpbn__walk *w,
                                               const mlpbn__onnx_node *node, size_t input)
{
    const mlpbn__onnx_tensor *found =
        mlpbn__onnx_find(w->graph, mlpbn__onnx_input(node, input));
    return found && found->dtype == w->graph->dtype ? found : NULL;
}

mlpbn_status mlpbn__unsupported(const mlpbn__onnx_node *node, const char *what)
{
    return mlpbn__onnx_fail(MLPBN_EUNSUPPORTED, node, what);
}

int mlpbn__fits(const mlpbn__onnx_tensor *tensor, uint64_t n)
{
    return tensor->n_dims <= 2 && (tensor->n == n || tensor->n == 1) &&
           (tensor->n_dims < 2 || tensor->dims[0] == 1);
}

mlpbn_status mlpbn__walk_attribute(double *value, const mlpbn__walk *w, const char *name)
{
    return mlpbn__onnx_attribute(value, mlpbn__next_node(w), name, w->graph->file);
}
