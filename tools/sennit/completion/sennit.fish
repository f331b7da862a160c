# Completion of the command sennit for fish. Commands and options are read from its own help, so that
# what is offered is what is there.

function __sennit_commands
    sennit --help 2>/dev/null | string replace -rf '^  ([a-z]+)  +(.*)$' '$1\t$2'
end

function __sennit_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __sennit_options
    set -l command (__sennit_command)
    sennit $command --help 2>/dev/null |
        string replace -rf '^  (--[a-z0-9-]+)(?: [A-Z=]+)?  *(.*)$' '$1\t$2'
end

function __sennit_previous
    set -l words (commandline -opc)
    test "$words[-1]" = "$argv[1]"
end

function __sennit_is_first
    test (count (commandline -opc)) -eq 1; or begin
        test (count (commandline -opc)) -eq 2; and test (__sennit_command) = help
    end
end

function __sennit_sends_file
    test (count (commandline -opc)) -eq 2; and test (__sennit_command) = send
end

complete -c sennit -f
complete -c sennit -n __sennit_is_first -a '(__sennit_commands)'
complete -c sennit -n __sennit_is_first -a '--help --version'
complete -c sennit -n 'not __sennit_is_first; and string match -q -- "-*" (commandline -ct)' -a '(__sennit_options)'
complete -c sennit -n __sennit_sends_file -F
complete -c sennit -n '__sennit_previous --into; or __sennit_previous --as' -F
complete -c sennit -n '__sennit_previous --type' -a 'A AAAA CNAME MX NS PTR SRV TXT all'
complete -c sennit -n '__sennit_previous --proxy-header' -a '1 2'
complete -c sennit -n '__sennit_previous --via' -a 'socks5:// http://'
complete -c sennit -n 'not __sennit_is_first; and not __sennit_sends_file; and test (__sennit_command) != probe' -a 'tcp:// udp:// unix:// unix-dgram:// unix-seqpacket:// (__fish_print_hostnames)'
