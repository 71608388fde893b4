#!/bin/sh
# Ours against the reference on real kernel interfaces; `run-scenario` starts it inside the guest.
. ./checks.sh

main() {
    echo "info kernel $(uname -r), reference $(wg-ref --version | cut -d ' ' -f 2)"
    for section in no_interfaces "setting ours" "setting ref" shown_forms changes whole_files incremental_lists \
        errors sessions mid_size while_changing big; do
        timed "$section" $section
    done
    echo done
}

no_interfaces() {
    same "show without interfaces" show
    same "show all without interfaces" show all
    same "show all dump without interfaces" show all dump
    same "show interfaces without interfaces" show interfaces
}

# Every property, set by one program and read by both.
setting() { # WHO
    local wg=wg-$1
    fresh wg0
    reads "$1 sets nothing" wg0 "(none) (none) 0 off"
    $wg set wg0 private-key secret1
    reads "$1 sets private-key" wg0 "secret1 public1 0 off"
    $wg set wg0 listen-port 51820
    reads "$1 sets listen-port" wg0 "secret1 public1 51820 off"
    $wg set wg0 listen-port 51821
    reads "$1 changes listen-port" wg0 "secret1 public1 51821 off"
    $wg set wg0 fwmark 0xca6c
    reads "$1 sets fwmark" wg0 "secret1 public1 51821 0xca6c"
    $wg set wg0 fwmark 0
    reads "$1 sets fwmark 0" wg0 "secret1 public1 51821 off"
    $wg set wg0 fwmark 4294967295
    reads "$1 sets the largest fwmark" wg0 "secret1 public1 51821 0xffffffff"
    $wg set wg0 fwmark off private-key secret2 listen-port 0
    reads "$1 sets fwmark off, another key, no port" wg0 "secret2 public2 0 off"
    $wg set wg0 private-key /dev/null
    reads "$1 clears private-key" wg0 "(none) (none) 0 off"

    $wg set wg0 peer "$a"
    reads "$1 adds a bare peer" wg0 "(none) (none) 0 off" "a (none) (none) (none) 0 0 0 off"
    $wg set wg0 peer "$a" remove
    $wg set wg0 peer "$a" endpoint 192.0.2.1:1000
    reads "$1 sets endpoint v4" wg0 "(none) (none) 0 off" "a (none) 192.0.2.1:1000 (none) 0 0 0 off"
    $wg set wg0 peer "$a" endpoint "[2001:db8::1]:65535"
    reads "$1 sets endpoint v6" wg0 "(none) (none) 0 off" "a (none) [2001:db8::1]:65535 (none) 0 0 0 off"
    $wg set wg0 peer "$a" endpoint "[fe80::1%lo]:7"
    reads "$1 sets endpoint with scope" wg0 "(none) (none) 0 off" "a (none) [fe80::1%lo]:7 (none) 0 0 0 off"
    $wg set wg0 peer "$a" endpoint 192.0.2.1:1000 preshared-key psk1
    reads "$1 sets preshared-key" wg0 "(none) (none) 0 off" "a psk1 192.0.2.1:1000 (none) 0 0 0 off"
    $wg set wg0 peer "$a" preshared-key psk2 persistent-keepalive 25
    reads "$1 sets keepalive, another preshared-key" wg0 "(none) (none) 0 off" "a psk2 192.0.2.1:1000 (none) 0 0 0 25"
    $wg set wg0 peer "$a" preshared-key /dev/null persistent-keepalive 65535
    reads "$1 clears preshared-key" wg0 "(none) (none) 0 off" "a (none) 192.0.2.1:1000 (none) 0 0 0 65535"
    $wg set wg0 peer "$a" persistent-keepalive off
    reads "$1 sets keepalive off" wg0 "(none) (none) 0 off" "a (none) 192.0.2.1:1000 (none) 0 0 0 off"
    $wg set wg0 peer "$a" allowed-ips 0.0.0.0/0,::/0
    reads "$1 sets default routes" wg0 "(none) (none) 0 off" "a (none) 192.0.2.1:1000 0.0.0.0/0,::/0 0 0 0 off"
    $wg set wg0 peer "$a" allowed-ips 10.1.2.3/8,10.1.2.3,fd00:1:2::3/32,fd00:1:2::3,192.168.1.255/25
    reads "$1 sets allowed-ips with host bits" wg0 "(none) (none) 0 off" \
        "a (none) 192.0.2.1:1000 10.0.0.0/8,10.1.2.3/32,fd00:1::/32,fd00:1:2::3/128,192.168.1.128/25 0 0 0 off"
    $wg set wg0 peer "$b" allowed-ips 10.1.2.3/32,fd00:1::/32 peer "$c" allowed-ips 192.168.1.128/25
    reads "$1 moves allowed-ips to other peers" wg0 "(none) (none) 0 off" \
        "a (none) 192.0.2.1:1000 10.0.0.0/8,fd00:1:2::3/128 0 0 0 off" \
        "b (none) (none) 10.1.2.3/32,fd00:1::/32 0 0 0 off" "c (none) (none) 192.168.1.128/25 0 0 0 off"
    $wg set wg0 peer "$a" allowed-ips "" peer "$b" remove
    reads "$1 clears allowed-ips, removes a peer" wg0 "(none) (none) 0 off" \
        "a (none) 192.0.2.1:1000 (none) 0 0 0 off" "c (none) (none) 192.168.1.128/25 0 0 0 off"
}

