# fish completion for wg(8), the WireGuard configuration tool. Asks only `wg show …`, and offers nothing
# where that fails, as it does without the privilege to read an interface.

function __wg_ask
    # Without this test fish would tell of a missing wg, past the redirection.
    command -q wg
    and command wg show $argv 2>/dev/null
end

# Prints candidates and their descriptions, which take turns in the arguments.
function __wg_offer
    printf '%s\t%s\n' $argv
end

function __wg_interfaces
    for name in (__wg_ask interfaces | string split -n ' ')
        __wg_offer $name Interface
    end
end

function __wg_subcommands
    __wg_offer \
        show 'Show the state of interfaces' \
        showconf 'Print an interface as a configuration file' \
        set 'Change an interface and its peers' \
        setconf 'Replace the configuration by that of a file' \
        addconf 'Add the configuration of a file' \
        syncconf 'Change only what differs from a file' \
        genkey 'Make a private key' \
        genpsk 'Make a preshared key' \
        pubkey 'Turn a private key into its public key' \
        help 'Show the subcommands'
end

function __wg_fields
    __wg_offer \
        public-key 'Public key of the interface' \
        private-key 'Private key of the interface' \
        listen-port 'UDP port that the interface listens on' \
        fwmark 'Mark on outgoing packets' \
        peers 'Public keys of the peers' \
        preshared-keys 'Preshared key of each peer' \
        endpoints 'Address and port of each peer' \
        allowed-ips 'Prefixes routed to each peer' \
        latest-handshakes 'Unix time of the last handshake with each peer' \
        transfer 'Bytes received from and sent to each peer' \
        persistent-keepalive 'Keepalive interval of each peer' \
        dump 'Everything, separated by tabs'
end

function __wg_describe_parameters
    for name in $argv
        switch $name
            case listen-port
                __wg_offer $name 'UDP port to listen on'
            case fwmark
                __wg_offer $name 'Mark on outgoing packets'
            case private-key
                __wg_offer $name 'File with the private key'
            case peer
                __wg_offer $name 'A peer, by its public key'
            case remove
                __wg_offer $name 'Remove this peer'
            case preshared-key
                __wg_offer $name 'File with the preshared key'
            case endpoint
                __wg_offer $name 'Address and port of the peer'
            case persistent-keepalive
                __wg_offer $name 'Seconds between keepalives'
            case allowed-ips
                __wg_offer $name 'Prefixes routed to the peer'
        end
    end
end

# Reads what follows `set INTERFACE`. Prints the parameter that still wants its value, the peer that is
# spoken of, and the parameters that may come next, one a line.
function __wg_read_parameters
    set -l free listen-port fwmark private-key peer
    set -l parameter ''
    set -l peer ''
    for word in $argv
        switch "$parameter:$word"
            case ':peer'
                set free remove preshared-key endpoint persistent-keepalive allowed-ips peer
                set parameter peer
            case ':remove'
                set free peer
            case ':*'
                set free (string match -v -- $word $free | string match -v remove)
                set parameter $word
            case 'peer:*'
                set peer $word
                set parameter ''
            case '*'
                set parameter ''
        end
    end
    printf '%s\n' "$parameter" "$peer" $free
end

function __wg_parameters
    set -l interface $argv[1]
    set -l state (__wg_read_parameters $argv[2..])
    set -l peer $state[2]
    switch "$state[1]"
        case ''
            __wg_describe_parameters $state[3..]
        case fwmark persistent-keepalive
            __wg_offer off 'Switch it off'
        case peer
            __wg_peers $interface $argv[2..]
        case endpoint
            __wg_ask $interface endpoints | while read -l -d \t key endpoint
                test "$key" = "$peer" -a "$endpoint" != '(none)'
                and __wg_offer $endpoint 'Endpoint now'
            end
        case allowed-ips
            __wg_allowed_ips $interface $peer
    end
end

# A key tells a person nothing; what is routed to it does.
function __wg_peers
    __wg_ask $argv[1] allowed-ips | while read -l -d \t key prefixes
        contains -- $key $argv[2..]
        or __wg_offer $key $prefixes
    end
end

# A list with a sign changes what the peer has, so only removals make sense in it; a list without
# one replaces, so the peer's own prefixes are what one would keep.
function __wg_allowed_ips -a interface peer
    set -l list (commandline -ct | string trim -l -c \'\" | string match -r '.*,')
    set -l named (string split -n , -- $list)
    set -l signs '' -
    if string match -qr '^[+-]' -- $named
        set signs -
    else if test -n "$list"
        set signs ''
    end
    __wg_ask $interface allowed-ips | while read -l -d \t key prefixes
        test "$key" = "$peer" -a "$prefixes" != '(none)'
        or continue
        for prefix in (string split ' ' -- $prefixes)
            contains -- $prefix (string replace -r '^[+-]' '' -- $named)
            and continue
            for sign in $signs
                __wg_offer "$list$sign$prefix" (test -n "$sign"; and echo 'Take away'; or echo 'Keep')
            end
        end
    end
end

function __wg_candidates
    set -l words (commandline -opc)
    switch (count $words):"$words[2]"
        case '1:*'
            __wg_subcommands
        case 2:show
            __wg_interfaces
            __wg_offer all 'Every interface' interfaces 'Only the names of the interfaces'
        case 2:showconf 2:set 2:setconf 2:addconf 2:syncconf
            __wg_interfaces
        case 3:show
            test "$words[3]" = interfaces
            or __wg_fields
        case '*:set'
            __wg_parameters $words[3..]
    end
end

function __wg_wants_file
    set -l words (commandline -opc)
    switch (count $words):"$words[2]"
        case 3:setconf 3:addconf 3:syncconf
            return 0
        case '*:set'
            set -l parameter (__wg_read_parameters $words[4..])[1]
            contains -- "$parameter" private-key preshared-key
            return
    end
    return 1
end

complete -c wg -f
complete -c wg -n __wg_wants_file -F
complete -c wg -a '(__wg_candidates)'
complete -c wg -n 'test (count (commandline -opc)) -eq 1' -s h -l help -d 'Show the subcommands'
complete -c wg -n 'test (count (commandline -opc)) -eq 1' -s v -l version -d 'Show the version'
