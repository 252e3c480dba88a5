/* mlpbn_version, mlpbn_strerror, mlpbn_last_error. */
#include "api_helpers.h"

#include <pthread.h>

TEST(version_is_the_headers)
{
    char expected[40];
    snprintf(expected, sizeof expected, "%d.%d.%d", MLPBN_VERSION_MAJOR,
             MLPBN_VERSION_MINOR, MLPBN_VERSION_PATCH);
    ck_assert_str_eq(mlpbn_version(), expected);
    ck_assert_ptr_eq(mlpbn_version(), mlpbn_version()); /* static storage */
}

TEST(every_status_has_a_text_of_its_own)
{
    for (int i = 0; i <= 16; i++) { /* the last one stands for those that there are not */
        const char *text = mlpbn_strerror((mlpbn_status)(i < 16 ? i : 99));
        ck_assert_ptr_nonnull(text);
        ck_assert_msg(text[0] && !strchr(text, '\n'), "status %d: \"%s\"", i, text);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(text, mlpbn_strerror((mlpbn_status)j));
    }
}

struct errors {
    char at_first[8];
    char after_failure[500];
    mlpbn_status status;
};

static void *fail_elsewhere(void *argument)
{
    struct errors *errors = argument;
    snprintf(errors->at_first, sizeof errors->at_first, "%s", mlpbn_last_error());
    errors->status = mlpbn_metrics_init(NULL, sizeof(mlpbn_metrics));
    snprintf(errors->after_failure, sizeof errors->after_failure, "%s",
             mlpbn_last_error());
    return NULL;
}

/* It survives calls that succeed. */
TEST(last_error_belongs_to_its_thread)
{
    mlpbn_metrics metrics;
    struct errors errors;
    pthread_t thread;
    char before[500];
    INVALID("rows|NULL", mlpbn_rows_init(NULL, sizeof(mlpbn_rows)));
    snprintf(before, sizeof before, "%s", mlpbn_last_error());
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, &errors), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);

    ck_assert_str_eq(errors.at_first, "");
    ck_assert_int_eq(errors.status, MLPBN_EINVAL);
    ck_assert(api_mentions(errors.after_failure, "metrics"));
    ck_assert_str_eq(mlpbn_last_error(), before);
    OK(mlpbn_metrics_init(&metrics, sizeof metrics));
    ck_assert_str_eq(mlpbn_last_error(), before);
    INVALID("metrics|NULL", mlpbn_metrics_init(NULL, sizeof metrics));
    ck_assert_str_ne(mlpbn_last_error(), before);
}

/* Whatever a path holds. What is above 127 may be UTF-8, and stays. */
TEST(last_error_is_one_line)
{
    mlpbn_network *network = setup_default(MLPBN_F32).network, *loaded = NULL;
    char shown[] = "/nowhere/? \xc3\xa9/net";
    for (int c = 1; c < 128; c++) {
        char path[] = "/nowhere/? \xc3\xa9/net";
        const int is_control = c < ' ' || c == 127;
        path[9] = (char)c;
        shown[9] = (char)(is_control ? '?' : c);
        FAILS(MLPBN_EIO, shown, mlpbn_import_onnx(&loaded, path));
        FAILS(MLPBN_EIO, shown, mlpbn_export_onnx(network, path, NULL));
        FAILS(MLPBN_EIO, shown, mlpbn_export_c(network, path, NULL));
    }
}
