#!/bin/sh
# Our wg-quick and the kernel's own WireGuard, in `near`; at the far end of the tunnel the kernel again, configured by
# the reference. `run-quick` starts this in the guest.
. ./tunnel-checks.sh

main() {
    local section
    echo "info kernel $(uname -r)"
    lay_cable
    make_keys
    set_up_far_end
    mkdir -m 700 -p /etc/wireguard
    cp near.key /etc/wireguard
    sleep 5   # until IPv6 has made up its mind about addresses of its own
    for section in routes default_routes table_of_its_own failures namespaces changes; do $section; done
    echo done
}

set_up_far_end() {
    start far kernel
    give_addresses far
    add_address far lo 10.77.0.1/32
    add_address far lo fd77::1/128
    far wg-ref set wg-far listen-port 2000 private-key far.key \
        peer "$(cat near.pub)" allowed-ips 10.9.0.1/32,fd09::1/128
}

# MARK: Files

# A file for wg0; LINES are for its [Interface].
file() { # ALLOWED_IPS LINES...
    local allowed=$1
    shift
    {
        echo "[Interface]"
        echo "PrivateKeyFile = near.key"
        echo "Address = 10.9.0.1/24, fd09::1/64"
        lines "$@"
        echo "[Peer]"
        echo "PublicKey = $(cat far.pub)"
        echo "Endpoint = 192.0.2.2:2000"
        echo "AllowedIPs = $allowed"
    } >/etc/wireguard/wg0.conf
}

