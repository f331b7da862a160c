/**
 * What the tool says when something fails: always the command, the end point, the error's name and
 * the library's sentence about it.
 */
#ifndef TOOLS_SENNIT_REPORT_H
#define TOOLS_SENNIT_REPORT_H

#include <sennit.h>

/**
 * "sennit: connect tcp://host:1: ConnectionRefused: nobody listens at this address; ..."
 *
 * @param doing  such as "connect"
 * @param what   what it was done to, as the user typed it
 * @param error  why it failed
 * @return       EXIT_FAILED, so that a caller can return it. Nothing is said where a signal has
 * ended what was done
 */
int report_failure(const char *doing, const char *what, sn_error error);

/** The same in words of the tool's own: what happened, and what to try. @return EXIT_FAILED */
int report_words(const char *doing, const char *what, const char *words);

/** The same for standard input and output, whose errors are errno's. */
int report_file_failure(const char *what, int native);

/** A mistake in an argument. @return EXIT_USAGE */
int report_usage(const char *command, const char *what, const char *complaint);

#endif
