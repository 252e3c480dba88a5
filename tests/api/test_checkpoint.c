/* Checkpoints: a run that goes on from one has the bits of a run that was never stopped;
 * what does not fit is refused, and nothing is changed. */
#include "file_helpers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 7, INPUTS = 5, OUTPUTS = 3, BATCH = 3 };

/* One run: 5-4-3 with batchnorm, standardized. */
struct run {
    struct data data;
    mlpbn_workspace *workspace;
    mlpbn_checkpoint parts;
    char state[12];
};

static const mlpbn_optimizer_options optimizers[] = {
    {sizeof(mlpbn_optimizer_options), MLPBN_SGD, 0.0385, 0, 0, .9, .999, .99, 1e-8, .01,
     2, 0},
    {sizeof(mlpbn_optimizer_options), MLPBN_SGD, 0.0385, 0.873, 1, .9, .999, .99, 1e-8,
     .01, 2, 0.61},
    {sizeof(mlpbn_optimizer_options), MLPBN_RMSPROP, 0.0385, 0, 0, .9, .999, .93, 1e-7,
     .01, 2, 0},
    {sizeof(mlpbn_optimizer_options), MLPBN_RMSPROP, 0.0385, 0.61, 0, .9, .999, .93, 1e-7,
     .01, 2, 0},
    {sizeof(mlpbn_optimizer_options), MLPBN_ADAM, 0.0385, 0, 0, .87, .971, .99, 1e-7, .01,
     2, 0},
    {sizeof(mlpbn_optimizer_options), MLPBN_ADAMW, 0.0385, 0, 0, .9, .999, .99, 1e-8,
     .0173, 10, 0},
};

static void run_make(struct run *run, mlpbn_dtype dtype,
                     const mlpbn_optimizer_options *optimizer, uint64_t seed)
{
    const struct recipe recipe = {.dtype = dtype,
                                  .inputs = INPUTS,
                                  .units = {4, OUTPUTS},
                                  .batchnorm = 1,
                                  .dropout = 0.2385,
                                  .statistics_as_born = 1};
    mlpbn_sampler_options sampler;
    OK(mlpbn_checkpoint_init(&run->parts, sizeof run->parts));
    OK(mlpbn_sampler_options_init(&sampler, sizeof sampler));
    data_make(&run->data, MLPBN_F32, ROWS, INPUTS, OUTPUTS, 71);
    run->parts.network = api_network(&recipe);
    OK(mlpbn_network_fit_standardization(run->parts.network, &run->data.rows));
    run->workspace = api_workspace(run->parts.network, BATCH, 1);
    OK(mlpbn_optimizer_create(&run->parts.optimizer, run->parts.network, optimizer));
    sampler.batch = BATCH;
    sampler.seed = seed;
    sampler.last_batch = MLPBN_LAST_BATCH_DROP;
    OK(mlpbn_sampler_create(&run->parts.sampler, &run->data.rows, &sampler));
    memcpy(run->state, "eleven byte", sizeof run->state);
    run->parts.state = run->state;
    run->parts.state_size = sizeof run->state;
}

static void run_free(struct run *run)
{
    mlpbn_sampler_destroy(run->parts.sampler);
    mlpbn_optimizer_destroy(run->parts.optimizer);
    mlpbn_workspace_destroy(run->workspace);
    mlpbn_network_destroy(run->parts.network);
    data_free(&run->data);
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

static struct memory_file save(const mlpbn_checkpoint *parts)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    OK(mlpbn_checkpoint_save_to(parts, &writer));
    return file;
}

static mlpbn_status load(mlpbn_checkpoint *parts, struct memory_file *file)
{
    const mlpbn_reader reader = memory_reader(file);
    return mlpbn_checkpoint_load_from(parts, &reader);
}

