/* Classifies CIFAR-10 by several networks together. It is linked from this file and others
 * here that have no main(). */
#include "fatal.h"
#include "views.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { VALIDATION_ROWS = 5000, BATCH = 1000, SETS = 2, CLASSES = CIFAR_CLASSES };

static const char usage[] =
    "Usage: cifar_vote DIR MODEL...\n"
    "Classifies the validation pictures (the last 5,000 for training) and the test\n"
    "pictures of the CIFAR-10 binary files in DIR by the mean probability that several\n"
    "networks, saved by cifar_train --save, give a class, each for 50 views of a "
    "picture:\n"
    "it and its mirror image, moved by up to two pixels. Networks that differ by no "
    "more\n"
    "than their seeds make different mistakes: together they make fewer. Prints the\n"
    "accuracy of each and of all.\n"
    "\n"
    "Exit status: 0; 1 if something cannot be read or does not fit; 2 for a mistake on\n"
    "the command line.\n";

static double *new_probabilities(size_t rows)
{
    double *made = calloc(rows, CLASSES * sizeof *made);
    if (!made)
        fatal("no memory for %zu rows", rows);
    return made;
}

static mlpbn_network *load(const char *path)
{
    mlpbn_network *network = NULL;
    require(mlpbn_network_load(&network, path, NULL), "model");
    if (shrink_factor(mlpbn_network_inputs(network)) == 0 ||
        mlpbn_network_outputs(network) != CLASSES)
        fatal("%s: not a network of cifar_train: it has %zu inputs and %zu outputs", path,
              mlpbn_network_inputs(network), mlpbn_network_outputs(network));
    return network;
}

static void print_accuracies(const char *who, const double accuracies[SETS])
{
    if (printf("%s val=%.4f test=%.4f\n", who, accuracies[0], accuracies[1]) < 0 ||
        fflush(stdout) != 0)
        fatal("standard output: %s", strerror(errno));
}

/* Adds the network's probabilities to the sums, and prints how it does alone. */
static void vote(const char *path, const mlpbn_rows sets[SETS], double *sums[SETS])
{
    double accuracies[SETS];
    mlpbn_network *network = load(path);
    mlpbn_workspace *workspace = NULL;
    mlpbn_workspace_options options = MLPBN_WORKSPACE_OPTIONS_INIT;
    options.mode = MLPBN_PREDICT;
    options.max_batch = BATCH;
    options.threads = 0;
    require(mlpbn_workspace_create(&workspace, network, &options), "workspace");
    for (int s = 0; s < SETS; s++) {
        double *own = new_probabilities(sets[s].n);
        views_probabilities(own, network, workspace, sets + s, BATCH);
        accuracies[s] = views_correct(own, sets + s);
        for (size_t i = 0; i < sets[s].n * CLASSES; i++)
            sums[s][i] += own[i];
        free(own);
    }
    print_accuracies(path, accuracies);
    mlpbn_workspace_destroy(workspace);
    mlpbn_network_destroy(network);
}

static void vote_all(int n, char **paths, const mlpbn_rows sets[SETS])
{
    double *sums[SETS], accuracies[SETS];
    bool shows = isatty(STDERR_FILENO);
    for (int s = 0; s < SETS; s++)
        sums[s] = new_probabilities(sets[s].n);
    for (int i = 0; i < n; i++) {
        if (shows)
            fprintf(stderr, "network %d of %d ...\r", i + 1, n);
        vote(paths[i], sets, sums);
    }
    for (int s = 0; s < SETS; s++) {
        accuracies[s] = views_correct(sums[s], sets + s);
        free(sums[s]);
    }
    print_accuracies("vote", accuracies);
}

int main(int argc, char **argv)
{
    program_name = "cifar_vote";
    cifar_data data;
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    if (argc < 3 || argv[1][0] == '-')
        usage_error("expected a folder and models");
    for (int i = 2; i < argc; i++) /* before time is spent */
        mlpbn_network_destroy(load(argv[i]));
    if (!cifar_load(&data, argv[1], VALIDATION_ROWS))
        fatal("%s", data.error);
    const mlpbn_rows sets[SETS] = {data.validation, data.test};
    vote_all(argc - 2, argv + 2, sets);
    cifar_free(&data);
    return 0;
}
