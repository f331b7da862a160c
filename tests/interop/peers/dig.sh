# shellcheck shell=sh disable=SC2154,SC2016 # what support.sh sets; programs of others in quotes
# dig asks a name server that is made of Sennit's sockets, and whose answers do not all fit into a datagram.
peer dig
needs dig bind9-dnsutils

seen() {
    dig -v 2>&1
}

# ask ARGS...
ask() {
    dig -r @127.0.0.1 -p "$port" +time=10 +tries=2 "$@"
}

quick datagram client 'a short answer in a datagram, and that there is no such name'
datagram() {
    serve server name_server
    equal 192.0.2.7 "$(ask small.test A +short)"
    equal 192.0.2.7 "$(ask SmAlL.tEsT A +short)"
    ask nobody.test A >answer
    holds answer 'status: NXDOMAIN'
    equal 0 "$(grep -c 'by connection' server.out)"
}

quick cut_off client 'a long answer: cut off in a datagram, and whole over TCP'
cut_off() {
    serve server name_server
    ask large.test TXT +ignore >answer
    holds answer ' tc '
    holds answer 'ANSWER: 0'
    ask large.test TXT +short | tr -d '"' >texts
    equal 100 "$(wc -l <texts)"
    equal 20000 "$(tr -d '\n' <texts | wc -c)"
    holds server.out 'asked by datagram, cut off'
    holds server.out 'asked by connection, answered'
}

quick kept client '50 questions over one connection'
kept() {
    serve server name_server
    for _ in $(seq 1 50); do
        echo 'small.test A'
    done >questions
    ask +tcp +keepopen +short -f questions >answers
    equal 50 "$(grep -c '^192.0.2.7$' answers)"
    equal 50 "$(grep -c 'by connection' server.out)"
}

# Beside it, on the same wire: Sennit's own resolver.
quick resolver both 'the same records as sennit resolve'
resolver() {
    serve server name_server
    ask large.test TXT +short | tr -d '"' | sort >its
    sennit resolve --server "$where" --type TXT large.test | awk '{ print $NF }' | tr -d '"' | sort >ours
    same its ours
    equal 2 "$(grep -c 'by connection' server.out)"
}