/* Another machine's parts: as they were made, with other numbers everywhere. */
static void run_make_other(struct run *run, mlpbn_dtype dtype,
                           const mlpbn_optimizer_options *optimizer)
{
    run_make(run, dtype, optimizer, 99);
    OK(mlpbn_network_set_standardization(run->parts.network, NULL, NULL, 0));
    OK(mlpbn_optimizer_set_learning_rate(run->parts.optimizer, 0.0061));
    run_steps(run, 3);
    memset(run->state, 'x', sizeof run->state);
}

/* Steps before and after the checkpoint; an epoch has two. */
static const int splits[][2] = {{0, 5}, {1, 6}, {2, 3}, {5, 4}};

START_TEST(goes_on_bit_for_bit)
{
    const size_t i = (size_t)_i / 2;
    const mlpbn_dtype dtype = api_dtypes[_i % 2];
    const mlpbn_optimizer_options *optimizer = optimizers + i % LENGTH(optimizers);
    const int *steps = splits[i / LENGTH(optimizers)];
    struct run whole, resumed;
    run_make(&whole, dtype, optimizer, 71);
    run_steps(&whole, steps[0]);
    struct memory_file file = save(&whole.parts);
    run_steps(&whole, steps[1]);

    run_make_other(&resumed, dtype, optimizer);
    OK(load(&resumed.parts, &file));
    ck_assert_uint_eq(resumed.parts.state_size, sizeof resumed.state);
    ck_assert_str_eq(resumed.state, "eleven byte");
    ck_assert(mlpbn_optimizer_learning_rate(resumed.parts.optimizer) == 0.0385);
    struct memory_file again = save(&resumed.parts);
    memory_assert_equal(&file, &again, "checkpoint of a checkpoint");
    run_steps(&resumed, steps[1]);
    api_assert_twins(whole.parts.network, resumed.parts.network, "at the end");
    struct memory_file end = save(&whole.parts), resumed_end = save(&resumed.parts);
    memory_assert_equal(&end, &resumed_end, "the rest of it");
    ck_assert_uint_eq(mlpbn_sampler_epochs(whole.parts.sampler),
                      mlpbn_sampler_epochs(resumed.parts.sampler));
    memory_file_free(&resumed_end);
    memory_file_free(&end);
    memory_file_free(&again);
    memory_file_free(&file);
    run_free(&resumed);
    run_free(&whole);
}
END_TEST

START_TEST(paths_work)
{
    struct run run, other;
    const char *path = temporary_path("run.checkpoint");
    run_make(&run, MLPBN_F64, optimizers + 4, 71);
    OK(mlpbn_checkpoint_save(&run.parts, path));
    run_steps(&run, 3);
    OK(mlpbn_checkpoint_save(&run.parts, path));
    struct memory_file file = save(&run.parts), written = file_read(path);
    memory_assert_equal(&file, &written, "path");
    run_make_other(&other, MLPBN_F64, optimizers + 4);
    OK(mlpbn_checkpoint_load(&other.parts, path));
    api_assert_twins(run.parts.network, other.parts.network, "from a path");
    FAILS(MLPBN_EIO, "none|No such file",
          mlpbn_checkpoint_load(&other.parts, temporary_path("none")));
    FAILS(MLPBN_EIO, "No such file",
          mlpbn_checkpoint_save(&other.parts, temporary_path("none/x")));
    memory_file_free(&written);
    memory_file_free(&file);
    run_free(&other);
    run_free(&run);
}
END_TEST

