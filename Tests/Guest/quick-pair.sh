#!/bin/sh
# Our wg-quick and the reference on the kernel's own interfaces, file by file: exit status, and what addresses, routes,
# rules, firewall and the interface itself are like, up and down again. `run-quick-pair` starts this in the guest.
. ./quick-files.sh
ours=wg-quick-ours
reference=/guest/wg-quick
log=/tmp/hooks

# The shell would take busybox's own.
ip() { /bin/ip "$@"; }

main() {
    local file
    echo "info kernel $(uname -r)"
    prepare
    for file in $files; do compare "$file"; done
    echo done
}

# Programs of the reference's, and a way out for endpoints.
prepare() {
    ln -s wg-ref /bin/wg
    umask 077
    mkdir -p /etc/wireguard /run/netns
    ip link add outside type dummy
    ip address add 192.0.2.1/24 dev outside
    ip link set outside up mtu 1400
    $reference help >/dev/null 2>&1
    state >empty
}

compare() { # FILE
    local program
    "$1" >/etc/wireguard/wg7.conf
    for program in ours reference; do
        : >$log
        run $program up
        echo $? >"$program.up.status"
        state >"$program.up.state"
        run $program down
        echo $? >"$program.down.status"
        state >"$program.down.state"
        cp $log "$program.hooks"
    done
    check "$1: up: comes up or is refused, as it should" is_as_named "$1"
    check "$1: up: status $(cat reference.up.status)" cmp ours.up.status reference.up.status
    check "$1: up: state" diff ours.up.state reference.up.state
    check "$1: down: status $(cat reference.down.status)" cmp ours.down.status reference.down.status
    check "$1: down: all is gone" diff ours.down.state empty
    check "$1: down: state" diff ours.down.state reference.down.state
    check "$1: hooks" cmp ours.hooks reference.hooks
}

# Two that fail alike for want of something here would agree as well.
is_as_named() { # FILE
    case $1 in
    refused_*) ! grep -qx 0 ours.up.status ;;
    default_*) grep -qx 0 ours.up.status && grep -q "table ip wg-quick-wg7" ours.up.state ;;
    *) grep -qx 0 ours.up.status && grep -q "inet 10.7.0.1/" ours.up.state ;;
    esac
}

run() { # ours|reference COMMAND
    local program status
    [ "$1" = ours ] && program=$ours || program=$reference
    $program "$2" wg7 >"$1.said" 2>&1
    status=$?
    [ "$2" = up ] || sysctl -qw net.ipv4.conf.all.src_valid_mark=0
    return $status
}

# Numbers of interfaces differ from one to the next.
state() {
    ip -d address show dev wg7 2>/dev/null | sed 's/^[0-9]*: //'
    ip route show table all
    ip -6 route show table all
    ip -4 rule
    ip -6 rule
    nft list ruleset
    # Where up fails, ours puts this back, which the reference does not.
    wg-ref showconf wg7 2>/dev/null && sysctl net.ipv4.conf.all.src_valid_mark
}

check() { # NAME COMMAND...
    local name=$1 status
    shift
    "$@" >seen 2>&1
    status=$?
    if [ $status = 0 ]; then
        echo "ok $name"
    else
        echo "FAIL $name: $*, status $status"
        tail -n 30 seen ours.said reference.said | cut -c 1-200 | sed 's/^/    /'
    fi
}

main
