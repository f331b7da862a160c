#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "json.h"

static bool is_json;
static const struct probe_column *columns;
static size_t column_count;

void probe_use_json(void)
{
    is_json = true;
}

bool probe_is_json(void)
{
    return is_json;
}

static void print_cell(size_t at, const char *text)
{
    if (at + 1 == column_count)
        printf("%s\n", text);
    else
        printf("%-*s ", columns[at].width, text);
}

void probe_table_begin(const char *name, const struct probe_column *wanted, size_t count)
{
    columns = wanted;
    column_count = count;
    if (is_json) {
        json_open_array(name);
        return;
    }
    printf("\n");
    for (size_t i = 0; i < count; i++)
        print_cell(i, wanted[i].title);
}

static void write_cell(const char *key, const char *text)
{
    if (strcmp(text, "yes") == 0 || strcmp(text, "no") == 0)
        json_boolean(key, text[0] == 'y');
    else
        json_text(key, text);
}

void probe_table_row(const char *const *cells)
{
    if (is_json)
        json_open_object(NULL);
    for (size_t i = 0; i < column_count; i++) {
        if (is_json)
            write_cell(columns[i].key, cells[i]);
        else
            print_cell(i, cells[i]);
    }
    if (is_json)
        json_close_object();
}

void probe_table_end(void)
{
    if (is_json)
        json_close_array();
}
