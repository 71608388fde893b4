# What the scenario is made of. A check prints one line, `ok NAME` or `FAIL NAME: why`, a failed one then
# what differs, indented; `<` is the expected side. $wg is the program that an action is to use.

# Peers and keys by short names; states print these names instead of the keys.
key() { # FIRST REST LAST_TWO
    printf '%s%s%s=' "$1" "$(printf '%040d' 0 | tr 0 "$2")" "$3"
}
a=$(key a a aA) b=$(key b b bA) c=$(key c c cA) d=$(key d d dA)
secret1=$(key E B FA) secret2=$(key I C FA)   # already clamped: the kernel clamps what it is given
psk1=$(key P P PA) psk2=$(key Q Q QA)
for name in secret1 secret2 psk1 psk2; do eval "echo \$$name" >$name; done
public1=$(wg-ref pubkey <secret1) public2=$(wg-ref pubkey <secret2)
for name in a b c d secret1 secret2 psk1 psk2 public1 public2; do
    eval "echo \"s|\$$name|$name|g\""
done >names.sed

lines() { printf '%s\n' "$@"; }

fresh() { # INTERFACE...
    local interface
    for interface; do
        ip link del "$interface" 2>/dev/null
        ip link add "$interface" type wireguard
    done
}

state() { # PROGRAM INTERFACE
    "$1" show "$2" dump 2>&1 | tr '\t' ' ' | sed -f names.sed
}

equal() { # NAME WHY EXPECTED_FILE FILE
    if cmp -s "$3" "$4"; then
        echo "ok $1"
    else
        echo "FAIL $1: $2"
        diff "$3" "$4" | sed -n '1,2d; s/^-/    < /p; s/^+/    > /p' | cut -c 1-300 | head -n 16
    fi
}

# Status and output of a command into FILE, its error output into FILE.err, the program's name made neutral.
outcome() { # FILE COMMAND...
    local file=$1
    shift
    "$@" >out 2>err
    echo "status $?" >"$file"
    sed 's/wg-\(ours\|ref\)/wg/g' out >>"$file"
    sed "s/wg-\(ours\|ref\)/wg/g; s/[\`']//g" err >"$file.err"
}

# Where the reference complains, ours says the same words and may say more.
complains_alike() {
    local words
    [ -s ref.err ] || [ ! -s ours.err ] || return 1
    while read -r words; do
        grep -qF -e "$words" ours.err || return 1
    done <ref.err
}

equal_outcomes() { # NAME
    complains_alike || cat ref.err >>ref
    complains_alike || cat ours.err >>ours
    equal "$1" "other outcome than the reference's" ref ours
}

# Ours prints what the reference prints. An age may change its second in between: then both run again.
same() { # NAME ARGUMENTS...
    local name=$1 try
    shift
    for try in 1 2 3; do
        outcome ref $as wg-ref "$@"
        outcome ours $as wg-ours "$@"
        cmp -s ref ours && break
    done
    equal_outcomes "$name"
}
as=   # the command that `same` runs programs with

# The same for errors that ours tells in WORDS of its own.
same_but_words() { # NAME WORDS ARGUMENTS...
    local name=$1 words=$2
    shift 2
    outcome ref wg-ref "$@"
    outcome ours wg-ours "$@"
    [ -s ref.err ] && grep -qF -e "$words" ours.err || cat ref.err ours.err >>ours
    equal "$name" "other outcome than the reference's" ref ours
}

# Both programs read what one of them has set.
reads() { # NAME INTERFACE EXPECTED...
    local name=$1 interface=$2 reader
    shift 2
    lines "$@" >expected
    for reader in ours ref; do
        state "wg-$reader" "$interface" >state
        equal "$name, read by $reader" "other state" expected state
    done
}

# From the same start, ours does to wg0 what the reference does, with the same output and status.
twins() { # NAME START ACTION [EXPECTED...]
    local name=$1 start=$2 action=$3 who
    shift 3
    for who in ref ours; do
        fresh wg0
        wg=wg-ref; eval "$start"
        wg=wg-$who; outcome $who eval "$action"
        state wg-ref wg0 >$who.state
        cat $who.state >>$who
    done
    if [ $# != 0 ] && lines "$@" >expected && ! cmp -s expected ref.state; then
        equal "$name" "the reference's state is not what this check expects" expected ref.state
    else
        equal_outcomes "$name"
    fi
}

seconds() { cut -d ' ' -f 1 /proc/uptime; }

# Runs a command and says how long it took.
timed() { # WHAT COMMAND...
    local what=$1 start
    shift
    start=$(seconds)
    "$@"
    echo "info $what: $(echo "$start $(seconds)" | awk '{printf "%.2f", $2 - $1}') s"
}
