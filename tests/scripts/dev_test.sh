#!/bin/sh
# ./dev on machines that lack things. A machine is a folder of commands: a few real ones, and stand-ins
# for those that build, install or need root, which write what they were asked into a log.
set -eu
cd "${PROJECT:?the folder of the project}"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# command NAME: a stand-in that logs its arguments and then runs the script on standard input.
command_stand_in() {
    {
        printf '#!/bin/sh\necho "%s $*" >>"%s/log"\n' "$1" "$tree"
        cat
    } >"$tree/bin/$1"
    chmod +x "$tree/bin/$1"
}

new_machine() {
    rm -rf "$tree"
    mkdir -p "$tree/bin" "$tree/libraries"
    cp dev "$tree/dev"
    : >"$tree/log"
    for name in sh env awk cat dirname basename getconf grep ls mkdir rm sed sort tail touch find tr head; do
        ln -s "$(command -v "$name")" "$tree/bin/$name"
    done
    echo 'echo 0' | command_stand_in id
}

# What apt-get would bring, all of it at once.
bring_everything() {
    for name in cc g++ cmake ninja socat clang clang-format shellcheck ip; do
        echo "$1" | command_stand_in "$name"
    done
    # shellcheck disable=SC2016
    echo '[ -e "$(dirname "$0")/../libraries/${2%% *}" ]' | command_stand_in pkg-config
    touch "$tree/libraries/liburing" "$tree/libraries/cmocka" "$tree/libraries/nettle" \
        "$tree/libraries/libuv" "$tree/libraries/glib-2.0"
}

with_apt() {
    mkdir -p "$tree/store"
    mv "$tree/bin" "$tree/bin.now"
    mkdir "$tree/bin"
    bring_everything ''
    mv "$tree/bin" "$tree/store/bin"
    mv "$tree/bin.now" "$tree/bin"
    mv "$tree/libraries" "$tree/store/libraries"
    mkdir "$tree/libraries"
    ln -s "$(command -v cp)" "$tree/bin/cp"
    command_stand_in apt-get <<TEXT
case \$* in *' install '* | *'install -y'*) cp -R "$tree/store/." "$tree" ;; esac
TEXT
}

# dev ARGS: runs it on the machine; sets status and output.
dev() {
    status=0
    output=$(cd "$tree" && PATH=$tree/bin CC='' CXX='' ./dev "$@" 2>&1) || status=$?
    [ "$status" -ne 127 ] || output="$output (a command is missing)"
}

# expect SENTENCE STATUS TEXT...: the status, and each text in the output.
expect() {
    sentence=$1 wanted=$2
    shift 2
    good=true
    [ "$status" -eq "$wanted" ] || good=false
    for text in "$@"; do
        case $output in *"$text"*) ;; *) good=false ;; esac
    done
    conclude
}

# expect_log SENTENCE yes|no TEXT: whether a stand-in was called so.
expect_log() {
    sentence=$1
    found=no
    ! grep -q -e "$3" "$tree/log" || found=yes
    good=true
    [ "$found" = "$2" ] || good=false
    conclude
}

conclude() {
    if $good; then
        echo "ok: $sentence"
    else
        printf 'FAILED: %s\nstatus %s, output:\n%s\nlog:\n' "$sentence" "$status" "$output"
        cat "$tree/log"
        failures=$((failures + 1))
    fi
}

new_machine
dev help
expect 'help names every command' 0 demo test differential faults fuzz interop bench lint build docs install uninstall coverage \
    dist packages test-ports help
for name in demo test differential faults fuzz bench lint build docs install coverage packages; do
    dev "$name" --help
    expect "$name --help is about $name, and does nothing" 0 "  $name" 'needs: gcc'
done
dev install /somewhere --help
expect 'help may be asked for behind other words' 0 '  install [PREFIX]'
dev dist --help
expect 'what needs no compiler asks for none' 0 'needs: git xz-utils'
dev test-ports --help
expect 'the needs of all ports are told, each once' 0 '  test-ports [--all] [PORT' 'musl-tools' 'qemu-user'
dev test-ports castle
expect 'an unknown port gives status 2, and there are others' 2 "no port 'castle'" musl-static s390x
dev test-ports musl
expect 'a port asks for what it needs itself' 3 musl-tools
dev uninstall
expect 'nothing installed is nothing to take away' 1 'nothing was installed'
dev test -h
expect '-h is the same' 0 '  test [PRESET]'
dev install --prefix
expect 'an option that does not exist is named' 2 "install does not take '--prefix'" 'install --help'
dev lint --there
expect 'a lint is here or everywhere' 2 "lint does not take '--there'"
dev build release debug
expect 'a word too many is named' 2 "build does not take 'debug'"
dev
expect 'without a command there is help' 0 'usage: ./dev'
dev polish
expect 'an unknown command is named and gives status 2' 2 "no command 'polish'" './dev help'