# The start of many checks below: everything set, with three peers.
rich='$wg set wg0 private-key secret1 listen-port 51820 fwmark 0xca6c \
    peer $a preshared-key psk1 endpoint 192.0.2.1:1000 persistent-keepalive 25 allowed-ips 10.0.0.0/8,fd00::/8 \
    peer $b endpoint [2001:db8::1]:2000 allowed-ips 10.1.0.0/16 \
    peer $c preshared-key psk2 allowed-ips 10.2.0.0/16,10.3.0.0/16,0.0.0.0/0,::/0'

shown_forms() {
    local wg=wg-ref field interface variable
    fresh wg0 fifteen-letters wg1
    eval "$rich"
    wg-ref set fifteen-letters listen-port 51830 peer "$d" allowed-ips 10.0.0.0/8,fd00::/8
    same "wg"
    same "show" show
    same "showconf" showconf wg0
    same "showconf of 15 letters" showconf fifteen-letters
    same "showconf of an empty interface" showconf wg1
    same "show interfaces" show interfaces
    for interface in wg0 fifteen-letters wg1 all; do
        same "show $interface" show $interface
        for field in public-key private-key listen-port fwmark peers preshared-keys endpoints allowed-ips \
            latest-handshakes transfer persistent-keepalive dump; do
            same "show $interface $field" show $interface $field
        done
    done
    for variable in WG_COLOR_MODE=always WG_COLOR_MODE=never WG_HIDE_KEYS=never WG_HIDE_KEYS=always; do
        as="env $variable"
        same "show with $variable" show
    done
    as=

    wg-ours showconf wg0 >copy.conf && wg-ours setconf wg1 copy.conf
    state wg-ref wg0 >expected
    state wg-ref wg1 >state
    equal "showconf and setconf make a copy" "other state" expected state
    ip link del fifteen-letters
    ip link del wg1
}

changes() {
    twins "remove a peer" "$rich" '$wg set wg0 peer $b remove'
    twins "remove an unknown peer" "$rich" '$wg set wg0 peer $d remove'
    twins "remove all peers" "$rich" '$wg set wg0 peer $b remove peer $a remove peer $c remove' \
        "secret1 public1 51820 0xca6c"
    twins "set a peer twice" "$rich" '$wg set wg0 peer $d allowed-ips 10.8.0.0/16 peer $d allowed-ips 10.9.0.0/16'
    twins "remove and add a peer" "$rich" '$wg set wg0 peer $a remove peer $a allowed-ips 10.8.0.0/16'
    twins "take over all allowed-ips" "$rich" '$wg set wg0 peer $d allowed-ips 0.0.0.0/0,::/0,10.0.0.0/8,10.1.0.0/16'
    twins "repeat an allowed-ip" "$rich" '$wg set wg0 peer $d allowed-ips 10.8.0.0/16,10.8.0.0/16,10.8.1.1/16'
    twins "v4-mapped and unspecified addresses" "$rich" \
        '$wg set wg0 peer $d allowed-ips ::ffff:1.2.3.4/128,0.0.0.0/32,::/128'
    twins "private key of a peer" "$rich" \
        '$wg set wg0 peer $public2 allowed-ips 10.8.0.0/16; $wg set wg0 private-key secret2'
    twins "own public key as a peer" "$rich" '$wg set wg0 peer $public1 allowed-ips 10.8.0.0/16'
    twins "port out of range" "$rich" '$wg set wg0 listen-port 65536'
    twins "set nothing" "$rich" '$wg set wg0'
    twins "keepalive 0" "$rich" '$wg set wg0 peer $a persistent-keepalive 0'
    twins "keys from standard input" "$rich" 'echo $psk2 | $wg set wg0 peer $a preshared-key /dev/stdin'
}

