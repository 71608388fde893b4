#!/bin/sh
# What timers and staged packets survive: late endpoints and keys, new private keys, down and up. `run-timers` starts
# this in the guest, once with the kernel's WireGuard at the near end and once with our daemon: the same checks hold
# for both. The far end is the kernel's.
. ./tunnel-checks.sh
near_kind=$(cat near-kind)

main() {
    local section
    echo "info kernel $(uname -r), the near end is $near_kind"
    lay_cable
    make_keys
    wg-ref genkey >near2.key
    wg-ref pubkey <near2.key >near2.pub
    start near "$near_kind"
    start far kernel
    for section in late_endpoint late_private_key new_private_key down_and_up added_again staged_packets; do
        $section
        echo "info $section until $(seconds) s"
    done
    echo done
}

# Both ends as they begin: no sessions, and the far end waits.
renew() { # ENDPOINT|''
    configure far "" ""
    configure near "" "$1"
    give_addresses far
    give_addresses near
}

late_endpoint() {
    local interval
    for interval in 2 25; do
        renew ""
        set_peer near persistent-keepalive $interval
        sleep 30
        set_peer near endpoint 192.0.2.2:2000
        check "keepalive of $interval s, endpoint after 30 s: a handshake within one retry" handshakes 0 6
        check "keepalive of $interval s, endpoint after 30 s: keepalives go on" \
            grows_by 32 $((32 * (27 / interval))) "received far" sleep 27
    done
}

late_private_key() {
    renew 192.0.2.2:2000
    set_wg near private-key /dev/null
    set_peer near persistent-keepalive 25
    sleep 7
    set_wg near private-key near.key
    check "keepalive, private key after a while: a handshake" handshakes 0 6
}

# The far end gets to know the new key first.
change_key() {
    far wg-ref set wg-far peer "$(cat near2.pub)" allowed-ips 10.9.0.1/32
    set_wg near private-key near2.key
}

new_private_key() {
    local before
    renew 192.0.2.2:2000
    set_peer near persistent-keepalive 5
    sleep 12
    before=$(handshake near)
    change_key
    check "new private key: the persistent keepalive brings a handshake" handshakes "$before" 7

    renew 192.0.2.2:2000
    check "before a new private key" pings near 1 10.9.0.2
    before=$(handshake near)
    sleep 2
    change_key
    check "new private key: the answer to data under the old one brings a handshake" handshakes "$before" 10

    renew 192.0.2.2:2000
    check "before another private key" pings near 1 10.9.0.2
    sleep 2
    set_wg near private-key near2.key
    check "new private key: what comes under the old session is taken" \
        grows_by 3 3 "arrived near" far ping -q -c 3 -W 1 10.9.0.1

    renew ""
    nowhere
    near ping -q -c 3 -W 1 10.9.0.2 >/dev/null
    change_key
    set_peer near endpoint 192.0.2.2:2000
    check "new private key: staged packets arrive" grows_by 3 4 "arrived far" sleep 7
}

# A neighbour that takes everything and says nothing.
nowhere() {
    ip -n near neigh replace 192.0.2.99 lladdr 02:00:00:00:00:99 dev cable nud permanent
    set_peer near endpoint 192.0.2.99:1
}

down_and_up() {
    local before
    renew 192.0.2.2:2000
    check "before down" pings near 2 10.9.0.2
    near wg-ref show wg-near transfer >before
    before=$(handshake near)
    ip -n near link set wg-near down
    sleep 1
    near wg-ref show wg-near transfer >after
    check "down keeps the counters" cmp before after
    check "down keeps the time of the last handshake" [ "$(handshake near)" = "$before" ]
    give_addresses near
    check "up again, the first ping is answered within a second" near ping -c 1 -W 1 10.9.0.2

    renew ""
    nowhere
    near ping -q -c 3 -W 1 10.9.0.2 >/dev/null
    ip -n near link set wg-near down
    sleep 1
    give_addresses near
    set_peer near endpoint 192.0.2.2:2000
    check "down drops staged packets" grows_by 0 0 "arrived far" sleep 30
}

added_again() {
    renew 192.0.2.2:2000
    check "before the peer is removed" pings near 1 10.9.0.2
    set_peer near remove
    sleep 1
    set_peer near endpoint 192.0.2.2:2000 persistent-keepalive 25 allowed-ips 10.9.0.2/32
    check "removed and added again: a handshake at once" handshakes 0 2
}

# What becomes of packets that wait for a session when a handshake is given up, and when old keys are forgotten.
staged_packets() {
    renew ""
    nowhere
    near ping -q -c 3 -W 1 10.9.0.2 >/dev/null
    sleep 110
    set_peer near endpoint 192.0.2.2:2000
    check "given up: staged packets are dropped" grows_by 0 0 "arrived far" sleep 20

    renew 192.0.2.2:2000
    check "before keys are forgotten" pings near 1 10.9.0.2
    sleep 525
    nowhere
    near ping -q -c 3 -W 1 10.9.0.2 >/dev/null
    sleep 20
    set_peer near endpoint 192.0.2.2:2000
    check "keys are forgotten: staged packets arrive" grows_by 3 4 "arrived far" sleep 7
}

# The time of the near end's last handshake becomes another one than BEFORE within a number of seconds.
handshakes() { # BEFORE SECONDS
    local begin=$(seconds) try
    for try in $(seq $(($2 * 10))); do
        [ "$(handshake near)" != "$1" ] && return
        sleep 0.1
    done
    echo "none from $begin to $(seconds) s"
    return 1
}

main
