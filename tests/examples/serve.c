/* serve FOLDER: a web server for tests, on a free port of 127.0.0.1, which it prints. It sends
 * the files of one folder, one request at a time, for at most a minute. A file NAME also has
 * these paths:
 *
 *   /half-NAME    sends half of the file and closes the connection
 *   /stall-NAME   sends half of the file and waits until the client closes the connection */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void require(bool ok, const char *what)
{
    if (ok)
        return;
    perror(what);
    exit(1);
}

static int listen_locally(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int server = socket(AF_INET, SOCK_STREAM, 0);
    require(server >= 0, "socket");
    require(bind(server, (struct sockaddr *)&address, size) == 0, "bind");
    require(listen(server, 8) == 0, "listen");
    require(getsockname(server, (struct sockaddr *)&address, &size) == 0, "getsockname");
    printf("%d\n", ntohs(address.sin_port));
    require(fflush(stdout) == 0, "stdout");
    return server;
}

/* Reads up to the empty line that ends a request, and keeps its beginning. */
static void read_request(FILE *client, char *request, int size)
{
    char line[1000];
    require(fgets(request, size, client) != NULL, "request");
    while (fgets(line, sizeof line, client) && strcmp(line, "\r\n") != 0)
        continue;
}

static bool skip(const char **name, const char *prefix)
{
    bool has = strncmp(*name, prefix, strlen(prefix)) == 0;
    *name += has ? strlen(prefix) : 0;
    return has;
}

static void send_file(FILE *from, FILE *to, const char *name)
{
    bool stall = skip(&name, "stall-"), half = skip(&name, "half-");
    struct stat status;
    FILE *file = strchr(name, '/') ? NULL : fopen(name, "rb");
    if (!file || fstat(fileno(file), &status) != 0) {
        fputs("HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n", to);
        return;
    }
    long long length = status.st_size, sent = half || stall ? length / 2 : length;
    fprintf(to, "HTTP/1.0 200 OK\r\nContent-Length: %lld\r\n\r\n", length);
    while (sent-- > 0)
        putc(getc(file), to);
    fclose(file);
    fflush(to);
    if (stall)
        getc(from);
}

static void serve(int connection)
{
    char request[1000], name[1000];
    FILE *from = fdopen(connection, "r"), *to = fdopen(dup(connection), "w");
    require(from && to, "fdopen");
    read_request(from, request, sizeof request);
    if (sscanf(request, "GET /%999s ", name) == 1)
        send_file(from, to, name);
    fclose(to);
    fclose(from);
}

int main(int argc, char **argv)
{
    require(argc == 2 && chdir(argv[1]) == 0, "usage: serve FOLDER");
    signal(SIGPIPE, SIG_IGN);
    alarm(60);
    int server = listen_locally();
    for (;;) {
        int client = accept(server, NULL, NULL);
        require(client >= 0, "accept");
        serve(client);
    }
}
