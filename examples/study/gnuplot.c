/* Runs gnuplot, which writes to an open file, without a shell: so the file's name may have any
 * characters. */
#include "gnuplot.h"

#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ECHILD;
}

/* Connects standard input to the script and standard output to the picture. Messages are
 * dropped: gnuplot prints pages about a missing terminal or font. */
static int redirect(posix_spawn_file_actions_t *actions, int script, int output)
{
    int error = posix_spawn_file_actions_adddup2(actions, script, STDIN_FILENO);
    if (!error)
        error = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
    if (!error)
        error = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null",
                                                 O_WRONLY, 0);
    return error;
}

/* Runs gnuplot on a script. Returns 0 or an errno, ENOENT if there is no gnuplot. */
static int run_gnuplot(FILE *script, int output)
{
    char name[] = "gnuplot", defaults[] = "-d", *arguments[] = {name, defaults, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    rewind(script);
    error = redirect(&actions, fileno(script), output);
    if (!error)
        error = posix_spawnp(&child, name, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error ? error : wait_for(child);
}

/* Writes terminal and size. plot's size is that of an SVG; a PNG has 1.5 times as many pixels. */
static void print_terminal(FILE *script, const gnuplot *plot)
{
    const char *path = plot->path;
    fputs("set encoding utf8\n", script);
    if (strcmp(path + strlen(path) - 4, ".svg") == 0)
        fprintf(script,
                "set terminal svg size %d,%d dynamic noenhanced font 'sans-serif,14' "
                "background 'white' linewidth 1.5\n",
                plot->width, plot->height);
    else
        fprintf(script,
                "set terminal pngcairo size %d,%d noenhanced font 'sans-serif,14' "
                "fontscale 1.4 linewidth 2.2\n",
                plot->width * 3 / 2, plot->height * 3 / 2);
}

FILE *gnuplot_begin(const gnuplot *plot)
{
    FILE *script = tmpfile();
    if (!script)
        fatal("plot %s: temporary file: %s", plot->path, strerror(errno));
    print_terminal(script, plot);
    return script;
}

static void check(const gnuplot *plot)
{
    FILE *script = gnuplot_begin(plot);
    int null = open("/dev/null", O_WRONLY);
    int error = null < 0 ? errno : run_gnuplot(script, null);
    fclose(script);
    close(null);
    if (error == ENOENT)
        fatal("plot %s: needs gnuplot, which is not installed", plot->path);
    if (error)
        fatal("plot %s: gnuplot does not run, or cannot write this format", plot->path);
}

gnuplot gnuplot_open(const char *path, int width, int height)
{
    gnuplot plot = {path, NULL, width, height};
    if (!path)
        return plot;
    check(&plot);
    plot.file = fopen(path, "ab"); /* "wb" would empty it at once */
    if (!plot.file)
        fatal("plot %s: %s", path, strerror(errno));
    return plot;
}

void gnuplot_style(FILE *script)
{
    fputs("set border 3 linecolor '#606060'\n"
          "set tics nomirror out scale 0.5 textcolor 'black'\n"
          "set grid ytics linetype 1 linecolor '#e4e4e4' linewidth 0.5\n",
          script);
}

void gnuplot_log_axis(FILE *script, const char *label)
{
    fprintf(script,
            "set termoption enhanced\n"
            "set logscale x\n"
            "set format x '10^{%%T}'\n"
            "set xlabel '%s'\n",
            label);
}

void gnuplot_end(gnuplot *plot, FILE *script)
{
    struct stat status;
    if (fflush(script) != 0 || ftruncate(fileno(plot->file), 0) != 0)
        fatal("plot %s: %s", plot->path, strerror(errno));
    if (run_gnuplot(script, fileno(plot->file)) != 0 ||
        fstat(fileno(plot->file), &status) != 0 || status.st_size == 0)
        fatal("plot %s: gnuplot failed", plot->path);
    fclose(script);
    fclose(plot->file);
    plot->file = NULL;
}