/* Each part alone, and parts that are passed over. */
START_TEST(parts_are_optional)
{
    struct run run, other;
    run_make(&run, MLPBN_F32, optimizers + 1, 71);
    run_steps(&run, 3);
    struct memory_file whole = save(&run.parts);
    run_make_other(&other, MLPBN_F32, optimizers + 1);
    const mlpbn_checkpoint all = run.parts, theirs = other.parts;
    static const char *const lost[] = {"network", "optimizer", "sampler", "state"};
    for (int part = 0; part < 4; part++) {
        mlpbn_checkpoint few = all, rest = theirs;
        few.network = part == 0 ? NULL : few.network;
        few.optimizer = part <= 1 ? NULL : few.optimizer;
        few.sampler = part == 2 ? NULL : few.sampler;
        few.state = part == 3 ? NULL : few.state;
        few.state_size = part == 3 ? 0 : few.state_size;
        struct memory_file file = save(&few);
        rest.optimizer = part == 0 ? NULL : rest.optimizer;
        FAILS(MLPBN_EMISMATCH, lost[part], load(&rest, &file));
        rest = few;
        OK(load(&rest, &whole));
        OK(load(&rest, &file));
        memory_file_free(&file);
    }
    mlpbn_checkpoint nothing;
    OK(mlpbn_checkpoint_init(&nothing, sizeof nothing));
    struct memory_file empty = save(&nothing);
    OK(load(&nothing, &empty));
    memory_file_free(&empty);
    memory_file_free(&whole);
    run_free(&other);
    run_free(&run);
}
END_TEST

/* The file was made with these; the run that shall load it with others. */
static void assert_refused(struct run *run, struct memory_file *file, mlpbn_status status,
                           const char *words)
{
    struct memory_file before = save(&run->parts);
    FAILS(status, words, load(&run->parts, file));
    struct memory_file after = save(&run->parts);
    memory_assert_equal(&before, &after, "after a load that failed");
    memory_file_free(&after);
    memory_file_free(&before);
}

START_TEST(other_networks_are_refused)
{
    static const struct {
        struct recipe recipe;
        const char *words;
    } others[] = {
        {{.dtype = MLPBN_F64,
          .inputs = 5,
          .units = {4, 3},
          .dropout = 0.2385,
          .batchnorm = 1},
         "mlpbn.dtype|F64|F32"},
        {{.dtype = MLPBN_F32,
          .inputs = 6,
          .units = {4, 3},
          .dropout = 0.2385,
          .batchnorm = 1},
         "mlpbn.inputs|6|5"},
        {{.dtype = MLPBN_F32,
          .inputs = 5,
          .units = {4, 2},
          .dropout = 0.2385,
          .batchnorm = 1},
         "layer1.units|2|3"},
        {{.dtype = MLPBN_F32, .inputs = 5, .units = {4, 3}, .dropout = 0.2385},
         "layer0.batchnorm|0|1"},
        {{.dtype = MLPBN_F32,
          .inputs = 5,
          .units = {4, 3},
          .dropout = 0.2385,
          .batchnorm = 1,
          .hidden = MLPBN_ELU},
         "layer0.activation|elu|relu"},
        {{.dtype = MLPBN_F32, .inputs = 5, .units = {3}, .batchnorm = 1},
         "mlpbn.layers|1|2"},
    };
    struct run run;
    run_make(&run, MLPBN_F32, optimizers, 71);
    struct memory_file file = save(&run.parts);
    for (size_t i = 0; i < LENGTH(others); i++) {
        mlpbn_checkpoint parts;
        OK(mlpbn_checkpoint_init(&parts, sizeof parts));
        parts.network = api_network(&others[i].recipe);
        struct snapshot before = snapshot_take(parts.network);
        FAILS(MLPBN_EMISMATCH, others[i].words, load(&parts, &file));
        snapshot_assert(&before, parts.network, "other network");
        snapshot_free(&before);
        mlpbn_network_destroy(parts.network);
    }
    memory_file_free(&file);
    run_free(&run);
}
END_TEST

START_TEST(other_parts_are_refused)
{
    static const struct {
        size_t saved, made;
        const char *words;
    } pairs[] = {
        {0, 4, "method|adam|sgd"}, {0, 1, "momentum|0.873"}, {3, 2, "momentum|0.61"}};
    struct run run, other;
    for (size_t i = 0; i < LENGTH(pairs); i++) {
        run_make(&run, MLPBN_F32, optimizers + pairs[i].saved, 71);
        run_steps(&run, 3);
        struct memory_file file = save(&run.parts);
        run_make_other(&other, MLPBN_F32, optimizers + pairs[i].made);
        assert_refused(&other, &file, MLPBN_EMISMATCH, pairs[i].words);
        memory_file_free(&file);
        run_free(&other);
        run_free(&run);
    }
}
END_TEST

