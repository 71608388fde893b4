# bash completion for wg-quick(8), which brings WireGuard interfaces up and down.
#
# Works by itself or loaded by bash-completion. Offers the names of /etc/wireguard, as far as it can be read,
# and of the interfaces that `wg show` tells; files once the word has a slash.

_wg_quick() {
    local IFS=$' \t\n' current=${COMP_WORDS[COMP_CWORD]} free='' wants='' target='' word
    local -a options
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        case $current in
            -*) _wg_quick_offer -h --help ;;
            *) _wg_quick_offer up down save strip reload reresolve help ;;
        esac
        return 0
    fi

    case ${COMP_WORDS[1]} in
        up) free=' --dry-run --netns --tolerant ' ;;
        down | reresolve) free=' --dry-run ' ;;
        reload) free=' --dry-run --tolerant ' ;;
        save | strip) ;;
        *) return 0 ;;
    esac
    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
        case $wants:$word in
            # Of --netns=NAMESPACE, bash makes three words.
            netns:=) ;;
            netns:*) wants='' ;;
            :--netns=*) free=${free/ --netns / } ;;
            :--netns) wants=netns free=${free/ --netns / } ;;
            :-*) free=${free/" $word "/ } ;;
            *) target=$word ;;
        esac
    done

    [[ $wants == netns && $current == = ]] && current=''
    case $wants:$target:$current in
        netns:*:*/*) _wg_quick_files ;;
        netns:*) _wg_quick_namespaces ;;
        *:-*)
            read -r -a options <<<"$free"
            _wg_quick_offer "${options[@]}"
            ;;
        ::*/*) _wg_quick_files ;;
        ::*) _wg_quick_targets "${COMP_WORDS[1]}" ;;
    esac
    return 0
}

_wg_quick_offer() {
    local candidate
    for candidate; do
        [[ -n $candidate && $candidate == "$current"* ]] && COMPREPLY+=("$candidate")
    done
}

# With no reply of ours, these options hand the word to readline's own file completion.
_wg_quick_files() {
    compopt -o bashdefault -o default 2>/dev/null
}

_wg_quick_targets() {
    local file name
    local -a present
    read -r -d '' -a present <<<"$(command wg show interfaces 2>/dev/null)"
    case $1 in
        up | strip)
            for file in /etc/wireguard/*.conf; do
                name=${file##*/} name=${name%.conf}
                [[ $name == '*' || $1 == up && " ${present[*]} " == *" $name "* ]] || _wg_quick_offer "$name"
            done
            ;;
        *) _wg_quick_offer "${present[@]}" ;;
    esac
}

_wg_quick_namespaces() {
    local file
    for file in /run/netns/*; do
        [[ $file == */\* ]] || _wg_quick_offer "${file##*/}"
    done
}

complete -F _wg_quick wg-quick
