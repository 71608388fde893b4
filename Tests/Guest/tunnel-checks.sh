# What tunnels.sh is made of: two namespaces, `near` with our daemon and `far` with the other end, joined by a
# cable. A check prints one line, `ok NAME` or `FAIL NAME: why`, a failed one then what it saw, indented.
# Seconds cost nothing here: the guest's clock jumps over idle time.

ip() { iproute2 "$@"; }
near() { nsenter --net=/run/netns/near "$@"; }
far() { nsenter --net=/run/netns/far "$@"; }

check() { # NAME COMMAND...
    local name=$1 status
    shift
    "$@" >seen 2>&1
    status=$?
    if [ $status = 0 ]; then
        echo "ok $name"
    else
        echo "FAIL $name: $(echo "$*" | cut -c 1-100), status $status"
        tail -n 12 seen | cut -c 1-200 | sed 's/^/    /'
    fi
}

not() { ! "$@"; }

seconds() { cut -d ' ' -f 1 /proc/uptime; }

other() { [ "$1" = near ] && echo far || echo near; }

# MARK: The two ends

# The outer addresses, and the inner ones, end in 1 at the near end and in 2 at the far end.
number() { [ "$1" = near ] && echo 1 || echo 2; }
outer() { # SIDE 4|6
    [ "$2" = 4 ] && echo "192.0.2.$(number "$1")" || echo "2001:db8::$(number "$1")"
}
inner() { # SIDE 4|6
    [ "$2" = 4 ] && echo "10.9.0.$(number "$1")" || echo "fd09::$(number "$1")"
}
port() { echo "$(number "$1")000"; }   # SIDE
at() { # ADDRESS PORT
    case $1 in
    *:*) echo "[$1]:$2" ;;
    *) echo "$1:$2" ;;
    esac
}

lay_cable() {
    local side
    mkdir -p /run/netns /run/wireguard
    ip netns add near
    ip netns add far
    ip link add cable netns near type veth peer name cable netns far
    for side in near far; do
        ip -n $side link set lo up
        ip -n $side link set cable up
    done
    give_outer_addresses
}

# Those and no others.
give_outer_addresses() {
    local side
    for side in near far; do
        ip -n $side addr flush dev cable scope global
        add_address $side cable "$(outer $side 4)/24"
        add_address $side cable "$(outer $side 6)/64"
    done
}

add_address() { # SIDE INTERFACE ADDRESS
    case $3 in
    *:*) ip -n "$1" addr add "$3" dev "$2" nodad ;;
    *) ip -n "$1" addr add "$3" dev "$2" ;;
    esac
}

make_keys() {
    local side
    umask 077
    for side in near far; do
        wg-ref genkey >$side.key
        wg-ref pubkey <$side.key >$side.pub
    done
    wg-ref genpsk >psk
    wg-ref genpsk >psk2
}

# A program in the background; $! is its process.
begin() { # SIDE COMMAND...
    local side=$1
    shift
    nsenter --net=/run/netns/$side "$@" &
}

# A daemon's process is $near_pid or $far_pid, what it says in near.log or far.log. The far one has two threads.
start() { # SIDE KIND
    local try
    if [ "$2" = kernel ]; then
        ip -n "$1" link add "wg-$1" type wireguard
    else
        echo >>"$1.starts"
        begin "$1" env WG_THREADS="$(number "$1")" wireguard-swift -f "wg-$1" >>"$1.log" 2>&1
        eval "$1_pid=$!"
        for try in 1 2 3 4 5 6 7 8 9 10; do
            wg-ours show "wg-$1" >/dev/null 2>&1 && break
            sleep 1
        done
    fi
}

give_addresses() { # SIDE
    ip -n "$1" addr flush dev "wg-$1"
    add_address "$1" "wg-$1" "$(inner "$1" 4)/24"
    add_address "$1" "wg-$1" "$(inner "$1" 6)/64"
    ip -n "$1" link set "wg-$1" up
}

# The interface's whole configuration; sessions of before end.
configure() { # SIDE PSK|'' ENDPOINT|''
    local remote
    remote=$(other "$1")
    {
        echo "[Interface]"
        echo "PrivateKey = $(cat "$1.key")"
        echo "ListenPort = $(port "$1")"
        echo "[Peer]"
        echo "PublicKey = $(cat "$remote.pub")"
        echo "AllowedIPs = $(inner "$remote" 4)/32, $(inner "$remote" 6)/128"
        [ -z "$2" ] || echo "PresharedKey = $(cat "$2")"
        [ -z "$3" ] || echo "Endpoint = $3"
    } >"$1.conf"
    "$1" "$(program "$1")" setconf "wg-$1" "$1.conf"
}

