/* Reads files of numbers between commas; see csv.h. */
#include "csv.h"

#include "fatal.h"

bool csv_read_line(FILE *file, const char *path, size_t line, double *x, size_t n)
{
    char separator = ',';
    int c;
    while ((c = getc(file)) == ' ' || c == '\r')
        ;
    if (c == EOF && !ferror(file))
        return false;
    ungetc(c, file);
    for (size_t j = 0; j < n; j++)
        if (separator != ',' || fscanf(file, "%lf%*[ \r]", x + j) != 1 ||
            ((separator = (char)getc(file)) != ',' && j + 1 < n))
            fatal("%s, line %zu: expected %zu numbers between commas", path, line, n);
    if (separator != '\n' && !feof(file))
        fatal("%s, line %zu: expected %zu numbers, got more", path, line, n);
    return true;
}