dev build
expect 'without apt-get the missing packages are named, and nothing goes on' 3 \
    'missing: ' liburing-dev ninja-build 'no apt-get'
dev demo
expect 'a command asks for what it needs itself' 3 nettle-dev socat

new_machine
bring_everything ''
rm "$tree/libraries/cmocka" "$tree/bin/socat"
dev build
expect 'without apt-get, what is there is enough' 0 'building release'
expect_log 'a build does not ask for the library of the tests' yes 'BUILD_TESTING=OFF'
dev demo
expect 'only what is missing is named' 3 'missing: socat'
dev build castle
expect 'an unknown preset gives status 2' 2 "no preset 'castle'"

# What is compared with is wanted, not needed; a benchmark that is not there is named before anything is built.
new_machine
bring_everything ''
mkdir -p "$tree/bench/echo" "$tree/build/release/bench"
touch "$tree/bench/echo.c" "$tree/bench/measure.c" "$tree/bench/CMakeLists.txt" "$tree/bench/echo/scenario.c"
command_stand_in echo </dev/null
mv "$tree/bin/echo" "$tree/build/release/bench/echo"
dev bench walk
expect 'an unknown benchmark gives status 2' 2 "no benchmark 'walk'"
dev bench --quick walk
expect 'a quick run takes no more words' 2 "bench does not take 'walk'"
expect_log 'nothing is built for wrong words' no cmake
dev bench --quick
expect 'contenders that are not here are named, and the others are compared' 0 \
    'going on without: ' libevent-dev golang-go gnuplot-nox 'bench echo'
expect_log 'the words reach the programs' yes 'echo --quick'

for machine in aarch64 armhf s390x musl; do
    dev build "$machine"
    expect "a build for $machine asks for its compiler" 3 "missing: "
    case $machine:$output in
        aarch64:*gcc-aarch64-linux-gnu* | armhf:*gcc-arm-linux-gnueabihf* | s390x:*gcc-s390x-linux-gnu* | \
            musl:*musl-tools*) ;;
        *) failures=$((failures + 1)) && echo "FAILED: $output" ;;
    esac
done

new_machine
bring_everything ''
echo | command_stand_in musl-gcc
mkdir -p "$tree/scripts/cross"
echo 'exit 3' | command_stand_in sysroot
mv "$tree/bin/sysroot" "$tree/scripts/cross"
dev build musl
expect 'libraries that cannot be had end the build' 1 'building for musl' 'failed: scripts/cross/sysroot musl'
echo | command_stand_in sysroot
mv "$tree/bin/sysroot" "$tree/scripts/cross"
dev build musl
expect 'a build for another machine' 0 'built: build/musl/src'
expect_log 'is made by its preset, for musl without the tests' yes \
    'cmake --preset musl -DBUILD_TESTING=OFF'

new_machine
with_apt
dev build
expect 'with apt-get the missing packages are installed, and it goes on' 0 \
    'missing: ' 'building release'
expect_log 'the lists are brought up to date first' yes 'apt-get -qq update'
expect_log 'the packages are installed by name' yes 'install -y .*liburing-dev'
expect_log 'the tests are built where their library is there' yes 'cmake .*BUILD_TESTING=ON'
: >"$tree/log"
dev build
expect 'a second run builds' 0 'building release'
expect_log 'a second run never asks apt-get' no apt-get

new_machine
with_apt
echo 'echo 1000' | command_stand_in id
dev build
expect 'without root and sudo it says what to run' 3 'As root, run:' \
    '    apt-get update && apt-get install -y --no-install-recommends ' 'liburing-dev'
# shellcheck disable=SC2016
echo 'exec "$@"' | command_stand_in sudo
dev build
expect 'without root it uses sudo' 0 'building release'
expect_log 'sudo runs apt-get, without questions' yes \
    'sudo env DEBIAN_FRONTEND=noninteractive apt-get'

new_machine
echo 'exit 100' | command_stand_in apt-get
dev build
expect 'an apt-get that fails is reported, with the line to run' 3 'apt-get could not install: ' \
    '    apt-get update && apt-get install -y --no-install-recommends '

