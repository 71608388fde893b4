/// PreUp, PostUp, PreDown and PostDown.
enum HookCases {
    static let all = [
        Case(
            "hooks in their order",
            interface: """
                Address = 10.0.0.1
                DNS = 192.0.2.53
                PostUp = echo 3; ip -br address show %i; ls /run/dns
                PreUp = echo 1; ip -br link show %i | sed 's/ .*//'; wg show %i listen-port
                PreDown = echo 5; wg show %i listen-port; ls /run/dns
                PostDown = echo 7; ip link show %i; ls /run/dns; true
                PreUp = echo 2
                PostUp = echo 4
                PostDown = echo 8
                PreDown = echo 6
                """, peers: peer(allowed: "10.5.0.0/16"), steps: "quick up wg0\nquick down wg0"),
        Case(
            "hooks of odd text",
            interface: """
                PostUp = echo a # b
                PostUp = # nothing
                  postup  =   echo   two   blanks   
                PreUp=
                #PostUp = echo no
                PostUp = echo a=b = c
                PostUp = echo '%i' "%i" %%i %i%i 50% \\%i
                PostUp = echo "ü" $'\\x41' `echo back` $((1 + 1)) {a,b}
                PostUp = [[ abc == @(abc|d) ]] && echo extended
                """),
        Case(
            "hooks and their shell",
            interface: """
                PostUp = set -o | grep -v history; pwd; echo $PATH $HOME $LC_ALL
                PostUp = umask; ls /proc/self/fd | sort | sed '/^[0-3]$/!d'; env | sed '/^_=\\|SHLVL\\|PWD/d' | sort
                PostUp = cd /; variable=kept; exit 0
                PostUp = pwd; echo ${variable-lost}
                """),
        Case(
            "hooks that read", interface: "PreUp = read line; echo got $line\nPostUp = cat",
            before: "input=$'first\\nsecond'"),
        Case(
            "hooks with files",
            interface: "PostUp = cat <(echo through a pipe) > there; sort < there | tr a-z A-Z\nPostDown = rm there"),
        Case("hooks on both outputs", interface: "PreUp = echo out; echo err >&2\nPostDown = echo err >&2; echo out"),
        Case("hooks in the background", interface: "PostUp = sleep 100 >/dev/null 2>&1 &\nPostUp = echo on"),
        Case(
            "hooks that bring peers",
            interface:
                "Address = 10.0.0.1\nPreUp = wg set %i fwmark 9 peer '\(Key.peers[1])' allowed-ips 10.6.0.0/16,0.0.0.0/0",
            peers: peer(allowed: "10.5.0.0/16")),
        Case(
            "hooks that know wg",
            interface: "PostUp = wg set %i listen-port 5199; wg show %i listen-port; wg show interfaces"),
        Case(
            "hooks that change keys", interface: "PostUp = wg set %i private-key <(echo \(Key.peers[2]))",
            steps: "quick up wg0; quick save wg0; quick down wg0"),
        Case(
            "hooks that use the script's variables",
            interface: """
                Address = 10.0.0.1/24, fd00::1/64
                Address = 10.3.0.1/24
                DNS = 192.0.2.53, example.com
                MTU = 1300
                PreUp = \(variables)
                PostUp = \(variables)
                PreDown = \(variables)
                PostDown = \(variables)
                """, peers: peer(allowed: "10.5.0.0/16"), before: "with cut"),
        Case(
            "hooks that use the script's functions",
            interface: """
                FwMark = 0x4d
                PostUp = cmd echo 'a b' c
                PostUp = if get_fwmark mark; then echo $mark; fi; (die some 'words') || echo $?
                PreDown = cmd false || echo failed
                PostDown = die the 'end'
                """),
        Case("hooks that use the script's functions, without a mark", interface: "PostUp = get_fwmark x || echo none"),
        Case(
            "a hook of 200 kB",
            before: "sed -i \"2i PostUp = x=$(printf %0200000d 7); echo \\${#x}; read y; echo got \\$y\" "
                + "/etc/wireguard/wg0.conf\ninput=$'first\\nsecond'"),
        Case(
            "hooks that ask for their arguments and descriptors",
            interface:
                "PostUp = echo $0; ls /proc/$BASHPID/fd | sort | sed '/^[0-3]$/!d'; declare -p hook | cut -c1-20",
            before: "with cut"),
        failing("PreUp", "die no words", name: "by the script's word"),
        failing("PreUp", "echo one; exit 7"),
        failing("PreUp", "false | true", name: "in a pipe"),
        failing("PostUp", "false; echo more", name: "before more"),
        failing("PostUp", "nosuchcommand"),
        failing("PostUp", "kill -KILL $BASHPID", name: "by a signal"),
        failing("PostUp", "if then", name: "of no syntax"),
        failing("PreDown", "exit 5"),
        failing("PostDown", "exit 6"),
        Case(
            "the first of two hooks fails", interface: "PreUp = echo one; false\nPreUp = echo two\nPostDown = echo down"
        ),
        Case("a hook that takes the interface away", interface: "Address = 10.0.0.1\nPreUp = ip link delete %i"),
        Case(
            "a hook that takes the interface away at the end",
            interface: "Address = 10.0.0.1\nPreDown = ip link delete %i"),
        Case("a hook that brings it up twice", interface: "PreUp = wg-quick up %i"),
    ]

    private static let variables =
        "declare -p INTERFACE CONFIG_FILE PROGRAM SELF ARGS ADDRESSES DNS DNS_SEARCH MTU TABLE SAVE_CONFIG; "
        + "echo ${#PRE_UP[@]} ${#POST_UP[@]} ${#PRE_DOWN[@]} ${#POST_DOWN[@]}; env | grep -c INTERFACE || true"

    private static func failing(_ key: String, _ command: String, name: String = "") -> Case {
        Case(
            name.isEmpty ? "a failing \(key)" : "a failing \(key) \(name)",
            interface: """
                Address = 10.0.0.1/24, fd00::1/64
                DNS = 192.0.2.53
                \(key) = \(command)
                \(key) = echo second
                PreDown = echo pre-down
                PostDown = echo post-down
                """, peers: peer(allowed: "0.0.0.0/0, ::/0, 10.5.0.0/16"))
    }
}
