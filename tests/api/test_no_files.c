/* A library without jansson says so, before it touches a file. */
#include "file_helpers.h"

#if !MLPBN_JANSSON
TEST(files_are_unsupported)
{
    struct memory_file file = memory_file_new();
    const mlpbn_writer writer = memory_writer(&file);
    const mlpbn_reader reader = memory_reader(&file);
    mlpbn_network *loaded = api_untouched();
    const char *path = temporary_path("x");
    mlpbn_network *network = setup_default(MLPBN_F32).network;
    mlpbn_checkpoint parts = {sizeof parts, network, NULL, NULL, NULL, 0};
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_save(network, path));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_save_to(network, &writer));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_load(&loaded, path, NULL));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_network_load_from(&loaded, &reader, NULL));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_save(&parts, path));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_save_to(&parts, &writer));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_load(&parts, path));
    FAILS(MLPBN_EUNSUPPORTED, "jansson", mlpbn_checkpoint_load_from(&parts, &reader));
    ck_assert(!file_exists(path) && !file_exists(temporary_path("x.tmp")));
    ck_assert_ptr_eq(loaded, api_untouched());
}
#endif
