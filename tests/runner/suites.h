/* How the tests of unit and api are declared: each by one macro, from which the runner makes
 * a suite for each file. Programs of both have their main in suites.c. */
#ifndef SUITES_H
#define SUITES_H

#include <check.h>
#include <stdlib.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* For tests that have no OK of api_helpers.h. */
#define SUCCEEDS(call) ck_assert_int_eq((call), MLPBN_OK)

/* Sanitizers, which take address space by the terabyte; the one for threads ends a forked
 * child that starts any. clang tells by __has_feature only. */
#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
#define HAS_ASAN 1
#else
#define HAS_ASAN 0
#endif
#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define HAS_TSAN 1
#else
#define HAS_TSAN 0
#endif

/* Whether an emulator of another processor runs the program: the one of QEMU has no seccomp, no
 * limit of address space, and no threads in a child of a process that has threads. */
#define IS_EMULATED (getenv("MLPBN_TEST_EMULATED") != NULL)

/* TEST(name) { ... } defines a test and adds it to the suite that is named as its file,
 * without test_ or typed_. Loop tests run for _i from 0 to n - 1. A LARGE_TEST runs the same
 * code so often that valgrind and the thread sanitizer leave it out. */
#define TEST(name) ADD_TEST(name, 0, 0)
#define LOOP_TEST(name, n) ADD_TEST(name, n, 0)
#define LARGE_TEST(name, n) ADD_TEST(name, n, 1)

/* A file may define these first: what runs before and after each test, and what is added to
 * the name of the suite. */
#ifndef SET_UP
#define SET_UP NULL
#endif
#ifndef TEAR_DOWN
#define TEAR_DOWN NULL
#endif
#ifndef SUITE_SUFFIX
#define SUITE_SUFFIX ""
#endif

struct suite_test {
    const TTest *test;
    int n, is_large;
    const char *suffix;
    void (*set_up)(void), (*tear_down)(void);
    struct suite_test *next;
    char suite[40]; /* the name, in the first test of a suite */
};

#define ADD_TEST(name, loops, is_large)                                                  \
    static const TTest *name;                                                            \
    __attribute__((constructor)) static void name##_add(void)                            \
    {                                                                                    \
        static struct suite_test entry = {NULL,   (int)(loops), is_large, SUITE_SUFFIX,  \
                                          SET_UP, TEAR_DOWN,    NULL,     ""};           \
        entry.test = name;                                                               \
        add_test(&entry);                                                                \
    }                                                                                    \
    START_TEST(name)

/* Adds the test to the list. It is the only thing done before main. */
void add_test(struct suite_test *test);

#endif
