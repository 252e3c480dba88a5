/* Runs all tests of unit or api. CK_RUN_SUITE=name runs one suite, CK_FORK=no runs all in one
 * process (valgrind). Under AddressSanitizer ASAN_OPTIONS must have
 * allocator_may_return_null=1: some tests ask for more memory than there can be. */
#include "suites.h"

#include <stdio.h>
#include <string.h>

enum { SECONDS = 300 }; /* slow under sanitizers on a busy machine */

static struct suite_test *first_test, **next_test = &first_test;

void add_test(struct suite_test *test)
{
    *next_test = test;
    next_test = &test->next;
}

static TCase *add_case(Suite *suite, const char *name, const struct suite_test *first)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, SECONDS);
    tcase_add_checked_fixture(tests, first->set_up, first->tear_down);
    suite_add_tcase(suite, tests);
    return tests;
}

/* A suite of all tests from this one on that are of its file; *test becomes the next one. */
static Suite *suite_of(struct suite_test **test)
{
    struct suite_test *first = *test;
    const char *file = first->test->file, *slash = strrchr(file, '/');
    const char *name = strchr(slash ? slash : file, '_') + 1;
    /* Check copies no names. */
    snprintf(first->suite, sizeof first->suite, "%.*s%s", (int)strcspn(name, "."), name,
             first->suffix);
    Suite *suite = suite_create(first->suite);
    TCase *tests = add_case(suite, first->suite, first);
    TCase *large = add_case(suite, "large", first);
    tcase_set_tags(large, "large");
    for (; *test && strcmp((*test)->test->file, file) == 0; *test = (*test)->next) {
        TCase *own_case = (*test)->is_large ? large : tests;
        if ((*test)->n > 0)
            tcase_add_loop_test(own_case, (*test)->test, 0, (*test)->n);
        else
            tcase_add_test(own_case, (*test)->test);
    }
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    for (struct suite_test *test = first_test; test;)
        srunner_add_suite(runner, suite_of(&test));
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