whole_files() {
    local file how
    write_files
    for how in setconf addconf syncconf; do
        for file in full fewer-properties peers-only nothing other-peers twice odd-spelling \
            no-value no-section bad-key bad-port bad-ip unknown-key; do
            twins "$how $file" "$rich" "\$wg $how wg0 $file.conf"
        done
        twins "$how full on an empty interface" : "\$wg $how wg0 full.conf"
        twins "$how from standard input" "$rich" "\$wg $how wg0 /dev/stdin <full.conf"
    done
    twins "setconf drops what the file lacks" "$rich" '$wg setconf wg0 peers-only.conf' \
        "(none) (none) 0 off" "b (none) (none) (none) 0 0 0 off"
    twins "syncconf drops what the file lacks" "$rich" '$wg syncconf wg0 peers-only.conf' \
        "(none) (none) 0 off" "b (none) [2001:db8::1]:2000 (none) 0 0 0 off"
    twins "addconf keeps what the file lacks" "$rich" '$wg addconf wg0 fewer-properties.conf' \
        "secret1 public1 51821 0xca6c" "a psk1 192.0.2.1:1000 fd00::/8 0 0 0 25" \
        "b (none) [2001:db8::1]:2000 10.1.0.0/16 0 0 0 off" \
        "c psk2 (none) 10.2.0.0/16,10.3.0.0/16,0.0.0.0/0,::/0 0 0 0 off" "d (none) (none) 10.0.0.0/8 0 0 0 off"
    twins "syncconf of its own showconf" "$rich" '$wg showconf wg0 >own.conf; $wg syncconf wg0 own.conf'
}

write_files() {
    lines "[Interface]" "PrivateKey = $secret2" "ListenPort = 51822" "FwMark = 0x10" \
        "[Peer]" "PublicKey = $a" "PresharedKey = $psk2" "Endpoint = 192.0.2.9:99" "AllowedIPs = 10.0.0.0/8" \
        "AllowedIPs = fd00::/8, 10.4.0.0/16" "PersistentKeepalive = 7" \
        "[Peer]" "PublicKey = $d" "Endpoint = [2001:db8::9]:99" "AllowedIPs = 10.2.0.0/16" >full.conf
    lines "[Interface]" "ListenPort = 51821" "[Peer]" "PublicKey = $d" "AllowedIPs = 10.0.0.0/8" >fewer-properties.conf
    lines "[Peer]" "PublicKey = $b" >peers-only.conf
    : >nothing.conf
    lines "[Interface]" "FwMark = off" "PrivateKey = $secret1" \
        "[Peer]" "PublicKey = $c" "AllowedIPs = 10.1.0.0/16" "PersistentKeepalive = off" >other-peers.conf
    lines "[Peer]" "PublicKey = $b" "AllowedIPs = 10.1.0.0/16" "[Peer]" "PublicKey = $c" "AllowedIPs = 10.1.0.0/16" \
        "[Peer]" "PublicKey = $b" "PersistentKeepalive = 3" "AllowedIPs = 10.5.0.0/16" >twice.conf
    lines "# comment" "" "[interface]" "  LISTENPORT=51823 # comment" "	privatekey	=	$secret2" "[PEER]" \
        "publickey = $(echo "$b" | sed 's/./& /g')" "allowedips = 10.1.0.0 / 16 ,	10.2.0.0/16" >odd-spelling.conf
    lines "[Peer]" "PublicKey = $b" "AllowedIPs =" >no-value.conf
    lines "ListenPort = 51821" >no-section.conf
    lines "[Peer]" "PublicKey = ${b#b}" >bad-key.conf
    lines "[Interface]" "ListenPort = 65536" >bad-port.conf
    lines "[Peer]" "PublicKey = $b" "AllowedIPs = 10.1.0.0/33" >bad-ip.conf
    lines "[Interface]" "Address = 10.0.0.1/8" >unknown-key.conf
    lines "[Peer]" "PublicKey = $a" "AllowedIPs = +10.9.0.0/16, -fd00::/8" >signed-ips.conf
}

