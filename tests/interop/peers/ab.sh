# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# ab of the Apache project: a number of requests, each with a connection of its own or not.
peer ab
needs ab apache2-utils

seen() {
    ab -V
}

# all_answered COUNT
all_answered() {
    equal "$1" "$(sed -n 's/^Complete requests: *//p' told)"
    equal 0 "$(sed -n 's/^Failed requests: *//p' told)"
    lacks told 'Non-2xx'
}

quick fibers client '5000 connections, 50 at a time, to a server on fibers; every request is answered'
fibers() {
    web server http_fibers 0
    ab -q -n 5000 -c 50 -s 20 "$url/page/1" >told
    all_answered 5000
}

quick callbacks client '5000 connections, 50 at a time, to a server on callbacks; every request is answered'
callbacks() {
    web server http_callbacks
    ab -q -n 5000 -c 50 -s 20 "$url/1000" >told
    all_answered 5000
}

quick kept client '10000 requests of HTTP/1.0 over 50 connections that are kept'
kept() {
    web server http_callbacks
    ab -q -k -n 10000 -c 50 -s 20 "$url/1000" >told
    all_answered 10000
    equal 10000 "$(sed -n 's/^Keep-Alive requests: *//p' told)"
}
