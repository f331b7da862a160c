#!/bin/sh
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

commands='listen connect relay send receive check resolve ping echo bench probe'

run "$program" --help
# The words of the list, here and below.
# shellcheck disable=SC2086
expect 'the help names every command' 0 $commands --version
run "$program" help
# shellcheck disable=SC2086
expect 'help without a command is the same' 0 $commands
run "$program" --version
expect 'the version is printed' 0 'sennit 0.'
for command in $commands; do
    run "$program" "$command" --help
    expect "$command has its own help, with its exit status" 0 "usage: sennit $command" \
        'Exit status: 0 '
    is_equal "$command: no line of it is too long for a terminal" \
        "$(printf '%s' "$output" | awk 'length > 96')" ''
    run "$program" help "$command"
    expect "help $command prints it too" 0 "usage: sennit $command"
done

run "$program"
expect 'nothing to do is a mistake, and the help is shown' 2 'usage: sennit'
is_equal 'help that nobody asked for goes to standard error' "$output" ''

# mistake SENTENCE TEXT ARGS...
mistake() {
    sentence=$1 text=$2
    shift 2
    run "$program" "$@"
    expect "$sentence" 2 "$text" --help
}
mistake 'an unknown command is named' "there is no command 'frobnicate'" frobnicate
mistake 'an option that does not exist' "unknown option '--frobnicate'" --frobnicate
mistake 'help for an unknown command too' "there is no command 'x'" help x
mistake 'help takes one command' 'takes one command' help listen connect
mistake 'the end point is needed' 'ENDPOINT is missing' connect
mistake 'one end point is enough' 'one too many' listen :1 :2
mistake 'an unknown option is named' "unknown option '--frob'" listen --frob :1
mistake 'an option cannot be shortened' "unknown option '--kee'" listen --kee :1
mistake 'a short option does not exist' "unknown option '-k'" listen -k :1
mistake 'a switch takes no value' 'takes no value' listen --keep=yes :1
mistake 'a number must be given' 'needs a value' connect :1 --wait
mistake 'a number must be a number' "not '1s'" connect --wait 1s :1
mistake 'a number has no blanks before it' "not ' 1'" connect --wait ' 1' :1
mistake 'a number must not be empty' "not ''" connect --wait= :1
mistake 'a number must lie in its range' 'from 1 to' listen --count 0 udp://:0
mistake 'a number must fit' 'takes a number' listen --count 99999999999999999999 udp://:0
mistake 'nothing may be given to probe' 'not expected here' probe everything
mistake '--keep is not for datagrams' '--keep is for connections' listen --keep udp://:0
mistake '--idle is not for datagrams' '--idle is for connections' listen --idle 1 udp://:0
mistake 'one number of connections is enough' 'exclude each other' listen --once --count 2 :0
mistake 'a command has the connection alone' 'the command has' listen --exec cat --hex :0
mistake 'one family at a time' 'exclude each other' connect --ipv4 --ipv6 localhost:1
mistake 'an address of the wrong family' 'no IPv6 address' connect --ipv6 127.0.0.1:1
mistake 'a family is for hosts' 'are for hosts' connect --ipv4 unix:///tmp/s
mistake 'a source that is no address' 'not an address of this machine' connect --from x 127.0.0.1:1
mistake 'a source of a Unix socket is a path' 'write a path' connect --from '' unix:///tmp/s
mistake 'an option of sockets that does not exist' 'no such option' \
    connect --option Frob=1 127.0.0.1:1
mistake 'an option without its value' 'a value is missing' connect --option NoDelay 127.0.0.1:1
mistake 'an option with a wrong value' 'a number, yes or no' \
    connect --option NoDelay=perhaps 127.0.0.1:1
mistake 'an option that has no number' 'is no number' listen --option AddMembership=1 :0

# The grammar of end points.
mistake 'a protocol that does not exist' 'unknown protocol' connect http://localhost:80
mistake 'a protocol without its slashes' 'with two slashes' connect tcp:localhost:80
mistake 'host and port as two words' 'host and port are one word' connect localhost 80
mistake 'a path without its protocol' 'unix:///path' connect /tmp/socket
mistake 'a host without a port' 'the port is missing' connect localhost
mistake 'a port without a colon' 'is written :7000' listen 7000
mistake 'an IPv6 address without a port' 'the port is missing' connect '[::1]'
mistake 'an IPv6 address without brackets' 'in brackets' connect ::1:80
mistake 'brackets around something else' 'no IPv6 address' connect '[127.0.0.1]:80'
mistake 'a link-local address without its interface' 'needs its interface' connect '[fe80::1]:80'
mistake 'an empty port' 'a number from 0 to 65535' connect localhost:
mistake 'a port that is too high' 'a number from 0 to 65535' connect tcp://localhost:65536
mistake 'a port with a sign' 'a number from 0 to 65535' connect tcp://localhost:+80
mistake 'a port by a name that nobody knows' 'name of a service' connect tcp://localhost:frob-nicate
mistake 'nobody can connect to no host' 'the host is missing' connect :80
mistake 'a Unix socket without a path' 'the path is missing' listen unix://
mistake 'an abstract name without a name' 'the path is missing' listen unix://@
long=$(printf '%0120d' 0)
mistake 'a path that is too long' 'too long' listen "unix:///$long"
mistake 'an abstract name that is too long' 'too long' listen "unix://@$long"
mistake 'a host name that is too long' 'too long' connect "$long$long$long:80"

# Failures of the sockets themselves: status 1, the end point and the error's name.
run "$program" connect tcp://127.0.0.1:1
expect 'a refused connection is explained' 1 \
    'sennit: connect tcp://127.0.0.1:1: ConnectionRefused: nobody listens'
run "$program" connect "unix://$folder/nothing"
expect 'a socket file that does not exist' 1 AddressNotAvailable
run "$program" connect --option IPv6Only=1 127.0.0.1:1
expect 'an option that the socket does not have is named' 1 'with the option IPv6Only=1: '
run "$program" connect --from 192.0.2.1 127.0.0.1:1
expect 'a source that is not of this machine is named' 1 'from 192.0.2.1: AddressNotAvailable'
run "$program" listen --option IPv6Only=1 127.0.0.1:0
expect 'an option of a listener too' 1 'listen 127.0.0.1:0 with the option IPv6Only=1: '
run "$program" connect udp://127.0.0.1:1
expect 'datagrams to nobody are nothing sent' 0
run "$program" connect tcp://no-such-host.invalid:80
expect 'a name that does not exist' 1 'connect tcp://no-such-host.invalid:80: '
run "$program" listen tcp://no-such-host.invalid:80
case $complaint in
    *TryAgain*) echo 'skipped: no name server answers here' ;;
    *) expect 'a name that does not exist cannot be listened at' 1 HostNotFound ;;
esac
run "$program" listen tcp://192.0.2.1:0
expect 'an address of another machine' 1 'sennit: listen tcp://192.0.2.1:0: AddressNotAvailable'
run "$program" listen "unix://$folder/no/such/folder"
expect 'a folder that does not exist' 1 'sennit: listen unix://'

# What a full disk does not take is not done.
if [ -w /dev/full ]; then
    for command in --help --version help probe 'listen --help' 'help ping'; do
        status=0 output=''
        # The words of the command.
        # shellcheck disable=SC2086
        "$program" $command >/dev/full 2>"$folder/errors" </dev/null || status=$?
        complaint=$(cat "$folder/errors")
        expect "$command into a full disk fails" 1 'sennit: writing standard output: '
    done
else
    echo 'skipped: what a full disk does not take: there is no /dev/full'
fi

finish
