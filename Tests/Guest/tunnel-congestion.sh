# Congestion marks (ECN) and traffic classes of what passes; part of tunnels.sh.
#
# Expected is what the kernel's WireGuard does at both ends. Packets are told apart by their lengths.

congestion() {
    local outside from side
    for outside in 4 6; do
        for from in near far; do
            fresh $from $outside
            see "$(other $from)" cable
            see $from cable
            check "outside v$outside, $from first: pings" pings_both $from
            sleep 15
            check "outside v$outside, $from first: handshakes are AF41, keepalives not" handshakes_are_af41 $from $outside
            check "outside v$outside, $from first: handshakes have no lower priority than data" has_priority $from
            see "$(other $from)" cable
            check "outside v$outside, from $from: pings with marks" pings_of_each_mark $from 1
            check "outside v$outside, from $from: marks outside" marks_are "$(other $from)" outer_marks $outside
            mark_outside "$(other $from)"
            see "$(other $from)" "wg-$(other $from)"
            check "outside v$outside, from $from: pings under marks" pings_of_each_mark $from 4
            check "outside v$outside, from $from: marks inside" marks_are "$(other $from)" inner_marks
            "$(other $from)" nft delete table netdev marking
            check "outside v$outside, from $from: a marked stream" marked_stream $from
        done
    done
    for side in near far; do
        echo 2 | $side tee /proc/sys/net/ipv4/tcp_ecn >/dev/null
        $side nft delete table inet seen
    done
}

# The values of the two bits, by number.
mark() { echo not-ect ect1 ect0 ce | cut -d ' ' -f $(($1 + 1)); }

# MARK: What is sent

# A ping of length 300, 316 and so on for each inner mark, COUNT times; DSCP EF. Over IPv6 it is as long as over IPv4.
pings_of_each_mark() { # FROM COUNT
    local from=$1 count=$2 turn mark size
    for turn in $(seq 0 $((count - 1))); do
        for mark in 0 1 2 3; do
            size=$((300 + 64 * turn + 16 * mark))
            $from iputils-ping -q -c 1 -W 5 -Q $((0xb8 + mark)) -s $((size - 28)) "$(inner "$(other "$from")" 4)" || return
            $from iputils-ping -q -c 1 -W 5 -Q $((0xb8 + mark)) -s $((size - 48)) "$(inner "$(other "$from")" 6)" || return
        done
    done
}

# As a router before a side would: by length, so that each inner mark comes under each outer one. Not where packets are
# sent: there Linux 7.2 lets nft change IPv4 only.
mark_outside() { # SIDE
    local turn
    {
        echo "table netdev marking { chain ingress { type filter hook ingress device cable priority 0;"
        for turn in 0 1 2 3; do
            set -- "$1" $((340 + 64 * turn)) $((403 + 64 * turn))
            echo "meta protocol ip udp length $2-$3 ip ecn set $(mark $turn)"
            echo "meta protocol ip6 udp length $2-$3 ip6 ecn set $(mark $turn)"
        done
        echo "}; }"
    } >marking
    "$1" nft -f marking
}

# MARK: What is seen

# Lengths and marks of all that comes in by a device, by DSCP; and handshakes that leave with another priority than 0.
see() { # SIDE DEVICE
    local family dscp
    "$1" nft delete table inet seen 2>/dev/null
    {
        echo "table inet seen {"
        for dscp in cs0 af41 ef; do echo "set $dscp { typeof meta length . ip ecn; size 4096; flags dynamic; }"; done
        echo "set other { typeof meta length . ip ecn; size 4096; flags dynamic; }"
        echo "set prioritized { typeof meta length; size 4096; flags dynamic; }"
        echo "chain input { type filter hook prerouting priority raw;"
        echo "iifname != $2 accept"
        echo "meta l4proto != { udp, icmp, icmpv6, tcp } accept"
        echo "icmpv6 type { 133, 134, 135, 136, 143 } accept"
        for family in ip ip6; do
            for dscp in cs0 af41 ef; do echo "$family dscp $dscp add @$dscp { meta length . $family ecn }"; done
            echo "$family dscp != { cs0, af41, ef } add @other { meta length . $family ecn }"
        done
        echo "}"
        echo "chain output { type filter hook postrouting priority 0;"
        echo "oifname $2 meta l4proto udp meta priority != 0:0 add @prioritized { meta length }"
        echo "}; }"
    } >seeing
    "$1" nft -f seeing
}