# Ours configures the daemon, the reference the other end.
program() { [ "$1" = near ] && echo wg-ours || echo wg-ref; }
set_wg() { # SIDE ARGUMENTS...
    local side=$1
    shift
    "$side" "$(program "$side")" set "wg-$side" "$@"
}
set_peer() { # SIDE ARGUMENTS...
    local side=$1
    shift
    set_wg "$side" peer "$(cat "$(other "$side").pub")" "$@"
}

# Only the first side knows where the other is, so that it has to begin.
fresh() { # FIRST 4|6 [PSK]
    local second
    second=$(other "$1")
    configure "$second" "${3:-}" ""
    configure "$1" "${3:-}" "$(at "$(outer "$second" "$2")" "$(port "$second")")"
}

# MARK: What wg shows

peer_field() { # SIDE NUMBER
    "$1" wg-ref show "wg-$1" dump | tail -n +2 | cut -f "$2"
}
endpoint() { peer_field "$1" 3; }
handshake() { peer_field "$1" 5; }
received() { peer_field "$1" 6; }
sent() { peer_field "$1" 7; }

endpoint_is() { # SIDE ENDPOINT
    endpoint "$1"
    [ "$(endpoint "$1")" = "$2" ]
}

# Without losses each has received what the other has sent, to the byte.
agree() {
    local side
    for side in near far; do $side wg-ref show wg-$side dump; done
    set -- $(peer_field near 5-7) $(peer_field far 5-7)
    [ "$1" != 0 ] && [ "$4" != 0 ] && [ $(($1 - $4)) -le 1 ] && [ $(($4 - $1)) -le 1 ] &&
        [ "$2" = "$6" ] && [ "$3" = "$5" ]
}

programs_agree() { # SIDE
    local program
    for program in ref ours; do "$1" wg-$program show all dump >dump.$program; done
    diff dump.ref dump.ours
}

# MARK: Traffic

# Each of COUNT pings, one a second, is answered.
pings() { # FROM COUNT ADDRESS [OPTIONS...]
    local from=$1 count=$2 address=$3
    shift 3
    $from ping -c "$count" -W 5 "$@" "$address" >pinged.$from 2>&1
    cat pinged.$from
    grep -q "^$count packets transmitted, $count packets received" pinged.$from
}

pings_both() { # FROM
    local to
    to=$(other "$1")
    pings "$1" 2 "$(inner "$to" 4)" && pings "$1" 2 "$(inner "$to" 6)"
}

# At least one of the pings is answered.
pings_at_last() { # FROM COUNT ADDRESS [OPTIONS...]
    local from=$1 count=$2
    shift 2
    $from ping -c "$count" -W 1 "$@"
}

# A file arrives as it was sent.
transfers() { # FROM FILE 4|6
    local to receiver
    to=$(other "$1")
    rm -f arrived
    begin "$to" timeout 100 socat -u "TCP$3-LISTEN:7000,reuseaddr" CREATE:arrived
    receiver=$!
    sleep 1
    "$1" timeout 100 socat -u "OPEN:$2" "TCP$3:$(at "$(inner "$to" "$3")" 7000)"
    wait $receiver
    cmp "$2" arrived
}

# To both ends: datagrams to port 7 come back.
serve_echoes() {
    local side
    for side in near far; do begin $side socat -b 65536 UDP6-RECVFROM:7,fork,ipv6only=0 PIPE; done
}

# Datagrams of these sizes come back as they were sent.
echoes() { # FROM 4|6 SIZES...
    local from=$1 family=$2 size missing= address
    shift 2
    address=$(at "$(inner "$(other "$from")" "$family")" 7)
    for size; do
        head -c "$size" random >datagram
        $from socat -b 65536 -t 2 - "UDP$family:$address" <datagram >echoed
        cmp -s datagram echoed || missing="$missing $size"
    done
    echo "not echoed:$missing"
    [ -z "$missing" ]
}

# Pings of this side are not answered: traffic in one direction only.
mute() { echo 1 | "$1" tee /proc/sys/net/ipv4/icmp_echo_ignore_all >/dev/null; }
unmute() { echo 0 | "$1" tee /proc/sys/net/ipv4/icmp_echo_ignore_all >/dev/null; }
ping_in_vain() { # FROM COUNT
    local to
    to=$(other "$1")
    mute "$to"
    "$1" ping -q -c "$2" -W 1 "$(inner "$to" 4)"
    unmute "$to"
}

# Packets that came out of the tunnel at a side.
arrived() { # SIDE
    "$1" awk -v name="wg-$1:" '$1 == name {print $3}' /proc/net/dev
}

# MARK: Numbers

# What a command changes of a number that another command prints.
grows_by() { # LEAST MOST NUMBER_COMMAND COMMAND...
    local least=$1 most=$2 number=$3 before growth
    shift 3
    before=$($number)
    "$@"
    growth=$(($($number) - before))
    echo "\`$number' grew by $growth instead of $least to $most"
    [ $growth -ge "$least" ] && [ $growth -le "$most" ]
}
