#!/bin/sh
# The manual page and the completions say what the program can do.
# shellcheck source=tests/tools/support.sh
. "$(dirname "$0")/support.sh"

root=$(cd "$(dirname "$0")/../.." && pwd)
page=$root/docs/man/sennit.1
completion=$root/tools/sennit/completion

"$root/scripts/tool-manual" "$program" >"$folder/sennit.1"
if cmp -s "$page" "$folder/sennit.1"; then
    echo 'ok: the manual page is that of this program'
else
    output=$(diff "$page" "$folder/sennit.1" | head -n 20) || true
    wrong "the manual page is that of this program (scripts/tool-manual PROGRAM >docs/man/sennit.1)"
fi
commands=$("$program" --help | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
if command -v man >/dev/null && man --version 2>/dev/null | grep -q 'man [0-9]'; then
    run env LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page"
    is_equal 'it is formatted without a warning' "$status $complaint" '0 '
    case $output in *'sennit bench'*'EXIT STATUS'*) echo 'ok: as a whole' ;; *) wrong 'as a whole' ;; esac
else
    echo 'skipped: whether it is formatted without a warning: there is no man'
fi

# The completions ask the program that is found by its name.
PATH=$(dirname "$program"):$PATH
export PATH completion

# offers SENTENCE WORDS...: all of them are in the output.
offers() {
    sentence=$1
    shift
    for word in "$@"; do
        case " $(printf '%s' "$output" | tr '\n\t' '  ') " in
            *" $word "*) ;;
            *)
                wrong "$sentence (no '$word')"
                return
                ;;
        esac
    done
    echo "ok: $sentence"
}

if command -v bash >/dev/null; then
    # asked WORDS...: what bash is offered for the last one.
    asked() {
        # The shell's own variables.
        # shellcheck disable=SC2016
        run bash -c '. "$completion/sennit.bash"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _sennit && printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
    }
    # The words of the list.
    # shellcheck disable=SC2086
    asked sennit '' && offers 'bash: the commands' $commands --version
    asked sennit help re && offers 'bash: help of a command' relay receive resolve
    asked sennit connect -- && offers 'bash: the options of a command' --from --via --proxy-header --hex
    asked sennit resolve --type '' && offers 'bash: values' MX AAAA all
    asked sennit connect un && offers 'bash: end points' unix:// unix-dgram://
    asked sennit send "$page" && offers 'bash: files' "$page"
else
    echo 'skipped: bash: it is not there'
fi
if command -v fish >/dev/null; then
    asked() {
        # shellcheck disable=SC2016
        run env "HOME=$folder" fish --no-config -c 'source $completion/sennit.fish; complete -C $argv[1]' "$1"
    }
    # shellcheck disable=SC2086
    asked 'sennit ' && offers 'fish: the commands' $commands
    asked 'sennit connect --' && offers 'fish: the options of a command' --from --via --proxy-header
    asked 'sennit resolve --type ' && offers 'fish: values' MX AAAA all
    asked "sennit send $page" && offers 'fish: files' "$page"
else
    echo 'skipped: fish: it is not there'
fi
if command -v zsh >/dev/null; then
    run zsh -n "$completion/_sennit"
    is_equal 'zsh: it is read' "$status $complaint" '0 '
    # What is offered goes to functions of the completion system, which print it here.
    # shellcheck disable=SC2016
    asked() {
        run zsh -f -c '_describe() { print -l -- ${(P)@[-1]}; }; compadd() { print -l -- "$@"; }
            _files() { print files; }; _hosts() { print hosts; }
            words=("$@") CURRENT=$#; . "$completion/_sennit"' zsh "$@"
        output=$(printf '%s' "$output" | sed 's/:.*//')
    }
    # shellcheck disable=SC2086
    asked sennit '' && offers 'zsh: the commands' $commands
    asked sennit connect -- && offers 'zsh: the options of a command' --from --via --proxy-header
    asked sennit resolve --type '' && offers 'zsh: values' MX AAAA all
    asked sennit send '' && offers 'zsh: files' files
else
    echo 'skipped: zsh: it is not there'
fi

finish
