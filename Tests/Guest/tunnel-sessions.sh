# What becomes of sessions with time, and with new keys; part of tunnels.sh.

# Sessions are renewed after 120 s by their initiator, and nothing is lost.
rekeying() {
    local first
    for first in near far; do
        fresh $first 4
        check "$first renews: session" pings_both $first
        check "$first renews while it sends" \
            grows_by 235 250 "handshake $first" pings $first 260 "$(inner "$(other $first)" 4)"
        check "$first renews while it sends: nothing is lost" agree
        fresh $first 6
        check "$first renews: another session" pings_both $first
        check "$first renews while it only receives" \
            grows_by 235 250 "handshake $first" ping_in_vain "$(other $first)" 260
        check "$first renews while it only receives: nothing is lost" agree
    done
}

silence() {
    local first
    for first in near far; do
        fresh $first 4
        check "$first after nothing" pings_both $first
        sleep 200
        check "$first after 200 s of silence" pings $first 3 "$(inner "$(other $first)" 4)"
        sleep 600
        check "the other end after 600 s of silence" pings "$(other $first)" 3 "$(inner $first 6)"
    done
    sleep 200
    check "both at once after silence" both_at_once
    for first in near far; do
        fresh $first 4
        check "$first before nobody answers" pings_both $first
        sleep 30
        nowhere $first
        # One ping; then initiations, the first after 15 s, one every 5 s for 90 s.
        check "$first tries for a while" \
            grows_by $((128 + 16 * 148)) $((128 + 20 * 148)) "sent $first" wait_for_nobody $first
        check "$first gives up" grows_by 0 0 "sent $first" sleep 300
        set_peer $first endpoint "$(outer "$(other $first)" 6):$(port "$(other $first)")"
        check "$first tries again" pings_both $first
    done
}

both_at_once() {
    local far_pings
    pings far 3 10.9.0.1 &
    far_pings=$!
    pings near 3 10.9.0.2 && wait $far_pings
}

# A neighbour that takes everything and says nothing.
nowhere() { # SIDE
    ip -n "$1" neigh replace 192.0.2.99 lladdr 02:00:00:00:00:99 dev cable nud permanent
    set_peer "$1" endpoint 192.0.2.99:1
}

wait_for_nobody() { # SIDE
    ping_in_vain "$1" 1
    sleep 300
}

keepalives() {
    local side other
    for side in near far; do
        other=$(other $side)
        fresh $side 4
        check "$side before a keepalive" pings_both $side
        sleep 30
        check "$other confirms data with a keepalive" grows_by 32 32 "received $side" wait_after_ping $side
        check "$side counts the keepalive" agree
        fresh $side 6
        check "$side before keepalives" pings_both $side
        set_peer $side persistent-keepalive 5
        check "$side keeps alive" grows_by $((5 * 32)) $((7 * 32)) "received $other" sleep 30
        check "$other says nothing to that" grows_by 0 0 "received $side" sleep 30
        check "keepalives of $side are counted" agree
        set_peer $side persistent-keepalive off
        check "$side keeps alive no more" grows_by 0 0 "received $other" sleep 30
        # Also without any packet there is soon a session again.
        fresh $side 4
        set_peer $side persistent-keepalive 5
        sleep 10
        check "$side keeps alive from the beginning" agree
    done
}

wait_after_ping() { # SIDE
    ping_in_vain "$1" 1
    sleep 30
}

new_keys() {
    local side
    fresh near 4 psk
    check "before new keys" pings_both near
    for side in near far; do set_peer $side preshared-key psk2; done
    check "new preshared key: the session goes on" pings_both far
    sleep 200
    check "new preshared key" pings_both near
    set_peer far preshared-key psk
    sleep 200
    check "different preshared keys" not pings_at_last near 20 10.9.0.2
    check "different preshared keys, from far" not pings_at_last far 20 10.9.0.1
    set_peer near preshared-key psk
    sleep 10
    check "same preshared keys again" pings_both near
    for side in near far; do new_private_key $side; done
}

new_private_key() { # SIDE
    local other
    other=$(other "$1")
    set_peer "$other" remove
    wg-ref genkey >$1.key
    wg-ref pubkey <$1.key >$1.pub
    set_wg "$1" private-key "$1.key"
    set_peer "$other" preshared-key psk allowed-ips "$(inner "$1" 4)/32,$(inner "$1" 6)/128" \
        endpoint "$(outer "$1" 4):$(port "$1")"
    check "new private key at $1" pings_both "$1"
    check "new private key at $1, from the other end" pings_both "$other"
}

restarts() {
    local side
    for side in near far; do
        fresh $side 4
        check "$side before down" pings $side 3 "$(inner "$(other $side)" 4)"
        ip -n $side link set wg-$side down
        check "$side is down" not pings_at_last "$(other $side)" 3 "$(inner $side 4)"
        give_addresses $side
        check "$side is up again" pings $side 3 "$(inner "$(other $side)" 4)"
    done
    fresh near 4
    check "before our daemon is killed" pings near 3 10.9.0.2
    restart near ours
    configure near "" ""
    check "our daemon was killed: the far end finds it again" pings_at_last far 30 10.9.0.1
    restart near ours
    configure near "" 192.0.2.2:2000
    check "our daemon was killed: it goes on at once" pings_both near
    restart far "$far_kind"
    configure far "" ""
    check "the far end is new: our daemon finds it again" pings_at_last near 30 10.9.0.2
    check "the far end is new: it answers" pings_both far
}

restart() { # SIDE KIND
    if [ "$2" = kernel ]; then
        ip -n "$1" link del "wg-$1"
    else
        eval "kill -9 \$$1_pid"
        eval "wait \$$1_pid" 2>/dev/null
    fi
    start "$1" "$2"
    give_addresses "$1"
}