START_TEST(other_samplers_and_states_are_refused)
{
    static const size_t forward[] = {0, 1, 2, 3, 4, 5, 6},
                        swapped[] = {1, 0, 2, 3, 4, 5, 6};
    struct run run;
    mlpbn_sampler_options options;
    run_make(&run, MLPBN_F32, optimizers + 4, 71);
    run_steps(&run, 3);
    struct memory_file file = save(&run.parts);
    mlpbn_sampler *const original = run.parts.sampler;
    OK(mlpbn_sampler_options_init(&options, sizeof options));
    for (int i = 0; i < 5; i++) {
        static const char *const words[] = {"batches of 3, shuffle 1|4", "7 of 7",
                                            "shuffle 1, got|0", "index list",
                                            "index list"};
        mlpbn_rows rows = run.data.rows;
        options.batch = i == 0 ? 4 : 3;
        options.last_batch = i == 1 ? MLPBN_LAST_BATCH_KEEP : MLPBN_LAST_BATCH_DROP;
        options.shuffle = i != 2;
        rows.index = i == 3 ? forward : i == 4 ? swapped : NULL;
        rows.n_data = ROWS;
        run.parts.sampler = NULL;
        OK(mlpbn_sampler_create(&run.parts.sampler, &rows, &options));
        assert_refused(&run, &file, MLPBN_EMISMATCH,
                       i == 0   ? "sampler|4"
                       : i == 2 ? "sampler|shuffle"
                                : words[i]);
        mlpbn_sampler_destroy(run.parts.sampler);
    }
    run.parts.sampler = original;
    run.parts.state_size = sizeof run.state - 1;
    assert_refused(&run, &file, MLPBN_ESHAPE, "state|11|12");
    memory_file_free(&file);
    run_free(&run);
}
END_TEST

/* What is broken in the last of many parts leaves the first as it was. */
START_TEST(broken_files_change_nothing)
{
    static const struct {
        const char *from, *to, *text, *words;
    } edits[] = {
        {"\"mlpbn.optimizer.beta1\":\"", "\"", "\"mlpbn.optimizer.beta1\":\"0x1p+0\"",
         "metadata|beta1"},
        {"\"mlpbn.optimizer.steps\":\"", "\"", "\"mlpbn.optimizer.steps\":\"-1\"",
         "optimizer.steps|-1"},
        {"\"mlpbn.optimizer.nesterov\":\"0\",", "", "", "optimizer.nesterov|metadata"},
        {"\"mlpbn.optimizer.decayed\":\"", "\"", "\"mlpbn.optimizer.decayed\":\"64\"",
         "metadata|decay_kinds"},
        {"\"mlpbn.sampler.position\":\"", "\"", "\"mlpbn.sampler.position\":\"2\"",
         "sampler.position|2"},
        {"\"mlpbn.sampler.position\":\"", "\"", "\"mlpbn.sampler.position\":\"9\"",
         "sampler.position|9"},
        {"\"mlpbn.standardization.std\":\"", " ",
         "\"mlpbn.standardization.std\":\"0x0p+0 ", "standardization|column 0"},
        {"\"mlpbn.standardization.mean\":\"", " ", "\"mlpbn.standardization.mean\":\"",
         "standardization.mean|5"},
        {"\"mlpbn.layer0.batchnorm.as_born\":\"", "\"",
         "\"mlpbn.layer0.batchnorm.as_born\":\"2\"", "as_born|2"},
        {"optimizer.second.1.weight", "", "optimizer.second.9.weight",
         "no tensor optimizer.second.1.weight"},
        {"\"mlpbn.kind\":\"checkpoint\"", "", "\"mlpbn.kind\":\"network\"",
         "checkpoint|network"},
    };
    struct run run;
    run_make(&run, MLPBN_F32, optimizers + 4, 71);
    run_steps(&run, 3);
    for (size_t i = 0; i < LENGTH(edits); i++) {
        struct memory_file file = save(&run.parts);
        run_steps(&run, 1);
        memory_edit(&file, edits[i].from, edits[i].to, edits[i].text);
        assert_refused(&run, &file, MLPBN_EFORMAT, edits[i].words);
        memory_file_free(&file);
    }
    run_free(&run);
}
END_TEST

