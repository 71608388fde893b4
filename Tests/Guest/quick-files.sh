# Files for quick-pair.sh, each by the name of a function that writes it.
files="plain default_routes default_v4_with_mark table_off table_number table_main mtu mtu_of_way covered hooks
    refused_hook refused_route refused_address many_peers no_peer"

interface() {
    echo "[Interface]"
    echo "PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
    echo "ListenPort = 7777"
    printf '%s\n' "$@"
}

peer() {
    echo "[Peer]"
    echo "PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    printf '%s\n' "$@"
}

addresses="Address = 10.7.0.1/24, fd07::1/64"

plain() {
    interface "$addresses"
    peer "AllowedIPs = 10.8.0.0/16, fd08::/32, 10.9.0.1/32" "Endpoint = 192.0.2.7:51820" "PersistentKeepalive = 25" \
        "PresharedKey = FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
}

default_routes() {
    interface "$addresses"
    peer "AllowedIPs = 0.0.0.0/0, ::/0, 10.8.0.0/16"
}

default_v4_with_mark() {
    interface "$addresses" "FwMark = 0x1234"
    peer "AllowedIPs = 0.0.0.0/0"
}

table_off() {
    interface "$addresses" "Table = off"
    peer "AllowedIPs = 0.0.0.0/0, ::/0, 10.8.0.0/16"
}

table_number() {
    interface "$addresses" "Table = 777"
    peer "AllowedIPs = 0.0.0.0/0, ::/0, 10.8.0.0/16"
}

table_main() {
    interface "$addresses" "Table = main"
    peer "AllowedIPs = 0.0.0.0/1, 128.0.0.0/1, 8000::/1"
}

mtu() {
    interface "$addresses" "MTU = 1280"
    peer "AllowedIPs = 10.8.0.0/16"
}

mtu_of_way() {
    interface "$addresses"
    peer "AllowedIPs = 10.8.0.0/16" "Endpoint = 192.0.2.9:51820"
}

covered() {
    interface "Address = 10.7.0.1/16" "Address = fd07::1/32" "Address = 10.6.0.1"
    peer "AllowedIPs = 10.7.5.0/24, 10.7.0.0/16, 10.0.0.0/8, fd07:0:5::/48, fd07::/32, fd00::/8, 10.6.0.1/32"
}

hooks() {
    interface "$addresses" "PreUp = echo pre-up %i >>$log" "PreUp = ip link show dev %i | grep -o \"state [A-Z]*\" >>$log" \
        "PostUp = echo post-up %i >>$log" "PostUp = ip route show dev %i >>$log" "PreDown = echo pre-down >>$log" \
        "PostDown = echo post-down; ip link show dev %i >>$log 2>&1 || echo gone >>$log"
    peer "AllowedIPs = 10.8.0.0/16"
}

refused_hook() {
    interface "$addresses" "PostUp = exit 7"
    peer "AllowedIPs = 0.0.0.0/0, ::/0, 10.8.0.0/16"
}

refused_route() {
    interface "$addresses"
    peer "AllowedIPs = 10.8.0.0/16, 192.0.2.0/24"
}

refused_address() {
    interface "Address = 10.7.0.1/24, 10.7.0.1/24"
    peer "AllowedIPs = 10.8.0.0/16"
}

many_peers() {
    interface "$addresses"
    awk 'BEGIN {for (i = 0; i < 20; i++)
        printf "[Peer]\nPublicKey = %07dPeerPeerPeerPeerPeerPeerPeerPeerPeeA=\nAllowedIPs = 10.8.%d.%d/32, fd08::%x/128\n",
            i, i / 256, i % 256, i}'
}

no_peer() { interface "$addresses"; }
