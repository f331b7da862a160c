#!/bin/sh
# That what fibers cost is measured, on both back-ends; how much it is, is not tested.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

run "$program" --rounds 2 --turn 20 --fibers 100
expect 'a short run prints what a switch and a life cost' 0 'value yield_epoll_ns ' 'value start_epoll_ns ' \
    'value start_join_epoll_ns ' 'value thread_start_join_epoll_ns '
expect 'it prints what a fiber takes of memory' 0 'epoll: 100 fibers wait, 20 of them' \
    'value memory_connected_epoll_library_bytes ' 'value memory_sleeping_epoll_stack_bytes '
run "$program" --fibers 9
expect 'there must be a few fibers' 2 'from 10 to'
run "$program" --help
expect 'there is a help' 0 'usage: ' '--fibers'

finish
