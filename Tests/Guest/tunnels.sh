#!/bin/sh
# Tunnels between our daemon, `near`, and the kernel's WireGuard or our daemon again, `far`; `run-tunnels` starts
# this in the guest.
. ./tunnel-checks.sh
. ./tunnel-sessions.sh
. ./tunnel-congestion.sh
far_kind=$(cat far-kind)

main() {
    local section before
    echo "info kernel $(uname -r), the far end is $far_kind"
    lay_cable
    make_keys
    head -c 2500000 /dev/urandom >random
    for section in beginning combinations sizes congestion roaming inner_sources rekeying silence keepalives new_keys restarts \
        floods ending; do
        before=$(seconds)
        $section
        echo "info $section: $before to $(seconds) s"
    done
    echo done
}

beginning() {
    start near ours
    start far "$far_kind"
    give_addresses near
    give_addresses far
    serve_echoes
    check "started in the background, it answers at once" background_daemon
}

background_daemon() {
    near wireguard-swift wg-two && wg-ours show wg-two listen-port || return
    ip -n near link del wg-two
    gone near wg-two
}

combinations() {
    local outside psk first what
    for outside in 4 6; do
        for psk in "" psk; do
            for first in near far; do
                fresh $first $outside $psk
                what="$first first, outside v$outside${psk:+, preshared key}"
                check "$what: pings" pings_both $first
                check "$what: the other end's pings" pings_both "$(other $first)"
                check "$what: endpoint" \
                    endpoint_is "$(other $first)" "$(at "$(outer $first $outside)" "$(port $first)")"
                check "$what: same counters and handshake" agree
            done
        done
    done
    check "wg and the reference read our daemon alike" programs_agree near
    check "wg and the reference read the far end alike" programs_agree far
}

sizes() {
    local outside inside from
    for outside in 4 6; do
        fresh near $outside
        for inside in 4 6; do
            for from in near far; do
                check "TCP over v$inside from $from, outside v$outside" transfers $from random $inside
            done
            check "UDP over v$inside, outside v$outside" echoes near $inside 1 1372 1373 1392 1393 65000
        done
    done
    check "UDP of other sizes" echoes near 4 15 16 17 31 100 1391 3000 8000
    check "UDP from the far end" echoes far 4 1 1392 1393 65507
    check "pings in fragments" pings near 2 10.9.0.2 -s 20000
    large_mtu 9000
    check "UDP with a large MTU" echoes near 4 1393 8000 8892 8893
    check "TCP with a large MTU" transfers near random 4
    check "TCP with a large MTU from far" transfers far random 6
    large_mtu 1500
}

large_mtu() { # MTU of the cable
    local side
    for side in near far; do
        ip -n $side link set cable mtu "$1"
        ip -n $side link set wg-$side mtu $(($1 - 80))
    done
}

# Addresses and ports change under a session that goes on.
roaming() {
    local before
    fresh near 4
    check "before roaming" pings_both near
    before=$(handshake far)
    ip -n near addr del 192.0.2.1/24 dev cable
    add_address near cable 192.0.2.11/24
    check "our address changes" pings near 3 10.9.0.2
    check "our address changes: endpoint" endpoint_is far 192.0.2.11:1000
    ip -n far addr del 192.0.2.2/24 dev cable
    add_address far cable 192.0.2.12/24
    check "the far address changes" pings far 3 10.9.0.1
    check "the far address changes: endpoint" endpoint_is near 192.0.2.12:2000
    set_wg near listen-port 1001
    check "our port changes" pings near 3 10.9.0.2
    check "our port changes: endpoint" endpoint_is far 192.0.2.11:1001
    set_wg far listen-port 2001
    check "the far port changes" pings far 3 10.9.0.1
    check "the far port changes: endpoint" endpoint_is near 192.0.2.12:2001
    set_peer near endpoint "[2001:db8::2]:2001"
    check "from v4 to v6" pings near 3 10.9.0.2
    check "from v4 to v6: endpoint" endpoint_is far "[2001:db8::1]:1001"
    ip -n near addr del 2001:db8::1/64 dev cable
    add_address near cable 2001:db8::11/64
    check "our v6 address changes" pings near 3 10.9.0.2
    check "our v6 address changes: endpoint" endpoint_is far "[2001:db8::11]:1001"
    check "roaming keeps the session" [ "$(handshake far)" = "$before" ]
    two_addresses
}

