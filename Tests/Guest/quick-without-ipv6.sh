#!/bin/sh
# Our wg-quick on a kernel that was booted with ipv6.disable=1. `run-quick-without-ipv6` starts this in the guest.
. ./tunnel-checks.sh

main() {
    echo "info kernel $(uname -r)"
    mkdir -m 700 -p /etc/wireguard /run/wireguard
    ip link set lo up
    check "the kernel has no IPv6" not ip -6 rule
    for allowed in 10.77.0.0/16 "0.0.0.0/0, 10.77.0.0/16"; do whole_life "$allowed"; done
    refused "an IPv6 address" 0.0.0.0/0 ", fd09::1/64"
    refused "an IPv6 default route" "0.0.0.0/0, ::/0" ""
    not_of_ours
    echo done
}

file() { # ALLOWED_IPS MORE_ADDRESSES LINES...
    {
        echo "[Interface]"
        echo "PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
        echo "Address = ${address:-10.9.0.1/24}$2"
        echo "$3"
        echo "[Peer]"
        echo "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
        echo "AllowedIPs = $1"
    } >/etc/wireguard/wg0.conf
}

state() {
    ip address
    ip -4 route show table all
    ip -4 rule
    nft list ruleset
    ls /run/wg-quick 2>/dev/null | grep wg0
}

is_as_before() { state >after; diff before after; }

whole_life() { # ALLOWED_IPS
    file "$1" ""
    state >before
    check "$1: up" wg-quick up wg0
    check "$1: reload of the same" wg-quick reload wg0
    address=10.8.0.1/24 file "$1" ""
    check "$1: reload with another address" wg-quick reload wg0
    check "$1: it is there" sh -c "iproute2 -4 address show dev wg0 | grep 10.8.0.1/24"
    file 10.66.0.0/16 ""
    check "$1: reload with other routes" wg-quick reload wg0
    file "$1" ""
    check "$1: reload back" wg-quick reload wg0
    check "$1: down" wg-quick down wg0
    check "$1: nothing is left" is_as_before
}

refused() { # WHAT ALLOWED_IPS MORE_ADDRESSES
    file "$2" "$3"
    state >before
    check "$1 is refused" not wg-quick up wg0
    check "$1: nothing is left" is_as_before
}

# As the script leaves it, which writes no notes.
not_of_ours() {
    file 0.0.0.0/0 ""
    state >before
    wg-quick up wg0 2>/dev/null
    rm -f /run/wg-quick/wg0.*
    check "without notes: down" wg-quick down wg0
    check "without notes: nothing is left" is_as_before
}

main
