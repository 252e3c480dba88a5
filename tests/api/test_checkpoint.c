/* Checkpoints: a run that goes on from one has the bits of a run that was never stopped;
 * what does not fit is refused, and nothing is changed. */
#include "file_helpers.h"

enum { ROWS = 7, INPUTS = 5, OUTPUTS = 3, BATCH = 3 };

/* One run: 5-4-3 with batchnorm, standardized. */
struct run {
    struct data data;
    mlpbn_workspace *workspace;
    mlpbn_checkpoint parts;
    char state[12];
};

/* Number i of all methods without momentum and then with one, where they have it. */
enum { N_OPTIMIZERS = 2 * LAST_OPTIMIZER };
enum { SGD = MLPBN_SGD - 1, RMSPROP = MLPBN_RMSPROP - 1, ADAM = MLPBN_ADAM - 1 };
enum { WITH_MOMENTUM = LAST_OPTIMIZER };

static mlpbn_optimizer_options optimizer_options(int i)
{
    const mlpbn_optimizer_kind kind = (mlpbn_optimizer_kind)(i % LAST_OPTIMIZER + 1);
    const int with_momentum = i >= WITH_MOMENTUM, is_sgd = kind == MLPBN_SGD;
    mlpbn_optimizer_options options = OPTIONS(
        optimizer, .kind = kind, .learning_rate = 0.0385,
        .nesterov = is_sgd && with_momentum, .beta1 = 0.87, .beta2 = 0.971, .rho = 0.93,
        .eps = 1e-7, .weight_decay = 0.0173, .decay_kinds = MLPBN_KIND_BIT(MLPBN_WEIGHT));
    if (with_momentum) {
        options.momentum = is_sgd ? 0.873 : 0.61;
        options.clip_norm = 0.61;
        options.decay_kinds |= MLPBN_KIND_BIT(MLPBN_GAMMA);
    }
    api_drop_unused(&options);
    return options;
}

static struct run *run_make(mlpbn_dtype dtype, int optimizer, uint64_t seed)
{
    const mlpbn_optimizer_options options = optimizer_options(optimizer);
    const mlpbn_sampler_options sampler = {sizeof sampler, BATCH, 1, seed,
                                           MLPBN_LAST_BATCH_DROP};
    struct run *run = api_alloc(1, sizeof *run);
    mlpbn_network *network = NETWORK(dtype, INPUTS, {4, OUTPUTS}, .batchnorm_mask = 1,
                                     .dropout = 0.2385, .default_statistics = 1);
    run->data = data_make(MLPBN_F32, ROWS, INPUTS, OUTPUTS, 71);
    OK(mlpbn_network_fit_standardization(network, &run->data.rows));
    run->workspace = api_workspace(network, BATCH, 1);
    memcpy(run->state, "eleven byte", sizeof run->state);
    run->parts = (mlpbn_checkpoint){sizeof run->parts,
                                    network,
                                    api_create_optimizer(network, &options),
                                    api_create_sampler(&run->data.rows, &sampler),
                                    run->state,
                                    sizeof run->state};
    return run;
}

static void run_steps(struct run *run, int steps)
{
    mlpbn_rows batch = run->data.rows;
    while (steps > 0) {
        OK(mlpbn_sampler_next(&batch, run->parts.sampler));
        if (batch.n == 0)
            continue;
        OK(mlpbn_train_step(run->parts.network, run->parts.optimizer, run->workspace,
                            &batch, NULL, NULL));
        steps--;
    }
}

/* After some steps. */
static struct run *run_started(int optimizer)
{
    struct run *run = run_make(MLPBN_F32, optimizer, 71);
    run_steps(run, 3);
    return run;
}

/* Another machine's parts: as they were made, with other numbers everywhere. */
static struct run *run_make_other(mlpbn_dtype dtype, int optimizer)
{
    struct run *run = run_make(dtype, optimizer, 99);
    OK(mlpbn_network_set_standardization(run->parts.network, NULL, NULL, 0));
    OK(mlpbn_optimizer_set_learning_rate(run->parts.optimizer, 0.0061));
    run_steps(run, 3);
    memset(run->state, 'x', sizeof run->state);
    return run;
}

/* --- What is loaded ----------------------------------------------------------------- */

