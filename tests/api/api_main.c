/* Runs all tests of the public API. CK_RUN_SUITE=name runs one suite, CK_FORK=no runs all
 * in one process (valgrind). Under AddressSanitizer ASAN_OPTIONS must have
 * allocator_may_return_null=1: some tests ask for more memory than there can be. */
#include "api_helpers.h"

#if MLPBN_JANSSON
#define BUILD_SUITES(X) API_SUITES(X) API_FILE_SUITES(X)
#else
#define BUILD_SUITES(X) API_SUITES(X) API_NO_FILE_SUITES(X)
#endif

int main(void)
{
    SRunner *runner = srunner_create(NULL);

#define ADD(name) api_add_suite(runner, #name, name##_tests);
    BUILD_SUITES(ADD)
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