# As lines: DSCP LENGTH MARK.
seen() { # SIDE
    local dscp
    for dscp in cs0 af41 ef other; do
        "$1" nft list set inet seen $dscp | tr -d '\n\t' | sed -n 's/.*elements = {\([^}]*\)}.*/\1/p' | tr ',' '\n' |
            sed "s/^ *\([0-9]*\) \. \([^ ]*\) */$dscp \1 \2/"
        echo
    done | sed '/^$/d' | sort
}

marks_are() { # SIDE COMMAND...
    local side=$1
    shift
    "$@" | sort >expected
    seen $side >marks
    diff expected marks
}

# Bytes outside for a message of so many bytes.
outside_length() { # 4|6 LENGTH
    [ "$1" = 4 ] && echo $((28 + $2)) || echo $((48 + $2))
}

outer_marks() { # 4|6
    local mark
    for mark in 0 1 2 3; do
        # An inner CE is ECT(0) outside. Padding to 16, header and tag.
        echo "cs0 $(outside_length "$1" $((304 + 16 * mark + 32))) $(mark $((mark == 3 ? 2 : mark)))"
    done
}

inner_marks() {
    local turn mark seen
    for turn in 0 1 2 3; do
        for mark in 0 1 2 3; do
            seen=$mark
            [ $turn = 3 ] && [ $mark != 0 ] && seen=3
            [ $turn = 1 ] && [ $mark = 2 ] && seen=1
            echo "ef $((300 + 64 * turn + 16 * mark)) $(mark $seen)"
        done
    done
}

handshakes_are_af41() { # FIRST OUTSIDE
    local side
    for side in near far; do seen $side >$side.seen; done
    cat near.seen far.seen
    grep -qx "af41 $(outside_length "$2" 148) not-ect" "$(other "$1").seen" &&
        grep -qx "af41 $(outside_length "$2" 92) not-ect" "$1.seen" &&
        cat near.seen far.seen | grep -qx "cs0 $(outside_length "$2" 32) not-ect" &&
        cat near.seen far.seen | grep -v "^cs0 .* not-ect" >rest
    [ "$(wc -l <rest)" = 2 ]
}

# Of 64 bytes in IPv4, after `see`.
cookies_are_cs0() { # SIDE
    seen "$1" >marks
    cat marks
    [ "$(grep " 92 " marks)" = "cs0 92 not-ect" ]
}

has_priority() { # SIDE
    "$1" nft list set inet seen prioritized >prioritized
    cat prioritized
    not grep elements prioritized
}

# MARK: Streams

# Each segment of a stream that is marked on its way says so, what is not ECT says nothing, and all arrives.
marked_stream() { # FROM
    local side to
    to=$(other "$1")
    for side in near far; do echo 1 | $side tee /proc/sys/net/ipv4/tcp_ecn >/dev/null; done
    "$to" nft -f - <<marking
        table netdev marking { chain ingress {
            type filter hook ingress device cable priority 0;
            ip ecn { ect0, ect1 } ip ecn set ce
            ip6 ecn { ect0, ect1 } ip6 ecn set ce
        }; }
marking
    see "$to" "wg-$to"
    transfers "$1" random 4 && transfers "$1" random 6 || return
    "$to" nft delete table netdev marking
    seen "$to" | sed 's/.* //' | sort -u | tr '\n' ' ' >marks
    cat marks
    [ "$(cat marks)" = "ce not-ect " ]
}
