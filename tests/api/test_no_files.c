/* A library without jansson says so, before it touches a file. */
#include "file_helpers.h"

START_TEST(files_are_unsupported)
{
    struct world world;
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    const mlpbn_reader reader = memory_reader(&file);
    mlpbn_network *loaded = api_untouched();
    mlpbn_checkpoint parts;
    const char *path = temporary_path("x");

    world_make(&world, MLPBN_F32);
    OK(mlpbn_checkpoint_init(&parts, sizeof parts));
    parts.network = world.network;
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_save(world.network, path));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_save_to(world.network, &writer));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_load(&loaded, path, NULL));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_load_from(&loaded, &reader, NULL));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_save(&parts, path));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_save_to(&parts, &writer));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_load(&parts, path));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_load_from(&parts, &reader));
    ck_assert(!file_exists(path) && !file_exists(temporary_path("x.tmp")));
    ck_assert_ptr_eq(loaded, api_untouched());
    world_free(&world);
}
END_TEST

Suite *no_files_suite(void)
{
    TCase *tests;
    Suite *suite = api_suite("no_files", &tests);
    tcase_add_checked_fixture(tests, NULL, remove_temporary_folder);
    tcase_add_test(tests, files_are_unsupported);
    return suite;
}