/* Steps before and after the checkpoint; an epoch has two. */
static const int splits[][2] = {{0, 5}, {1, 6}, {2, 3}, {5, 4}};

LOOP_DTYPE_TEST(goes_on_bit_for_bit, N_OPTIMIZERS *LENGTH(splits))
{
    const int optimizer = _i % N_OPTIMIZERS;
    const int *steps = splits[_i / N_OPTIMIZERS];
    struct run *whole = run_make(dtype, optimizer, 71);
    struct run *resumed = run_make_other(dtype, optimizer);
    run_steps(whole, steps[0]);
    struct memory_file file = memory_save_checkpoint(&whole->parts);
    run_steps(whole, steps[1]);
    OK(memory_load_checkpoint(&resumed->parts, &file));
    ck_assert_uint_eq(resumed->parts.state_size, sizeof resumed->state);
    ck_assert_str_eq(resumed->state, "eleven byte");
    ck_assert(mlpbn_optimizer_learning_rate(resumed->parts.optimizer) == (double)0.0385);
    memory_assert_equal(file, memory_save_checkpoint(&resumed->parts),
                        "checkpoint of a checkpoint");
    run_steps(resumed, steps[1]);
    api_assert_equal(whole->parts.network, resumed->parts.network, "at the end");
    memory_assert_equal(memory_save_checkpoint(&whole->parts),
                        memory_save_checkpoint(&resumed->parts), "the rest of it");
    ck_assert_uint_eq(mlpbn_sampler_epochs(whole->parts.sampler),
                      mlpbn_sampler_epochs(resumed->parts.sampler));
}

TEST(paths_work)
{
    struct run *run = run_make(MLPBN_F64, ADAM, 71);
    struct run *other = run_make_other(MLPBN_F64, ADAM);
    const char *path = temporary_path("run.checkpoint");
    OK(mlpbn_checkpoint_save(&run->parts, path));
    run_steps(run, 3);
    OK(mlpbn_checkpoint_save(&run->parts, path));
    memory_assert_equal(memory_save_checkpoint(&run->parts), file_read(path), "path");
    OK(mlpbn_checkpoint_load(&other->parts, path));
    api_assert_equal(run->parts.network, other->parts.network, "from a path");
    FAILS(MLPBN_EIO, "none|No such file",
          mlpbn_checkpoint_load(&other->parts, temporary_path("none")));
    FAILS(MLPBN_EIO, "No such file",
          mlpbn_checkpoint_save(&other->parts, temporary_path("none/x")));
}

/* Each part alone, and parts that are passed over. */
TEST(parts_are_optional)
{
    static const char *const lost[] = {"network", "optimizer", "sampler", "state"};
    const struct run *run = run_started(SGD + WITH_MOMENTUM);
    const struct run *other = run_make_other(MLPBN_F32, SGD + WITH_MOMENTUM);
    struct memory_file whole = memory_save_checkpoint(&run->parts);
    mlpbn_checkpoint nothing = MLPBN_CHECKPOINT_INIT;
    for (int part = 0; part < 4; part++) {
        mlpbn_checkpoint few = run->parts, rest = other->parts;
        few.network = part == 0 ? NULL : few.network;
        few.optimizer = part <= 1 ? NULL : few.optimizer;
        few.sampler = part == 2 ? NULL : few.sampler;
        few.state = part == 3 ? NULL : few.state;
        few.state_size = part == 3 ? 0 : few.state_size;
        struct memory_file file = memory_save_checkpoint(&few);
        rest.optimizer = part == 0 ? NULL : rest.optimizer;
        FAILS(MLPBN_EMISMATCH, lost[part], memory_load_checkpoint(&rest, &file));
        rest = few;
        OK(memory_load_checkpoint(&rest, &whole));
        OK(memory_load_checkpoint(&rest, &file));
    }
    struct memory_file empty = memory_save_checkpoint(&nothing);
    OK(memory_load_checkpoint(&nothing, &empty));
}

/* --- What is refused ---------------------------------------------------------------- */

static void assert_refused(struct run *run, struct memory_file *file, mlpbn_status status,
                           const char *words)
{
    const struct memory_file before = memory_save_checkpoint(&run->parts);
    FAILS(status, words, memory_load_checkpoint(&run->parts, file));
    memory_assert_equal(before, memory_save_checkpoint(&run->parts),
                        "after a load that failed");
}

