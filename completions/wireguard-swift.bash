# bash completion for wireguard-swift(8), the WireGuard tunnel in userspace. The interface is a new name, for
# which there is nothing to offer.

_wireguard_swift() {
    local option
    COMPREPLY=()
    ((COMP_CWORD == 1)) || return 0
    for option in -f --foreground -h --help --version; do
        [[ ${COMP_WORDS[1]} == -* && $option == "${COMP_WORDS[1]}"* ]] && COMPREPLY+=("$option")
    done
    return 0
}

complete -F _wireguard_swift wireguard-swift