# read_only_dev FOLDER ARGS: ./dev as a user who may not write into the folder of the machine. Root may do
# that everywhere but in a file system that is read only.
read_only_dev() {
    closed=$1
    shift
    status=0
    if [ "$(id -u)" -ne 0 ]; then
        chmod a-w "$closed"
        dev "$@"
        chmod u+w "$closed"
    else
        # shellcheck disable=SC2016
        output=$(unshare --mount sh -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" &&
            cd "$0" && shift && PATH=$0/bin CC= CXX= exec ./dev "$@"' "$tree" "$closed" "$@" 2>&1) ||
            status=$?
    fi
}

new_machine
bring_everything ''
echo 'echo 1000' | command_stand_in id
mkdir "$tree/prefix"
if [ "$(id -u)" -ne 0 ] || unshare --mount true 2>/dev/null; then
    read_only_dev "$tree/prefix" install "$tree/prefix"
    expect 'an install that needs root says what to run, before it builds' 3 'As root, run:' \
        "    cmake --install '$tree/build/release' --prefix '$tree/prefix'"
    expect_log 'and has not built' no 'cmake --build'
    read_only_dev "$tree" build
    expect 'in a folder that cannot be written to it says what to do' 1 \
        "cannot write to $tree/build" "cp -R '$tree' ~/sennit"
else
    echo 'skipped: root may write to every folder, and there is no mount namespace'
fi

new_machine
bring_everything ''
command_stand_in ctest <<'TEXT'
folder=$2/Testing/Temporary
mkdir -p "$folder"
cat >"$folder/LastTest.log" <<'LOG'
1/2 Testing: conformance.raw_test
1/2 Test: conformance.raw_test
[ RUN      ] raw_sockets_receive
skipped: raw sockets need a privilege
[  SKIPPED ] raw_sockets_receive
2/2 Testing: scripts.check-headers
2/2 Test: scripts.check-headers
skipped: no C++ compiler
LOG
echo 'a stand-in for the summary'
case $2 in *asan) exit 8 ;; esac
TEXT
dev test
expect 'test shows the summary and the skipped tests with their reasons' 1 \
    'a stand-in for the summary' 'release: 2 skipped' 'asan: 2 skipped' \
    'conformance.raw_test raw_sockets_receive: raw sockets need a privilege' \
    'scripts.check-headers: no C++ compiler'
expect 'test fails when one preset fails' 1 'tests failed in: asan'
dev test release -R address
expect 'test runs one preset' 0 'release: 2 skipped'
expect_log 'test hands arguments to ctest' yes 'ctest --test-dir build/release .*-R address'
dev test castle
expect 'test knows its presets' 2 "no preset 'castle'"

new_machine
bring_everything ''
dev coverage
expect 'coverage needs what collects the counters' 3 'missing: gcovr'
# shellcheck disable=SC2016
echo '[ ! -e build/coverage/src/old.gcda ] || echo "old counters"' | command_stand_in ctest
echo 'echo gcovr' | command_stand_in gcovr
mkdir -p "$tree/scripts" "$tree/build/coverage/src" "$tree/build/coverage/Testing/Temporary"
touch "$tree/build/coverage/src/old.gcda" "$tree/build/coverage/Testing/Temporary/LastTest.log"
dev coverage show src/dns
expect 'coverage shows nothing before a run' 1 'run ./dev coverage first'
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "reported: $*"\n' >"$tree/scripts/report-coverage"
chmod +x "$tree/scripts/report-coverage"
dev coverage -R address
expect 'coverage runs the tests and reports' 0 'building coverage' \
    'reported: build/coverage/coverage.json'
expect_log 'coverage hands arguments to ctest' yes 'ctest --test-dir build/coverage .*-R address'
case $output in *'old counters'*) good=false ;; *) good=true ;; esac
sentence='coverage begins at zero'
conclude
touch "$tree/build/coverage/coverage.json"
: >"$tree/log"
dev coverage show src/dns
expect 'coverage shows one folder' 0 'reported: build/coverage/coverage.json src/dns'
expect_log 'for which nothing runs again' no ctest
echo 'exit 8' | command_stand_in ctest
dev coverage
expect 'coverage reports what failing tests reached, and fails' 1 \
    'reported: build/coverage/coverage.json' 'tests failed'

# with_fuzz_target STATUS: a machine with one target, whose program ends with that status.
with_fuzz_target() {
    new_machine
    bring_everything ''
    command_stand_in clang <<TEXT
case \$* in -dumpversion) echo 17.0.6 ;; *-fsanitize=fuzzer*) [ -e "$tree/libraries/fuzzer" ] ;; esac
TEXT
    mkdir -p "$tree/tests/fuzz/corpus/address" "$tree/build/fuzz/tests/fuzz"
    printf 'echo "stat::number_of_executed_units: 4711"\nexit %s\n' "$1" |
        command_stand_in fuzz.address
    mv "$tree/bin/fuzz.address" "$tree/build/fuzz/tests/fuzz"
}