# Only newer kernels remove single allowed-ips; ours does it on all of them.
incremental_lists() {
    fresh wg0
    wg-ref set wg0 peer "$a" allowed-ips 10.0.0.0/8,10.1.0.0/16
    if wg-ref set wg0 peer "$a" allowed-ips -10.1.0.0/16 2>/dev/null && [ "$(lists)" = "a 10.0.0.0/8" ]; then
        incremental_by="ours ref"
    else
        incremental_by=ours
    fi
    echo "info incremental allowed-ips by $incremental_by"

    local others="c 0.0.0.0/0 10.2.0.0/16 10.3.0.0/16 ::/0"
    incremental "add and remove" 'set wg0 peer $a allowed-ips +10.9.0.0/16,-fd00::/8' \
        "a 10.0.0.0/8 10.9.0.0/16" "b 10.1.0.0/16" "$others"
    incremental "add only" 'set wg0 peer $a allowed-ips +10.9.0.0/16' \
        "a 10.0.0.0/8 10.9.0.0/16 fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "remove only" 'set wg0 peer $a allowed-ips -10.0.0.0/8' "a fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "remove all one by one" 'set wg0 peer $a allowed-ips -fd00::/8,-10.0.0.0/8' \
        "a (none)" "b 10.1.0.0/16" "$others"
    incremental "one sign makes the list incremental" 'set wg0 peer $a allowed-ips 10.9.0.0/16,-10.0.0.0/8' \
        "a 10.9.0.0/16 fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "remove with host bits" 'set wg0 peer $a allowed-ips -10.1.2.3/8,-fd00::1/8' \
        "a (none)" "b 10.1.0.0/16" "$others"
    incremental "remove what is not there" 'set wg0 peer $a allowed-ips -10.0.0.0/9,-fe00::/8' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "remove what another peer has" 'set wg0 peer $a allowed-ips -10.1.0.0/16' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "take from another peer" 'set wg0 peer $a allowed-ips +10.1.0.0/16' \
        "a 10.0.0.0/8 10.1.0.0/16 fd00::/8" "b (none)" "$others"
    incremental "add and remove the same" 'set wg0 peer $a allowed-ips +10.9.0.0/16,-10.9.0.0/16' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "remove and add the same" 'set wg0 peer $a allowed-ips -10.0.0.0/8,+10.0.0.0/8' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "$others"
    incremental "add to a new peer" 'set wg0 peer $d allowed-ips +10.9.0.0/16' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "$others" "d 10.9.0.0/16"
    incremental "remove default routes" 'set wg0 peer $c allowed-ips -0.0.0.0/0,-::/0' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "c 10.2.0.0/16 10.3.0.0/16"
    incremental "several peers" \
        'set wg0 peer $a allowed-ips -fd00::/8 peer $b allowed-ips +fd00::/8 peer $c allowed-ips 10.2.0.0/16' \
        "a 10.0.0.0/8" "b 10.1.0.0/16 fd00::/8" "c 10.2.0.0/16"
    incremental "remove from a new peer" 'set wg0 peer $d allowed-ips -10.9.0.0/16' \
        "a 10.0.0.0/8 fd00::/8" "b 10.1.0.0/16" "$others" "d (none)"
    incremental "a later whole list replaces" \
        'set wg0 peer $a allowed-ips +10.9.0.0/16,-10.10.0.0/16 allowed-ips 10.11.0.0/16' \
        "a 10.11.0.0/16 10.9.0.0/16" "b 10.1.0.0/16" "$others"
    incremental "setconf" 'setconf wg0 signed-ips.conf' "a 10.9.0.0/16"
    incremental "addconf" 'addconf wg0 signed-ips.conf' "a 10.0.0.0/8 10.9.0.0/16" "b 10.1.0.0/16" "$others"
    incremental "syncconf" 'syncconf wg0 signed-ips.conf' "a 10.0.0.0/8 10.9.0.0/16"

    fresh wg0
    wg=wg-ref; eval "$rich"
    wg-ours set wg0 peer "$a" persistent-keepalive 9 allowed-ips -10.0.0.0/8
    wg-ref show wg0 dump | sed -f names.sed | grep '^a' | tr '\t' ' ' >state
    lines "a psk1 192.0.2.1:1000 fd00::/8 0 0 0 9" >expected
    equal "incremental: other properties stay" "other state" expected state
}

