/**
 * JSON on standard output, for scripts: one value on one line. What is opened is closed by the
 * caller; commas and quotes are written here.
 */
#ifndef TOOLS_SENNIT_JSON_H
#define TOOLS_SENNIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each takes the member's name; NULL inside an array and at the top. */
void json_open_object(const char *name);
void json_close_object(void); /* the last one ends the line */
void json_open_array(const char *name);
void json_close_array(void);

void json_text(const char *name, const char *text);                /* NULL writes null */
void json_bytes(const char *name, const void *bytes, size_t size); /* as text */
void json_number(const char *name, int64_t number);
void json_real(const char *name, double number);
void json_boolean(const char *name, bool value);

#endif
