/* The scenarios: each plays itself once (scenario.h). */
#ifndef TESTS_FAULTS_SCENARIOS_ALL_H
#define TESTS_FAULTS_SCENARIOS_ALL_H

#include "faults/scenario.h"

/* X(name, function, kind) */
#define SCENARIO_TABLE(X)                                                                          \
    X("blocking-echo", play_blocking_echo, SCENARIO_LEVEL)                                         \
    X("readiness", play_readiness, SCENARIO_LEVEL)                                                 \
    X("states", play_states, SCENARIO_LEVEL)                                                       \
    X("clients", play_clients, SCENARIO_LEVEL)                                                     \
    X("pipes", play_pipes, SCENARIO_ENGINE)                                                        \
    X("callbacks", play_callbacks, SCENARIO_ENGINE)                                                \
    X("driven", play_driven, SCENARIO_ENGINE)                                                      \
    X("embedded", play_embedded, SCENARIO_ENGINE)                                                  \
    X("waiting", play_waiting, SCENARIO_ENGINE)                                                    \
    X("default-engine", play_default_engine, SCENARIO_ENGINE | SCENARIO_DEFAULT)                   \
    X("accept-loop", play_accept_loop, SCENARIO_ENGINE)                                            \
    X("accept-entry", play_accept_entry, SCENARIO_ENGINE)                                          \
    X("lookups", play_lookups, SCENARIO_ENGINE | SCENARIO_DEFAULT)                                 \
    X("records", play_records, SCENARIO_ENGINE | SCENARIO_DEFAULT)                                 \
    X("names", play_names, SCENARIO_ENGINE)                                                        \
    X("races", play_races, SCENARIO_ENGINE | SCENARIO_DEFAULT)                                     \
    X("datagrams", play_datagrams, SCENARIO_ENGINE)                                                \
    X("udp-companions", play_udp_companions, SCENARIO_ENGINE)                                      \
    X("large", play_large, SCENARIO_ENGINE)                                                        \
    X("files", play_files, SCENARIO_ENGINE)                                                        \
    X("unix", play_unix, SCENARIO_ENGINE)                                                          \
    X("unix-relative", play_unix_relative, SCENARIO_LEVEL)                                         \
    X("adopted", play_adopted, SCENARIO_ENGINE)                                                    \
    X("adopted-listener", play_adopted_listener, SCENARIO_ENGINE)                                  \
    X("handles", play_handles, SCENARIO_ENGINE)                                                    \
    X("streams", play_streams, SCENARIO_ENGINE)                                                    \
    X("companions", play_companions, SCENARIO_ENGINE)                                              \
    X("signals", play_signals, SCENARIO_ENGINE)                                                    \
    X("scopes", play_scopes, SCENARIO_ENGINE)                                                      \
    X("engine", play_engine, SCENARIO_ENGINE)                                                      \
    X("engine-driven", play_engine_driven, SCENARIO_ENGINE)                                        \
    X("fibers", play_fibers, SCENARIO_ENGINE)                                                      \
    X("fibers-driven", play_fibers_driven, SCENARIO_ENGINE)                                        \
    X("forks", play_forks, SCENARIO_ENGINE)

#define X(name, function, kind) void function(void);
SCENARIO_TABLE(X)
#undef X

#endif