lines() { [ $# = 0 ] || printf '%s\n' "$@"; }

# MARK: What is there

# All that wg-quick may change in a namespace. The kernel keeps empty tables.
state() { # NAMESPACE
    ip -n "$1" address
    ip -n "$1" -4 route show table all
    ip -n "$1" -6 route show table all
    ip -n "$1" -4 rule
    ip -n "$1" -6 rule
    nsenter --net=/run/netns/"$1" nft list ruleset
    find /run/wg-quick -type f ! -name '*lock' 2>/dev/null
}

remember() { # NAMESPACE...
    for namespace; do state "$namespace" >"before.$namespace"; done
}

is_as_before() { # NAMESPACE...
    for namespace; do
        state "$namespace" >"after.$namespace"
        diff "before.$namespace" "after.$namespace" || return
    done
}

shows() { # PATTERN COMMAND...
    local pattern=$1
    shift
    "$@" >shown 2>&1
    cat shown
    grep -q -e "$pattern" shown
}

reaches_networks() { # SIDE
    pings "$1" 2 10.77.0.1 && pings "$1" 2 fd77::1
}

# MARK: Checks

routes() {
    file "10.9.0.2/32, fd09::2/128, 10.77.0.0/16, fd77::/64" "PostUp = echo up %i >>/run/hooks" \
        "PreDown = echo down %i >>/run/hooks"
    remember near
    check "routes: up" near wg-quick up wg0
    check "the interface is the kernel's" shows " wireguard " ip -n near -d link show wg0
    check "its MTU is for the cable" shows "mtu 1420 " ip -n near link show wg0
    check "IPv4 address" shows "inet 10.9.0.1/24 scope global wg0" ip -n near address show dev wg0
    check "IPv6 address" shows "inet6 fd09::1/64 scope global" ip -n near address show dev wg0
    check "IPv4 route" shows "^10.77.0.0/16 scope link" ip -n near -4 route show dev wg0
    check "IPv6 route" shows "^fd77::/64 " ip -n near -6 route show dev wg0
    check "no route twice" not shows "^10.9.0.2" ip -n near -4 route show dev wg0
    check "traffic by those routes" reaches_networks near
    check "a second up is refused" not near wg-quick up wg0
    check "routes: down" near wg-quick down wg0
    check "routes: nothing is left" is_as_before near
    check "hooks were run, in order" shows "^up wg0 down wg0 $" sh -c "tr '\n' ' ' </run/hooks"
    check "a second down is refused" not near wg-quick down wg0
}

default_routes() {
    file "0.0.0.0/0, ::/0"
    remember near
    check "default routes: up" near wg-quick up wg0
    check "mark" shows 0xca6c near wg-ref show wg0 fwmark
    check "rule for what has no mark" shows "not from all fwmark 0xca6c lookup 51820" ip -n near -4 rule
    check "rule for what has no mark, IPv6" shows "not from all fwmark 0xca6c lookup 51820" ip -n near -6 rule
    check "rule for the local network" shows "lookup main suppress_prefixlength 0" ip -n near -4 rule
    check "IPv4 table" shows "^default dev wg0 scope link" ip -n near -4 route show table 51820
    check "IPv6 table" shows "^default dev wg0 " ip -n near -6 route show table 51820
    check "firewall" shows "table ip wg-quick-wg0" near nft list ruleset
    check "firewall, IPv6" shows "table ip6 wg-quick-wg0" near nft list ruleset
    check "the kernel checks the way back with the mark" shows 1 near cat /proc/sys/net/ipv4/conf/all/src_valid_mark
    check "traffic by default" reaches_networks near
    check "default routes: down" near wg-quick down wg0
    check "default routes: nothing is left" is_as_before near
}

table_of_its_own() {
    file "0.0.0.0/0, ::/0" "Table = 1234" "MTU = 1300"
    remember near
    check "table: up" near wg-quick up wg0
    check "table: default" shows "^default dev wg0" ip -n near -4 route show table 1234
    check "table: no rule" not shows 1234 ip -n near rule
    check "table: MTU" shows "mtu 1300 " ip -n near link show wg0
    check "table: down" near wg-quick down wg0
    check "table: nothing is left" is_as_before near
}

failures() {
    file "0.0.0.0/0, ::/0" "PostUp = false"
    remember near
    check "a hook that fails is a failure" not near wg-quick up wg0
    check "after it, nothing is left" is_as_before near
    file "10.77.0.0/16" "Table = nonsense"
    check "a table that does not exist is a failure" not near wg-quick up wg0
    check "after that, nothing is left" is_as_before near
}

namespaces() {
    file "0.0.0.0/0, ::/0"
    ip netns add inside
    ip -n inside link set lo up
    remember near inside
    check "namespace: up" near wg-quick up --netns inside wg0
    check "the interface is inside" shows " wireguard " ip -n inside -d link show wg0
    check "and not outside" not ip -n near link show wg0
    check "an ordinary default route" shows "^default dev wg0" ip -n inside route
    check "traffic from inside" reaches_networks inside
    check "namespace: down" near wg-quick down wg0
    check "namespace: nothing is left" is_as_before near inside
}
inside() { nsenter --net=/run/netns/inside "$@"; }

changes() {
    file "10.77.0.0/16" "ListenPort = 1000"
    remember near
    check "changes: up" near wg-quick up wg0
    check "changes: traffic" pings near 2 10.77.0.1
    local before
    before=$(near wg-ref show wg0 latest-handshakes)
    file "10.77.0.0/16, fd77::/64" "ListenPort = 1000" "MTU = 1380"
    check "reload" near wg-quick reload wg0
    check "reload: new route" shows "^fd77::/64 " ip -n near -6 route show dev wg0
    check "reload: new MTU" shows "mtu 1380 " ip -n near link show wg0
    check "reload: the session goes on" [ "$before" = "$(near wg-ref show wg0 latest-handshakes)" ]
    check "reload: traffic" reaches_networks near
    take_back
    cp /etc/wireguard/wg0.conf saved
    check "save" near wg-quick save wg0
    check "save: nothing to change" diff saved /etc/wireguard/wg0.conf
    check "changes: down" near wg-quick down wg0
    check "changes: nothing is left" is_as_before near
}

# Port, peer, address and routes have changed when a route clashes.
take_back() {
    cp /etc/wireguard/wg0.conf kept
    ip -n near route add 10.78.0.0/16 via 192.0.2.2
    { state near; near wg-ref showconf wg0; } >whole.before
    file "10.78.0.0/16, 0.0.0.0/0" "ListenPort = 1001" "Address = 10.9.5.1/24"
    check "reload that clashes" not near wg-quick reload wg0
    { state near; near wg-ref showconf wg0; } >whole.after
    check "after it, all is as before" diff whole.before whole.after
    ip -n near route delete 10.78.0.0/16
    cp kept /etc/wireguard/wg0.conf
    check "after it, traffic" reaches_networks near
}

main
