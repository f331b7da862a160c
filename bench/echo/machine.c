#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "../measure.h"

static void print_fact(const char *name, const char *text)
{
    printf("fact\t%s\t%s\n", name, text);
}

/* The first line of a file that begins with `key` and has a colon, from behind it; without a key
 * the first line. */
static void print_line_of(const char *name, const char *path, const char *key)
{
    char line[256];
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        const char *value = *key ? strchr(line, ':') : line;
        if (value)
            print_fact(name, *key ? value + 1 + strspn(value + 1, " \t") : value);
        break;
    }
    if (file)
        (void)fclose(file);
}

static void print_date(void)
{
    char text[32];
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) && strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts) > 0)
        print_fact("date", text);
}

bool machine_print(void)
{
    struct utsname system;
    char text[sizeof system.sysname + sizeof system.release + sizeof system.machine + 3];
    print_date();
    if (uname(&system) != 0)
        return false;
    (void)snprintf(text, sizeof text, "%s %s %s", system.sysname, system.release, system.machine);
    print_fact("kernel", text);
    print_line_of("processor", "/proc/cpuinfo", "model name");
    (void)snprintf(text, sizeof text, "%ld", sysconf(_SC_NPROCESSORS_ONLN));
    print_fact("processors", text);
    (void)measure_pin(measure_core(0));
    (void)snprintf(text, sizeof text, "%.0f ns", measure_null_call_ns());
    print_fact("a system call that does nothing", text);
    print_line_of("load of the machine before (1, 5, 15 minutes)", "/proc/loadavg", "");
    return fflush(stdout) == 0;
}
