#include "hex.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "output.h"

enum { ROW = 16, LINE_SIZE = 128 };

static size_t write_line(char *line, char direction, uint64_t offset, const uint8_t *bytes,
                         size_t size)
{
    int at = snprintf(line, LINE_SIZE, "%c %08" PRIx64 " ", direction, offset);
    for (size_t i = 0; i < ROW; i++) {
        if (i % 8 == 0)
            line[at++] = ' ';
        at += i < size ? snprintf(line + at, 4, "%02x ", bytes[i]) : snprintf(line + at, 4, "   ");
    }
    line[at++] = ' ';
    for (size_t i = 0; i < size; i++)
        line[at++] = bytes[i] >= ' ' && bytes[i] < 127 ? (char)bytes[i] : '.';
    line[at++] = '\n';
    return (size_t)at;
}

/* One write for the piece, so that the two directions do not mix within it. */
bool hex_write(char direction, uint64_t offset, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    size_t line_count = (size + ROW - 1) / ROW, used = 0;
    char *text = malloc(line_count * LINE_SIZE + 1);
    if (!text)
        return output_write(data, size); /* better than nothing of it */
    for (size_t i = 0; i < size; i += ROW)
        used += write_line(text + used, direction, offset + i, bytes + i,
                           size - i < ROW ? size - i : ROW);
    bool is_written = output_write(text, used);
    free(text);
    return is_written;
}
