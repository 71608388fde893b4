# bash completion for wg(8), the WireGuard configuration tool.
#
# Works by itself or loaded by bash-completion. Asks only `wg show …`, and offers nothing where
# that fails, as it does without the privilege to read an interface.

_wg() {
    local IFS=$' \t\n' current='' kept
    local -a words
    COMPREPLY=()
    _wg_split_line
    local position=$((${#words[@]} - 1))

    case $position:${words[1]} in
        1:-*) _wg_offer -h --help -v --version ;;
        1:*) _wg_offer show showconf set setconf addconf syncconf genkey genpsk pubkey help ;;
        2:show) _wg_interfaces all interfaces ;;
        2:showconf | 2:set | 2:setconf | 2:addconf | 2:syncconf) _wg_interfaces ;;
        3:show) [[ ${words[2]} == interfaces ]] || _wg_fields ;;
        3:setconf | 3:addconf | 3:syncconf) _wg_files ;;
        *:set) _wg_parameters ;;
    esac
}

# Readline cuts words at "=" and ":", which keys, endpoints and IPv6 addresses contain, and inside
# <(…). Here such pieces are one word; `kept` is what readline will not replace of the current one.
_wg_split_line() {
    local line=${COMP_LINE:0:COMP_POINT} rest piece index breaks
    for ((index = 0; index <= COMP_CWORD; index++)); do
        rest=${line#"${line%%[![:space:]]*}"}
        ((index < COMP_CWORD)) && piece=${COMP_WORDS[index]} || piece=$rest
        if ((index > 0)) && [[ $rest == "$line" || $current == *'('* && $current != *')'* ]]; then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
        fi
        current=${words[${#words[@]} - 1]}
        line=${rest#"$piece"}
    done

    kept=''
    breaks=${COMP_WORDBREAKS//[!=:]/}
    if [[ $current == [\"\']* ]]; then
        current=${current:1}
    elif [[ -n $breaks ]]; then
        kept=${current%"${current##*["$breaks"]}"}
    fi
}

_wg_offer() {
    local candidate
    for candidate; do
        [[ -n $candidate && $candidate == "$current"* ]] && COMPREPLY+=("${candidate#"$kept"}")
    done
}

# With no reply of ours, these options hand the word to readline's own file completion.
_wg_files() {
    compopt -o bashdefault -o default 2>/dev/null
}

_wg_ask() {
    command wg show "$@" 2>/dev/null
}

_wg_interfaces() {
    local -a names
    read -r -d '' -a names <<<"$(_wg_ask interfaces)"
    _wg_offer "${names[@]}" "$@"
}

_wg_fields() {
    _wg_offer public-key private-key listen-port fwmark peers preshared-keys endpoints allowed-ips \
        latest-handshakes transfer persistent-keepalive dump
}

_wg_parameters() {
    local interface=${words[2]} free=' listen-port fwmark private-key peer ' parameter='' peer='' word
    local -a names
    for word in "${words[@]:3:position - 3}"; do
        case $parameter:$word in
            :peer)
                free=' remove preshared-key endpoint persistent-keepalive allowed-ips peer '
                parameter=peer
                ;;
            :remove) free=' peer ' ;;
            :*)
                free=${free/" $word "/ } free=${free/ remove / }
                parameter=$word
                ;;
            peer:*) peer=$word parameter='' ;;
            *) parameter='' ;;
        esac
    done

    case $parameter in
        '')
            read -r -a names <<<"$free"
            _wg_offer "${names[@]}"
            ;;
        peer) _wg_peers ;;
        endpoint) _wg_endpoint ;;
        allowed-ips) _wg_allowed_ips ;;
        private-key | preshared-key) _wg_files ;;
        fwmark | persistent-keepalive) _wg_offer off ;;
    esac
}

_wg_peers() {
    local key
    while read -r key; do
        [[ " ${words[*]:3:position - 3} " == *" $key "* ]] || _wg_offer "$key"
    done <<<"$(_wg_ask "$interface" peers)"
}

_wg_endpoint() {
    local key endpoint
    while read -r key endpoint; do
        [[ $key == "$peer" && $endpoint != '(none)' ]] && _wg_offer "$endpoint"
    done <<<"$(_wg_ask "$interface" endpoints)"
}

# A list with a sign changes what the peer has, so only removals make sense in it; a list without
# one replaces, so the peer's own prefixes are what one would keep.
_wg_allowed_ips() {
    local list=${current%"${current##*,}"} key prefix sign open=0
    local -a prefixes signs=('' -)
    case ,$list in
        *,[+-]*) signs=(-) ;;
        ,?*) signs=('') ;;
    esac
    while read -r key prefix; do
        [[ $key == "$peer" && $prefix != '(none)' ]] && read -r -a prefixes <<<"$prefix"
    done <<<"$(_wg_ask "$interface" allowed-ips)"

    for prefix in "${prefixes[@]}"; do
        [[ ,$list == *,"$prefix",* || ,$list == *,[+-]"$prefix",* ]] && continue
        ((open += 1))
        for sign in "${signs[@]}"; do
            _wg_offer "$list$sign$prefix"
        done
    done
    ((open > 1)) && compopt -o nospace 2>/dev/null
}

complete -F _wg wg
