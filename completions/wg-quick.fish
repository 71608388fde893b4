# fish completion for wg-quick(8), which brings WireGuard interfaces up and down. Offers the names of
# /etc/wireguard, as far as it can be read, and of the interfaces that `wg show` tells; files once the word
# has a slash.

# Prints candidates and their descriptions, which take turns in the arguments.
function __wg_quick_offer
    printf '%s\t%s\n' $argv
end

function __wg_quick_commands
    __wg_quick_offer \
        up 'Bring up what a file describes' \
        down 'Take an interface down' \
        save 'Write the state of an interface to its file' \
        strip 'Print a file without what wg does not know' \
        reload 'Bring an interface to what its file says now' \
        reresolve 'Look up the host names of endpoints that are silent' \
        help 'Show the commands'
end

function __wg_quick_describe_options
    for name in $argv
        switch $name
            case --dry-run
                __wg_quick_offer $name 'Say what would be done'
            case --netns
                __wg_quick_offer $name 'Let the interface live in a network namespace'
            case --tolerant
                __wg_quick_offer $name 'Do without endpoints that cannot be resolved'
        end
    end
end

# Reads the words of the line. Prints what its end wants: nothing, a command, an option's value, or a target;
# then the command and its options that are still free, one a line.
function __wg_quick_read_line
    set -l words (commandline -opc)
    set -l free
    set -l wants target
    switch "$words[2]"
        case ''
            set wants command
        case up
            set free --dry-run --netns --tolerant
        case down reresolve
            set free --dry-run
        case reload
            set free --dry-run --tolerant
        case save strip
        case '*'
            set wants nothing
    end
    for word in $words[3..]
        switch "$wants:$word"
            case 'nothing:*'
            case 'namespace:*'
                set wants target
            case '*:--netns=*'
                set free (string match -v -- --netns $free)
            case '*:--netns'
                set wants namespace
                set free (string match -v -- $word $free)
            case '*:-*'
                set free (string match -v -- $word $free)
            case '*'
                set wants nothing
        end
    end
    printf '%s\n' $wants "$words[2]" $free
end

function __wg_quick_present
    # Without this test fish would tell of a missing wg, past the redirection.
    command -q wg
    and command wg show interfaces 2>/dev/null | string split -n ' '
end

function __wg_quick_targets -a command
    set -l present (__wg_quick_present)
    set -l names $present
    if contains -- $command up strip
        set names
        for file in /etc/wireguard/*.conf
            set -a names (string replace -r '.*/(.*)\.conf$' '$1' -- $file)
        end
    end
    for name in $names
        test $command = up
        and contains -- $name $present
        or __wg_quick_offer $name Interface
    end
end

function __wg_quick_candidates
    set -l state (__wg_quick_read_line)
    set -l token (commandline -ct)
    switch "$state[1]:$token"
        case 'command:*'
            __wg_quick_commands
        case 'namespace:*'
            for file in /run/netns/*
                __wg_quick_offer (string replace -r '.*/' '' -- $file) 'Network namespace'
            end
        case '*:-*'
            __wg_quick_describe_options $state[3..]
        case 'target:*'
            __wg_quick_targets $state[2]
    end
end

function __wg_quick_wants_file
    set -l state (__wg_quick_read_line)
    string match -q '*/*' -- (commandline -ct)
    and contains -- "$state[1]" target namespace
end

complete -c wg-quick -f
complete -c wg-quick -n __wg_quick_wants_file -F
complete -c wg-quick -a '(__wg_quick_candidates)'
complete -c wg-quick -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'Show the commands'
