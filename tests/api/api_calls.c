#include "api_calls.h"

enum { N_WEIGHTS = SETUP_HIDDEN * SETUP_INPUTS };

#define CALL(name, call)                                                                 \
    static mlpbn_status name(const struct arguments *a)                                  \
    {                                                                                    \
        return call;                                                                     \
    }

CALL(gradient, mlpbn_gradient(a->network, a->workspace, a->rows, a->loss, a->metrics))
CALL(train_step, mlpbn_train_step(a->network, a->optimizer, a->workspace, a->rows,
                                  a->loss, a->metrics))
CALL(evaluate, mlpbn_evaluate(a->network, a->workspace, a->rows, a->loss, a->metrics))
CALL(forward, PAIR(a->dtype, mlpbn_forward, a->network, a->workspace, a->rows, a->y))
CALL(backward, PAIR(a->dtype, mlpbn_backward, a->network, a->workspace, a->dy, a->dx))
CALL(predict, PAIR(a->dtype, mlpbn_predict, a->network, a->workspace, a->rows, a->y))
CALL(optimizer_step, mlpbn_optimizer_step(a->optimizer, a->network, a->workspace))
CALL(commit, mlpbn_commit_statistics(a->network, a->workspace))
CALL(recompute, mlpbn_recompute_statistics(a->network, a->workspace, a->rows))
CALL(fit, mlpbn_network_fit_standardization(a->network, a->rows))
CALL(gradients, PAIR(a->dtype, mlpbn_workspace_gradients, a->data, a->n, a->workspace))
CALL(parameters, PAIR(a->dtype, mlpbn_network_parameters, a->data, a->n, a->network))
CALL(get_tensor, PAIR(a->dtype, mlpbn_network_get, a->network, 0, a->values, N_WEIGHTS))
CALL(set_tensor, PAIR(a->dtype, mlpbn_network_set, a->network, 0, a->values, N_WEIGHTS))

static mlpbn_status create_sampler(const struct arguments *a)
{
    mlpbn_sampler *sampler = api_untouched();
    const mlpbn_status status = mlpbn_sampler_create(&sampler, a->rows, NULL);
    if (status)
        ck_assert_ptr_eq(sampler, api_untouched());
    else
        mlpbn_sampler_destroy(sampler);
    return status;
}

enum {
    BOTH = TAKES_NETWORK | TAKES_WORKSPACE,
    PASS = BOTH | TAKES_ROWS,
    TRAINS = PASS | IS_TRAINING
};

const struct call_properties api_calls[N_CALLS] = {
    [GRADIENT] = {"gradient", TRAINS, gradient},
    [TRAIN_STEP] = {"train_step", TRAINS | TAKES_OPTIMIZER, train_step},
    [EVALUATE] = {"evaluate", PASS | TAKES_METRICS, evaluate},
    [FORWARD] = {"forward", TRAINS | TAKES_Y | IS_TYPED, forward},
    [BACKWARD] = {"backward", BOTH | TAKES_DY | IS_TYPED | IS_TRAINING, backward},
    [PREDICT] = {"predict", PASS | TAKES_Y | IS_TYPED, predict},
    [OPTIMIZER_STEP] = {"optimizer_step", BOTH | TAKES_OPTIMIZER | IS_TRAINING,
                        optimizer_step},
    [COMMIT_STATISTICS] = {"commit_statistics", BOTH | IS_TRAINING, commit},
    [RECOMPUTE_STATISTICS] = {"recompute_statistics", PASS, recompute},
    [FIT_STANDARDIZATION] = {"fit_standardization", TAKES_NETWORK | TAKES_ROWS, fit},
    [CREATE_SAMPLER] = {"sampler_create", TAKES_ROWS, create_sampler},
    [GET_GRADIENTS] = {"gradients",
                       TAKES_WORKSPACE | TAKES_DATA | TAKES_N | IS_TYPED | IS_TRAINING,
                       gradients},
    [GET_PARAMETERS] = {"parameters", TAKES_NETWORK | TAKES_DATA | TAKES_N | IS_TYPED,
                        parameters},
    [GET_TENSOR] = {"get", TAKES_NETWORK | TAKES_VALUES | IS_TYPED, get_tensor},
    [SET_TENSOR] = {"set", TAKES_NETWORK | TAKES_VALUES | IS_TYPED, set_tensor},
};

/* What the calls write, and dy, which has room for any batch of a setup. */
static struct outputs {
    double y[SETUP_MAX * SETUP_OUTPUTS], dx[SETUP_MAX * SETUP_INPUTS], values[N_WEIGHTS];
    void *data;
    size_t n;
    mlpbn_metrics metrics;
} outputs;
static double dy[SETUP_MAX * SETUP_OUTPUTS];

struct arguments arguments_of(const struct setup *s)
{
    const mlpbn_dtype dtype = mlpbn_network_dtype(s->network);
    const struct arguments arguments = {.dtype = dtype,
                                        .network = s->network,
                                        .workspace = s->workspace,
                                        .optimizer = s->optimizer,
                                        .rows = &s->rows,
                                        .metrics = &outputs.metrics,
                                        .y = outputs.y,
                                        .dy = dy,
                                        .dx = outputs.dx,
                                        .values = outputs.values,
                                        .data = &outputs.data,
                                        .n = &outputs.n};
    for (size_t i = 0; i < LENGTH(dy); i++)
        api_store(dy, dtype, i, api_uniform(5, i));
    memset(&outputs, 0, sizeof outputs);
    for (size_t i = 0; i < N_WEIGHTS; i++)
        api_store(outputs.values, dtype, i, api_uniform(6, i));
    outputs.metrics =
        (mlpbn_metrics){sizeof outputs.metrics, 2385, 2.375, 2.375, 17, 2.5};
    return arguments;
}

#define POINTER(name)                                                                    \
    {                                                                                    \
#name "|NULL", offsetof(struct arguments, name)                                  \
    }

const char *null_pointer(struct arguments *arguments, size_t i)
{
    static const struct {
        const char *words;
        size_t offset;
    } pointers[N_POINTERS] = {POINTER(network), POINTER(workspace), POINTER(optimizer),
                              POINTER(rows),    POINTER(metrics),   POINTER(y),
                              POINTER(dy),      POINTER(values),    POINTER(data),
                              POINTER(n)};
    memset((unsigned char *)arguments + pointers[i].offset, 0, sizeof(void *));
    return pointers[i].words;
}

mlpbn_status call_with(enum call call, const struct arguments *arguments)
{
    const struct outputs before = outputs;
    const mlpbn_status status = api_calls[call].run(arguments);
    if (status)
        api_assert_same(&outputs, &before, sizeof outputs, api_calls[call].name);
    return status;
}

mlpbn_status call_rows(enum call call, const struct setup *setup, const mlpbn_rows *rows,
                       const mlpbn_loss_options *loss)
{
    struct arguments arguments = arguments_of(setup);
    arguments.rows = rows;
    arguments.loss = loss;
    return call_with(call, &arguments);
}

void prepare_call(enum call call, const struct setup *setup)
{
    const int is_backward = call == BACKWARD;
    if (is_backward || call == OPTIMIZER_STEP || call == COMMIT_STATISTICS ||
        call == GET_GRADIENTS)
        OK(call_rows(is_backward ? FORWARD : GRADIENT, setup, &setup->rows, NULL));
}