# Answers come from the address that was asked, also when routes prefer another one.
two_addresses() {
    add_address near cable 192.0.2.1/24
    configure near "" ""
    configure far "" 192.0.2.1:1000
    check "asked at the second address" pings far 3 10.9.0.1
    check "asked at the second address: endpoint" endpoint_is far 192.0.2.1:1000
    give_outer_addresses
}

# Inner sources that do not belong to the peer are dropped.
inner_sources() {
    local side other
    fresh near 4
    check "before wrong sources" pings_both near
    for side in near far; do
        other=$(other $side)
        add_address $side wg-$side 10.9.0.77/32
        add_address $side wg-$side fd09::77/128
        check "wrong source from $side" grows_by 0 0 "arrived $other" \
            pings_at_last $side 3 "$(inner $other 4)" -I 10.9.0.77
        check "wrong v6 source from $side" grows_by 0 0 "arrived $other" \
            pings_at_last $side 3 "$(inner $other 6)" -I fd09::77
        set_peer $other allowed-ips "$(inner $side 4)/32,$(inner $side 6)/128,10.9.0.77/32,fd09::77/128"
        check "source allowed from $side" pings $side 3 "$(inner $other 4)" -I 10.9.0.77
        check "v6 source allowed from $side" pings $side 3 "$(inner $other 6)" -I fd09::77
        check "source and destination from $other" pings $other 3 10.9.0.77
        ip -n $side addr del 10.9.0.77/32 dev wg-$side
        ip -n $side addr del fd09::77/128 dev wg-$side
    done
}

# Both ends demand cookies from each other when they are flooded, and get in with them.
floods() {
    [ "$far_kind" = kernel ] || return
    mount -t debugfs none /sys/kernel/debug
    echo 'module wireguard format cookie +p' >/sys/kernel/debug/dynamic_debug/control
    fresh near 4
    see near cable
    check "gets into a flooded kernel" pings_through_flood near
    check "gets into a flooded kernel: with a cookie" kernel_said "Sending cookie response"
    check "gets into a flooded kernel: cookies have DSCP 0" cookies_are_cs0 near
    fresh far 4
    see far cable
    check "flooded, lets the kernel in" pings_through_flood far
    check "flooded, lets the kernel in: with a cookie" kernel_said "Receiving cookie response"
    check "flooded, lets the kernel in: cookies have DSCP 0" cookies_are_cs0 far
}

pings_through_flood() { # FROM
    local to flood answered
    to=$(other "$1")
    flood "$1" "$(at "$(outer "$to" 4)" "$(port "$to")")" &
    flood=$!
    sleep 1
    "$1" ping -c 1 -W 8 "$(inner "$to" 4)"
    answered=$?
    kill $flood || return   # it was over too soon
    wait $flood
    return $answered
}

# Bursts of initiations with a wrong MAC, more than are worked off between two of them.
flood() { # FROM TO
    local count
    { printf '\1\0\0\0'; head -c 144 random; } >burst
    for count in 1 2 3 4 5 6 7 8 9 10; do cat burst burst >burst2; mv burst2 burst; done
    for count in $(seq 20); do
        "$1" sh -c 'renice -n -20 $$; exec socat -u -b 148 OPEN:burst UDP4-SENDTO:$1' sh "$2"
        sleep 0.5
    done
}

kernel_said() { # WORDS
    dmesg | grep cookie
    dmesg | grep -q "$1"
}

ending() {
    check "ends on SIGTERM" ends near
    check "says nothing but what it must do without" quiet near
    [ "$far_kind" = kernel ] || check "the far daemon ends" ends far
}

ends() { # SIDE
    eval "kill \$$1_pid; wait \$$1_pid" && gone "$1" "wg-$1"
}

gone() { # SIDE INTERFACE
    local try
    for try in 1 2 3 4 5; do
        sleep 1
        [ ! -e "/run/wireguard/$2.sock" ] && ! ip -n "$1" link show "$2" 2>/dev/null && return
    done
    return 1
}

# TUN devices cut and join UDP since Linux 6.2.
quiet() { # SIDE
    local starts
    starts=$(wc -l <$1.starts)
    cat $1.log
    case $(uname -r) in
    6.1.*) [ "$(grep -c "goes without UDP segmentation" $1.log)" = "$starts" ] &&
        not grep -v "goes without UDP segmentation" $1.log ;;
    *) [ ! -s $1.log ] ;;
    esac
}

main
