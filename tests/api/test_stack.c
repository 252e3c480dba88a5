/* How much stack the calls take: programs run them on threads and fibers that have little. */
#include "file_helpers.h"

#include <pthread.h>
#include <unistd.h>

/* The stack is painted; what a call has overwritten was used. Sanitizers and compilers that do
 * not optimize need more. */
#if defined(__OPTIMIZE__) && !HAS_ASAN && !HAS_TSAN
enum { STACK = 256 << 10, BOUND = 16 << 10, PAINT = 0xA5 };

static const struct setup *computed;
static mlpbn_status result;

#define CALL(name, call)                                                                 \
    static void *name(void *argument)                                                    \
    {                                                                                    \
        result = call;                                                                   \
        return argument;                                                                 \
    }
CALL(nothing, MLPBN_OK)
CALL(step, mlpbn_train_step(computed->network, computed->optimizer, computed->workspace,
                            &computed->rows, NULL, NULL))
CALL(predict, PAIR(mlpbn_network_dtype(computed->network), mlpbn_predict,
                   computed->network, computed->workspace, &computed->rows, argument))
CALL(save, mlpbn_network_save(computed->network, argument))
CALL(export, mlpbn_export_onnx(computed->network, argument, NULL))

static mlpbn_network *loaded;
CALL(load, mlpbn_network_load(&loaded, argument, NULL))
CALL(import, mlpbn_import_onnx(&loaded, argument))

static void *destroy(void *unused)
{
    mlpbn_network_destroy(loaded);
    return unused;
}

/* The bytes of stack that a new thread has touched which calls this function. */
static size_t stack_of(void *function(void *), void *argument)
{
    unsigned char *stack = api_alloc(STACK + 4096, 1);
    pthread_attr_t attributes;
    pthread_t thread;
    size_t unused = 0;
    stack += 4096 - (uintptr_t)stack % 4096;
    memset(stack, PAINT, STACK);
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
    ck_assert_int_eq(pthread_attr_setstack(&attributes, stack, STACK), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, function, argument), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_eq(pthread_attr_destroy(&attributes), 0);
    while (unused < STACK && stack[unused] == PAINT)
        unused++;
    return STACK - unused;
}

/* The hidden layers are so wide that the products of the backward pass pack an operand. Valgrind
 * takes what a thread has left on its stack for freed memory: so this is a large test. */
LARGE_TEST(every_call_takes_less_than_16_KB, N_DTYPES)
{
    const mlpbn_dtype dtype = api_dtypes[_i];
    const struct setup s = SETUP(dtype, 160, dtype, 5, {150, 150, 3}, .batchnorm_mask = 3,
                                 .hidden = MLPBN_GELU);
    static const struct {
        const char *name;
        void *(*function)(void *);
    } calls[] = {{"step", step},     {"predict", predict}, {"save", save},
                 {"load", load},     {"destroy", destroy}, {"export", export},
                 {"import", import}, {"destroy", destroy}};
    char path[512];
    double *y = api_alloc(160 * 3, sizeof *y);
    snprintf(path, sizeof path, "%s", temporary_path("saved"));
    computed = &s;
    stack_of(step, NULL); /* which also binds the library's symbols */
    const size_t thread_itself = stack_of(nothing, NULL);
    for (size_t i = 0; i < LENGTH(calls); i++) {
        const size_t all =
            stack_of(calls[i].function, calls[i].function == predict ? (void *)y : path);
        ck_assert_int_eq(result, MLPBN_OK);
        ck_assert_msg(all - thread_itself < BOUND, "%s: %zu bytes of stack",
                      calls[i].name, all - thread_itself);
    }
}
#endif