static const struct {
    struct spec spec;
    const char *words;
} other_networks[] = {
    {{5, {4, 3}, MLPBN_F64, .batchnorm_mask = 1}, "mlpbn.dtype|F64|F32"},
    {{6, {4, 3}, MLPBN_F32, .batchnorm_mask = 1}, "mlpbn.inputs|6|5"},
    {{5, {4, 2}, MLPBN_F32, .batchnorm_mask = 1}, "layer1.units|2|3"},
    {{5, {4, 3}, MLPBN_F32, .batchnorm_mask = 0}, "layer0.batchnorm|0|1"},
    {{5, {4, 3}, MLPBN_F32, .batchnorm_mask = 1, .hidden = MLPBN_ELU},
     "layer0.activation|elu|relu"},
    {{5, {3}, MLPBN_F32, .batchnorm_mask = 1}, "mlpbn.layers|1|2"},
};

LOOP_TEST(other_networks_are_refused, LENGTH(other_networks))
{
    struct memory_file file =
        memory_save_checkpoint(&run_make(MLPBN_F32, SGD, 71)->parts);
    mlpbn_checkpoint parts = MLPBN_CHECKPOINT_INIT;
    struct spec spec = other_networks[_i].spec;
    spec.dropout = 0.2385;
    parts.network = api_network(&spec);
    const struct snapshot before = snapshot_take(parts.network);
    FAILS(MLPBN_EMISMATCH, other_networks[_i].words,
          memory_load_checkpoint(&parts, &file));
    snapshot_assert(&before, parts.network, "other network");
}

static const struct {
    int saved, made;
    const char *words;
} pairs[] = {{SGD, ADAM, "method|adam|sgd"},
             {SGD, SGD + WITH_MOMENTUM, "momentum|0.873"},
             {RMSPROP + WITH_MOMENTUM, RMSPROP, "momentum|0.61"}};

LOOP_TEST(other_optimizers_are_refused, LENGTH(pairs))
{
    struct memory_file file =
        memory_save_checkpoint(&run_started(pairs[_i].saved)->parts);
    assert_refused(run_make_other(MLPBN_F32, pairs[_i].made), &file, MLPBN_EMISMATCH,
                   pairs[_i].words);
}

TEST(other_samplers_and_states_are_refused)
{
    static const size_t forward[] = {0, 1, 2, 3, 4, 5, 6},
                        swapped[] = {1, 0, 2, 3, 4, 5, 6};
    enum { SIZE = sizeof(mlpbn_sampler_options) };
    static const struct {
        mlpbn_sampler_options options;
        const size_t *index;
        const char *words;
    } others[] = {
        {{SIZE, 4, 1, 0, MLPBN_LAST_BATCH_DROP}, NULL, "sampler|batch|4|3|saved"},
        {{SIZE, 3, 1, 0, MLPBN_LAST_BATCH_KEEP},
         NULL,
         "sampler|rows in an epoch|last_batch|7|6"},
        {{SIZE, 3, 0, 0, MLPBN_LAST_BATCH_DROP}, NULL, "sampler|shuffle|0|1"},
        {{SIZE, 3, 1, 0, MLPBN_LAST_BATCH_DROP}, forward, "index list|saved"},
        {{SIZE, 3, 1, 0, MLPBN_LAST_BATCH_DROP}, swapped, "index list"},
    };
    struct run *run = run_started(ADAM);
    struct memory_file file = memory_save_checkpoint(&run->parts);
    mlpbn_sampler *const original = run->parts.sampler;
    mlpbn_rows rows = run->data.rows;
    for (size_t i = 0; i < LENGTH(others); i++) {
        rows.index = others[i].index;
        rows.n_data = ROWS;
        run->parts.sampler = api_create_sampler(&rows, &others[i].options);
        assert_refused(run, &file, MLPBN_EMISMATCH, others[i].words);
        ck_assert_ptr_null(strstr(mlpbn_last_error(), "network"));
        ck_assert_ptr_null(strstr(mlpbn_strerror(MLPBN_EMISMATCH), "network"));
    }
    rows.index = NULL;
    rows.n = ROWS - 1;
    run->parts.sampler = api_create_sampler(&rows, &others[0].options);
    assert_refused(run, &file, MLPBN_EMISMATCH, "number of rows|6|7");
    run->parts.sampler = original;
    run->parts.state_size = sizeof run->state - 1;
    assert_refused(run, &file, MLPBN_ESHAPE, "state|11|12");
}

