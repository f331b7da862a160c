# Completion of the command sennit for bash. Commands and options are read from its own help, so
# that what is offered is what is there.

_sennit_commands() {
    "${1:-sennit}" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p'
}

_sennit_options() {
    "${1:-sennit}" "$2" --help 2>/dev/null | sed -n 's/^  \(--[a-z0-9-]\{1,\}\).*/\1/p'
}

_sennit() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
    local schemes='tcp:// udp:// unix:// unix-dgram:// unix-seqpacket://'
    COMPREPLY=()
    if ((COMP_CWORD == 1)) || { [[ $command == help ]] && ((COMP_CWORD == 2)); }; then
        mapfile -t COMPREPLY < <(compgen -W "$(_sennit_commands "$program") --help --version" -- "$word")
        return
    fi
    case $previous in
        --into) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
        --as) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        --exec) mapfile -t COMPREPLY < <(compgen -c -- "$word") ;;
        --type) mapfile -t COMPREPLY < <(compgen -W 'A AAAA CNAME MX NS PTR SRV TXT all' -- "$word") ;;
        --proxy-header) mapfile -t COMPREPLY < <(compgen -W '1 2' -- "$word") ;;
        --via) mapfile -t COMPREPLY < <(compgen -W 'socks5:// http://' -- "$word") && compopt -o nospace 2>/dev/null ;;
        *)
            if [[ $word == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$(_sennit_options "$program" "$command")" -- "$word")
            elif [[ $command == send ]] && ((COMP_CWORD == 2)); then
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            elif [[ $command != probe ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$schemes" -A hostname -- "$word")
                compopt -o nospace 2>/dev/null
            fi
            ;;
    esac
    return 0
}

complete -o filenames -F _sennit sennit
