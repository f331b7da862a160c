/* The descriptors that this process has open. */
#ifndef TESTS_SUPPORT_DESCRIPTORS_H
#define TESTS_SUPPORT_DESCRIPTORS_H

#include <stdbool.h>
#include <stddef.h>

size_t descriptors_count(void);
/* Lists them, with what they are, among the messages of the failing test. */
void descriptors_print(void);
bool descriptor_is_open(int handle);
bool descriptor_is_nonblocking(int handle);
bool descriptor_is_close_on_exec(int handle);

#endif