incremental() { # NAME ARGUMENTS EXPECTED_LISTS...
    local name=$1 arguments=$2 who wg
    shift 2
    lines "status 0" "$@" >expected
    for who in $incremental_by; do
        fresh wg0
        wg=wg-ref; eval "$rich"
        eval "wg-$who $arguments" 2>/dev/null
        echo "status $?" >state
        lists >>state
        equal "incremental: $name, by $who" "other lists" expected state
    done
}

# Allowed-ips by peer, each list sorted.
lists() {
    local peer ips
    wg-ref show wg0 allowed-ips | sed -f names.sed | while read -r peer ips; do
        echo "$peer" $(echo "$ips" | tr ' ' '\n' | sort)
    done
}

errors() {
    local interface command wg=wg-ref
    fresh wg0
    eval "$rich"
    state wg-ref wg0 >before
    for interface in nosuch lo sixteen-letters- ../wg0; do
        for command in "show %" "show % dump" "show % peers" "showconf %" "set % listen-port 1" "set % peer $a remove" \
            "setconf % full.conf" "addconf % full.conf" "syncconf % full.conf"; do
            command=$(echo "$command" | sed "s|%|$interface|")
            same "error: ${command%"$a remove"}" $command
        done
    done
    same "error: empty name" show ""
    same "error: unknown subcommand" nosuch
    same "error: no arguments" set
    same_but_words "error: no file" "Unable to open nosuch.conf: No such file" setconf wg0 nosuch.conf
    same_but_words "error: no key file" "Unable to read key file nosuch: No such file" set wg0 private-key nosuch
    same_but_words "error: file is no key" "Found trailing character in key file: full.conf" set wg0 private-key full.conf
    same "error: bad peer" set wg0 peer "${a#a}"
    same "error: bad mark" set wg0 fwmark 0x100000000
    same "error: bad endpoint" set wg0 peer "$a" endpoint 192.0.2.1
    same "error: bad allowed-ip" set wg0 peer "$a" allowed-ips 10.0.0.0/33
    same "error: unknown property" set wg0 colour blue
    same "error: unknown field" show wg0 colour
    state wg-ref wg0 >state
    equal "errors change nothing" "other state" before state
    unprivileged
}

# For somebody who is not root.
unprivileged() {
    local as="setuidgid nobody"
    fresh wg0
    wg-ref set wg0 listen-port 51820
    same "unprivileged: show" show
    same "unprivileged: show interfaces" show interfaces
    same "unprivileged: show wg0" show wg0
    same "unprivileged: show wg0 dump" show wg0 dump
    same "unprivileged: show all dump" show all dump
    same "unprivileged: showconf" showconf wg0
    same "unprivileged: set" set wg0 listen-port 51821
    same "unprivileged: syncconf" syncconf wg0 full.conf
}

# Two interfaces of this guest shake hands over loopback; syncconf must not disturb that session.
sessions() {
    fresh wg0 wg1
    wg-ours set wg0 private-key secret1 listen-port 1000 peer "$public2" allowed-ips 10.0.0.0/8 peer "$b"
    wg-ours set wg1 private-key secret2 listen-port 2000 peer "$public1" allowed-ips 10.0.0.0/8
    ip link set wg0 up && ip link set wg1 up
    wg-ours set wg0 peer "$public2" endpoint 127.0.0.1:2000 persistent-keepalive 1
    wait_for_session
    wg-ours set wg0 peer "$public2" persistent-keepalive off
    sleep 1
    same "show with a session" show wg0
    same "show dump with a session" show wg0 dump
    same "show latest-handshakes with a session" show all latest-handshakes
    same "show transfer with a session" show all transfer
    same "showconf with a session" showconf wg1

    lines "[Interface]" "PrivateKey = $secret1" "ListenPort = 1000" "[Peer]" "PublicKey = $public2" \
        "AllowedIPs = 10.0.0.0/8" "Endpoint = 127.0.0.1:2000" "[Peer]" "PublicKey = $c" >sync.conf
    traffic >expected
    wg-ours syncconf wg0 sync.conf
    traffic >state
    equal "syncconf keeps the session" "counters or handshake changed" expected state
    lines public2 c >expected
    wg-ours show wg0 peers | sed -f names.sed >state
    equal "syncconf exchanges the other peer" "other peers" expected state

    lines "0 0 0" >expected
    wg-ours setconf wg0 sync.conf
    traffic >state
    equal "setconf starts the peer anew" "counters or handshake are still there" expected state
    ip link del wg1
}

