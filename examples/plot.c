/* Curves through gnuplot. It writes to a file that is open already and no shell comes in
 * between, so the file's name may hold anything. */
#include "plot.h"

#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FEW = 3 };

extern char **environ;

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ECHILD;
}

/* Script in, picture out, and no words: what gnuplot says about a missing terminal or
 * font fills pages. */
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

/* Runs gnuplot on a script. 0: fine; else an errno, ENOENT if there is no gnuplot. */
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

static void print_terminal(FILE *script, const char *path)
{
    bool svg = strcmp(path + strlen(path) - 4, ".svg") == 0;
    fputs("set encoding utf8\n", script);
    fputs(svg ? "set terminal svg size 1200,400 dynamic noenhanced font 'sans-serif,14' "
                "background 'white' linewidth 1.5\n"
              : "set terminal pngcairo size 1800,600 noenhanced font 'sans-serif,14' "
                "fontscale 1.4 linewidth 2.2\n",
          script);
}

static FILE *begin_script(const char *path)
{
    FILE *script = tmpfile();
    if (!script)
        fatal("plot %s: temporary file: %s", path, strerror(errno));
    print_terminal(script, path);
    return script;
}

static void check_gnuplot(const char *path)
{
    FILE *script = begin_script(path);
    int null = open("/dev/null", O_WRONLY);
    int error = null < 0 ? errno : run_gnuplot(script, null);
    fclose(script);
    close(null);
    if (error == ENOENT)
        fatal("plot %s: needs gnuplot, which is not installed", path);
    if (error)
        fatal("plot %s: gnuplot does not run, or cannot write this format", path);
}

curve_plot plot_open(const char *path)
{
    curve_plot plot = {path, NULL};
    if (!path)
        return plot;
    check_gnuplot(path);
    plot.file = fopen(path, "ab"); /* unlike "wb" it spares what is there */
    if (!plot.file)
        fatal("plot %s: %s", path, strerror(errno));
    return plot;
}

/* A block for each run, two empty lines between them: gnuplot's "index". */
static void print_points(FILE *script, const curve_list *curves)
{
    fputs("$curves << END\n", script);
    for (size_t i = 0; i < curves->n; i++) {
        const curve_point *p = &curves->points[i];
        if (i > 0 && p->run != p[-1].run)
            fputs("\n\n", script);
        fprintf(script, "%g %g %g %g %g %g %g\n", p->epoch, p->train.cost,
                p->validation.cost, p->train.loss, p->validation.loss,
                100 * p->train.accuracy, 100 * p->validation.accuracy);
    }
    fputs("END\n", script);
}

static void print_panel(FILE *script, const char *title, int column, uint64_t runs,
                        const char *style)
{
    fprintf(script,
            "set title '%s'\n"
            "plot for [r = 0:%" PRIu64 "] $curves index r using 1:%d with %s "
            "linecolor '#0072b2' title r ? '' : 'training', "
            "for [r = 0:%" PRIu64 "] $curves index r using 1:%d with %s "
            "linecolor '#d55e00' title r ? '' : 'validation'\n",
            title, runs - 1, column, style, runs - 1, column + 1, style);
}

static void print_plot(FILE *script, const curve_list *curves, const char *title)
{
    const curve_point *last = &curves->points[curves->n - 1];
    /* Lines through a few points hide where these are, and how few. */
    const char *style =
        curves->n <= FEW * last->run ? "linespoints pointtype 7" : "lines";
    print_points(script, curves);
    fprintf(script,
            "set multiplot layout 1,3\n"
            "set tmargin 5\n"
            "set label '%s' at screen 0.02,0.945\n"
            "set border 3 linecolor '#606060'\n"
            "set tics nomirror out scale 0.5 textcolor 'black'\n"
            "set grid ytics linetype 1 linecolor '#e4e4e4' linewidth 0.5\n"
            "set xlabel 'epoch'\n"
            "set xrange [0:*] noextend\n"
            "set yrange [0:*]\n"
            "set key at screen 0.985,0.97 right horizontal samplen 2\n",
            title);
    if (last->epoch < 10)
        fputs("set xtics 1\n", script); /* gnuplot's own choice is half epochs */
    print_panel(script, "Cost: loss + λ Σ W²", 2, last->run, style);
    fputs("unset key\nunset label\n", script);
    print_panel(script, "Loss: cross-entropy in nats", 4, last->run, style);
    print_panel(script, "Accuracy in %", 6, last->run, style);
    fputs("unset multiplot\n", script);
}

void plot_draw(curve_plot *plot, const curve_list *curves, const char *title)
{
    struct stat status;
    if (!plot->file)
        return;
    FILE *script = begin_script(plot->path);
    print_plot(script, curves, title);
    if (fflush(script) != 0 || ftruncate(fileno(plot->file), 0) != 0)
        fatal("plot %s: %s", plot->path, strerror(errno));
    if (run_gnuplot(script, fileno(plot->file)) != 0 ||
        fstat(fileno(plot->file), &status) != 0 || status.st_size == 0)
        fatal("plot %s: gnuplot failed", plot->path);
    fclose(script);
    fclose(plot->file);
    plot->file = NULL;
}
