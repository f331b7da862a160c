# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# wrk: many connections at once, each with the next request as soon as the answer is there.
peer wrk
needs wrk wrk

seen() {
    wrk --version | sed -n 's/ \[.*//p'
}

# all_answered: what it has to complain of stands in lines of its own.
all_answered() {
    holds told 'requests in '
    lacks told 'Socket errors'
    lacks told 'Non-2xx'
}

quick fibers client '100 connections for a second, to a server on fibers; every request is answered'
fibers() {
    web server http_fibers 0
    wrk --threads 1 --connections 100 --duration 1s --timeout 20s "$url/page/1" >told
    all_answered
}

quick callbacks client '100 connections for a second, to a server on callbacks; every request is answered'
callbacks() {
    web server http_callbacks
    wrk --threads 1 --connections 100 --duration 1s --timeout 20s "$url/1000" >told
    all_answered
}

pair relayed client '50 connections for a second through a relay; every request is answered'
relayed() {
    web server http_callbacks
    serve relay sennit relay --verbose 127.0.0.1:0 "$where"
    wrk --threads 1 --connections 50 --duration 1s --timeout 20s "http://$where/10000" >told
    all_answered
}