/* Puts the value in place of what the header has for the key. */
#define VALUE(key, value) "\"mlpbn." key "\":\"", "\"", "\"mlpbn." key "\":\"" value "\""

/* What is broken in the last of many parts leaves the first as it was. */
TEST(broken_files_change_nothing)
{
    static const struct {
        const char *from, *to, *text, *words;
    } edits[] = {
        {VALUE("optimizer.beta1", "0x1p+0"), "metadata|beta1"},
        {VALUE("optimizer.steps", "-1"), "optimizer.steps|-1"},
        {"\"mlpbn.optimizer.nesterov\":\"0\",", "", "", "optimizer.nesterov|metadata"},
        {VALUE("optimizer.decayed", "64"), "metadata|decay_kinds"},
        {VALUE("sampler.position", "2"), "sampler.position|2"},
        {VALUE("sampler.position", "9"), "sampler.position|9"},
        {"\"mlpbn.standardization.std\":\"", " ",
         "\"mlpbn.standardization.std\":\"0x0p+0 ", "standardization|column 0"},
        {"\"mlpbn.standardization.mean\":\"", " ", "\"mlpbn.standardization.mean\":\"",
         "standardization.mean|5"},
        {VALUE("layer0.batchnorm.as_born", "2"), "as_born|2"},
        {"optimizer.second.1.weight", "", "optimizer.second.9.weight",
         "no tensor optimizer.second.1.weight"},
        {VALUE("kind", "network"), "checkpoint|network"},
    };
    struct run *run = run_started(ADAM);
    for (size_t i = 0; i < LENGTH(edits); i++) {
        struct memory_file file = memory_save_checkpoint(&run->parts);
        run_steps(run, 1);
        memory_drop_checksum(&file);
        memory_edit(&file, edits[i].from, edits[i].to, edits[i].text);
        assert_refused(run, &file, MLPBN_EFORMAT, edits[i].words);
    }
}

TEST(bad_arguments_are_refused)
{
    const struct run *run = run_make(MLPBN_F32, SGD, 71);
    struct memory_file file = memory_save_checkpoint(&run->parts);
    const mlpbn_writer writer = memory_writer(&file);
    const mlpbn_reader reader = memory_reader(&file);
    mlpbn_checkpoint parts = run->parts;
    INVALID("checkpoint|NULL", mlpbn_checkpoint_init(NULL, sizeof parts));
    INVALID("checkpoint|NULL", mlpbn_checkpoint_save(NULL, "x"));
    INVALID("path|NULL", mlpbn_checkpoint_save(&parts, NULL));
    INVALID("checkpoint|NULL", mlpbn_checkpoint_save_to(NULL, &writer));
    INVALID("writer|NULL", mlpbn_checkpoint_save_to(&parts, NULL));
    INVALID("checkpoint|NULL", mlpbn_checkpoint_load(NULL, "x"));
    INVALID("path|NULL", mlpbn_checkpoint_load(&parts, NULL));
    INVALID("checkpoint|NULL", mlpbn_checkpoint_load_from(NULL, &reader));
    INVALID("reader|NULL", mlpbn_checkpoint_load_from(&parts, NULL));
    parts.struct_size = 1;
    INVALID("checkpoint|struct_size", memory_load_checkpoint(&parts, &file));
    parts = run->parts;
    parts.network = NULL;
    INVALID("network|optimizer", memory_load_checkpoint(&parts, &file));
    parts.network = run_make(MLPBN_F32, SGD, 71)->parts.network;
    FAILS(MLPBN_EMISMATCH, "optimizer|another", memory_load_checkpoint(&parts, &file));
    FAILS(MLPBN_EMISMATCH, "optimizer|another",
          mlpbn_checkpoint_save_to(&parts, &writer));
    parts = run->parts;
    parts.state = NULL;
    INVALID("state|12|NULL", mlpbn_checkpoint_save_to(&parts, &writer));
    api_store(api_parameters_in_place(run->parts.network), MLPBN_F32, 0, HUGE_VAL);
    NONFINITE("1.weight|number 0|inf", mlpbn_checkpoint_save_to(&run->parts, &writer));
}