with_fuzz_target 0
dev fuzz
expect 'the fuzzer is asked for in the version of clang' 3 'missing: libclang-rt-17-dev'
touch "$tree/libraries/fuzzer"
dev fuzz
expect 'fuzz runs each target' 0 'fuzzing address' 'nothing found in 4711 inputs'
expect_log 'for a minute, from the committed corpus too' yes \
    'fuzz.address -max_total_time=60 .*tests/fuzz/corpus/address'
dev fuzz address 5
expect_log 'or one for as long as it is told' yes 'fuzz.address -max_total_time=5 '
for word in castle 0; do
    dev fuzz "$word"
    expect "fuzz $word is refused" 2 "'$word' is no fuzz target and no number of seconds" address
done
with_fuzz_target 77
touch "$tree/libraries/fuzzer"
dev fuzz
expect 'fuzz fails when something is found' 1 'found something in: address' build/fuzz/address.log

new_machine
bring_everything ''
mkdir -p "$tree/tests/differential"
# shellcheck disable=SC2016
printf '#!/bin/sh\necho "compared: $*"\nexit "${3#7}"\n' >"$tree/tests/differential/all"
chmod +x "$tree/tests/differential/all"
mkdir -p "$tree/build/release/tests"
# shellcheck disable=SC2016
echo 'shift 3; exec "$@"' | command_stand_in own-hosts
mv "$tree/bin/own-hosts" "$tree/build/release/tests"
dev differential 70
expect 'differential compares with the seed' 0 'compared: build/release' ' 70'
expect_log 'differential builds the player, and what gives it a localhost, alone' yes \
    'cmake --build .*--target differential-player own-hosts'
dev differential 73
expect 'differential fails when the comparison does' 1 'the comparison with .NET failed'
dev differential today
expect 'differential wants a number as its seed' 2 "not 'today'"

# The peers say what they want, and a run whether all is well.
new_machine
bring_everything ''
mkdir -p "$tree/tests/interop" "$tree/build/release/tests"
touch "$tree/libraries/libcurl"
# shellcheck disable=SC2016
echo 'shift 2; exec "$@"' | command_stand_in own-hosts
mv "$tree/bin/own-hosts" "$tree/build/release/tests"
command_stand_in run <<'TEXT'
case $1 in
    --packages) echo castle-tools ;;
    --has) exit 1 ;;
    *) echo "ran: $*"; case $* in *bad*) exit 1 ;; esac ;;
esac
TEXT
mv "$tree/bin/run" "$tree/tests/interop"
dev interop
expect 'interop goes on without the peers that cannot be had, and writes the table' 0 'going on without: castle-tools' \
    'ran: --logs build/interop --table docs/interop.md build/release'
dev interop curl
expect 'interop hands the pattern on' 0 'build/release curl'
dev interop bad
expect 'interop fails when a pair does' 1 'not every pair works'
dev interop --help
expect 'interop --help names what the peers want' 0 'needs: gcc' 'wants: libcurl4-openssl-dev castle-tools'

# ci STATUS WORDS: the machine's own run, where ./dev ends with that status if its words begin so.
ci() {
    new_machine
    mkdir "$tree/.ci"
    cp .ci/run "$tree/.ci/run"
    cat >"$tree/dev" <<TEXT
#!/bin/sh
echo "dev was asked to: \$*"
case "\$*" in "$2"*) echo 'dev: this is why' >&2; exit $1 ;; esac
TEXT
    printf '#!/bin/sh\necho "a machine with nothing"\n' >"$tree/.ci/bare"
    chmod +x "$tree/.ci/bare"
    status=0
    output=$("$tree/.ci/run" 2>&1) || status=$?
}

ci 0 ''
expect 'the machine tests, with the thread sanitizer too, lints, and checks a machine with nothing' 0 \
    'dev was asked to: test' 'dev was asked to: test tsan -R stress' 'dev was asked to: lint --here' \
    'a machine with nothing'
for words in 'test' 'test tsan' 'lint'; do
    ci 1 "$words"
    expect "a failure in $words is one, after the other steps" 1 'a machine with nothing' 'ci: failed:' \
        "./dev $words"
done
ci 3 lint
expect 'tools that cannot be had are no failure, and named' 0 'a machine with nothing' \
    "ci: skipped:
  ./dev lint --here: dev: this is why"
ci 3 test
expect 'but without what the tests need nothing is known' 1 'ci: failed:'

[ "$failures" -eq 0 ] || exit 1