wait_for_session() {
    local try
    for try in 1 2 3 4 5 6 7 8 9 10; do
        [ "$(traffic | cut -d ' ' -f 1)" != 0 ] && return
        sleep 1
    done
    echo "FAIL session: no handshake in 10 seconds"
}

# Latest handshake, received and sent bytes of wg0's peer with a session.
traffic() {
    wg-ref show wg0 dump | awk -v peer="$public2" '$1 == peer {print $5, $6, $7}'
}

# Peers with every property: more than one netlink message can hold.
mid_size() {
    twins "setconf of mid size" : '$wg setconf wg0 mid.conf'
    same "show of mid size" show wg0
    same "show dump of mid size" show wg0 dump
    same "showconf of mid size" showconf wg0
    twins "syncconf of mid size" 'wg-ref setconf wg0 mid.conf' '$wg syncconf wg0 mid-changed.conf'
    twins "addconf of mid size" 'wg-ref setconf wg0 mid.conf' '$wg addconf wg0 mid-changed.conf'
}

# While peers come and go, every dump still has each of the others exactly once.
while_changing() {
    local churn try
    fresh wg0
    wg-ref setconf wg0 mid.conf
    wg-ref show wg0 peers | sort >expected
    (while sleep 0.02; do
        wg-ref set wg0 peer "$a" peer "$b" peer "$c" allowed-ips 172.16.0.0/12
        wg-ref set wg0 peer "$a" remove peer "$b" remove peer "$c" remove
    done) &
    churn=$!
    for try in 1 2 3 4 5 6 7 8 9 10; do
        wg-ours show wg0 peers | grep -vFx -e "$a" -e "$b" -e "$c" | sort >state
        cmp -s expected state || break
    done
    kill $churn
    wait $churn 2>/dev/null
    equal "show while peers come and go" "peers missing or doubled" expected state
}

# Without a private key the kernel leaves out the computation per peer, which is slow under emulation.
big() {
    fresh wgmany wglist   # and never deleted: older kernels wait a grace period for each peer
    one_thread wgmany

    timed "ours: setconf of many peers" wg-ours setconf wgmany many.conf
    reads_all many dump
    timed "ours: syncconf of many peers" wg-ours syncconf wgmany many-changed.conf
    reads_all many-changed dump

    timed "ours: setconf of a long list" wg-ours setconf wglist list.conf
    reads_all list allowed-ips
    timed "ours: syncconf of a long list" wg-ours syncconf wglist list-changed.conf
    reads_all list-changed allowed-ips
}

# Newer kernels start a thread for each peer, which is more than this guest has memory for.
# Threads can be switched off as soon as there is a first peer.
one_thread() { # INTERFACE
    [ -e "/sys/class/net/$1/threaded" ] || return
    wg-ref set "$1" peer "$a"
    echo 0 >"/sys/class/net/$1/threaded"
    wg-ref set "$1" peer "$a" remove
}

# What ours has set from FILE.conf is read by both as FILE.FIELD's sum.
reads_all() { # FILE FIELD
    local who
    for who in ours ref; do
        timed "$who: show $2 of $1" "wg-$who" show "wg${1%-changed}" "$2" >out
        sed -n '$p' out
        sed '$d' out | sort >sorted
        echo "$(wc -l <sorted) lines, md5 $(md5sum <sorted)" >state
        equal "$1 set by ours, read by $who" "other $2" "$1.$2" state
    done
}

main
