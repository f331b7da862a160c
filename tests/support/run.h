/*
 * What the main function of every conformance program is made of: a list of cases, most of them run
 * on several kinds of sockets, each with a check afterwards that it left no descriptor behind.
 *
 *     TEST(a_stream_receive_gives_what_is_there)
 *     {
 *         enum transport transport = transport_of(state);
 *         ...
 *     }
 *
 *     int main(void)
 *     {
 *         static const struct CMUnitTest cases[] = {CASE(one),
 * ON_STREAMS(a_stream_receive_gives_what_is_there)}; return RUN(cases);
 *     }
 */
#ifndef TESTS_SUPPORT_RUN_H
#define TESTS_SUPPORT_RUN_H

#include "support/sockets.h"
#include "support/test.h"

int case_begin(void **state);
int case_end(void **state);
int run_cases(const char *program, const struct CMUnitTest *cases, size_t count);

#define RUN(cases) run_cases(__FILE__, cases, sizeof(cases) / sizeof(cases)[0])

#define CASE(test)                                                                                 \
    {                                                                                              \
#test, test, case_begin, case_end, NULL                                                    \
    }
#define CASE_ON(test, kind)                                                                        \
    {                                                                                              \
#test " [" #kind "]", test, case_begin, case_end, (void *)(intptr_t)(kind)                 \
    }
#define ON_TCP(test)           CASE_ON(test, TCP_IPV4), CASE_ON(test, TCP_IPV6)
#define ON_UDP(test)           CASE_ON(test, UDP_IPV4), CASE_ON(test, UDP_IPV6)
#define ON_STREAMS(test)       ON_TCP(test), CASE_ON(test, UNIX_STREAM)
#define ON_LISTENERS(test)     ON_STREAMS(test), CASE_ON(test, UNIX_SEQPACKET)
#define ON_ALL_CONNECTED(test) ON_LISTENERS(test), CASE_ON(test, UNIX_DATAGRAM), ON_UDP(test)

/* The kind that the case runs on. Ends the test as skipped where this machine does not have it. */
enum transport transport_of(void **state);

/* How often a race is run: SENNIT_TEST_REPEAT, or `usual`; SENNIT_TEST_REPEAT_MOST, if that is
 * less. */
int repetitions(int usual);

#endif