START_TEST(arguments_are_checked)
{
    struct run run, other;
    mlpbn_checkpoint parts;
    run_make(&run, MLPBN_F32, optimizers, 71);
    run_make(&other, MLPBN_F32, optimizers, 71);
    struct memory_file file = save(&run.parts);
    const mlpbn_writer writer = memory_writer(&file);
    const mlpbn_reader reader = memory_reader(&file);

    FAILS(MLPBN_EINVAL, "checkpoint|NULL", mlpbn_checkpoint_init(NULL, sizeof parts));
    FAILS(MLPBN_EINVAL, "checkpoint|NULL", mlpbn_checkpoint_save(NULL, "x"));
    FAILS(MLPBN_EINVAL, "path|NULL", mlpbn_checkpoint_save(&run.parts, NULL));
    FAILS(MLPBN_EINVAL, "checkpoint|NULL", mlpbn_checkpoint_save_to(NULL, &writer));
    FAILS(MLPBN_EINVAL, "writer|NULL", mlpbn_checkpoint_save_to(&run.parts, NULL));
    FAILS(MLPBN_EINVAL, "checkpoint|NULL", mlpbn_checkpoint_load(NULL, "x"));
    FAILS(MLPBN_EINVAL, "path|NULL", mlpbn_checkpoint_load(&run.parts, NULL));
    FAILS(MLPBN_EINVAL, "checkpoint|NULL", mlpbn_checkpoint_load_from(NULL, &reader));
    FAILS(MLPBN_EINVAL, "reader|NULL", mlpbn_checkpoint_load_from(&run.parts, NULL));
    parts = run.parts;
    parts.struct_size = 1;
    FAILS(MLPBN_EINVAL, "checkpoint|struct_size", load(&parts, &file));
    parts = run.parts;
    parts.network = NULL;
    FAILS(MLPBN_EINVAL, "network|optimizer", load(&parts, &file));
    parts.network = other.parts.network;
    FAILS(MLPBN_EMISMATCH, "optimizer|another", load(&parts, &file));
    FAILS(MLPBN_EMISMATCH, "optimizer|another",
          mlpbn_checkpoint_save_to(&parts, &writer));
    parts = run.parts;
    parts.state = NULL;
    FAILS(MLPBN_EINVAL, "state|12|NULL", mlpbn_checkpoint_save_to(&parts, &writer));
    float *parameters;
    size_t n;
    OK(mlpbn_network_parameters_f32(&parameters, &n, run.parts.network));
    parameters[0] = (float)INFINITY;
    FAILS(MLPBN_ENONFINITE, "1.weight|number 0|inf",
          mlpbn_checkpoint_save_to(&run.parts, &writer));
    memory_file_free(&file);
    run_free(&other);
    run_free(&run);
}
END_TEST

Suite *checkpoint_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("checkpoint", &tests);
    tcase_add_checked_fixture(tests, NULL, remove_temporary_folder);
    tcase_add_loop_test(tests, goes_on_bit_for_bit, 0,
                        2 * LENGTH(optimizers) * LENGTH(splits));
    tcase_add_test(tests, paths_work);
    tcase_add_test(tests, parts_are_optional);
    tcase_add_test(tests, other_networks_are_refused);
    tcase_add_test(tests, other_parts_are_refused);
    tcase_add_test(tests, other_samplers_and_states_are_refused);
    tcase_add_test(tests, broken_files_change_nothing);
    tcase_add_test(tests, arguments_are_checked);
    return suite;
}
