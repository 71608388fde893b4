/// `save` and SaveConfig. That ours keeps what it can of the file is a difference by design: see `DeliberateDifference`.
enum SaveCases {
    static let all = [
        Case(
            "saved with everything",
            interface: """
                Address = 10.0.0.1/24, fd00::1/64
                DNS = 192.0.2.53
                MTU = 1300
                Table = auto
                PreUp = echo  a # b
                PreUp = echo %i
                PostUp = true
                PreDown = true
                PostDown = true
                """, peers: peer(allowed: "10.5.0.0/16", endpoint: "192.0.2.5:51", "PersistentKeepalive = 25"),
            steps: "quick up wg0; quick save wg0; quick save wg0; quick strip wg0; quick down wg0"),
        Case(
            "saved after changes", interface: "Address = 10.0.0.1/24\nMTU = 1300", peers: peer(allowed: "10.5.0.0/16"),
            steps: """
                quick up wg0
                ip address add 10.7.0.1/24 dev wg0; ip address add fd09::1/64 dev wg0; ip address del 10.0.0.1/24 dev wg0
                ip link set wg0 mtu 1280
                $wg set wg0 listen-port 5199 fwmark 7 peer '\(Key.peers[1])' allowed-ips 10.6.0.0/16 persistent-keepalive 5
                $wg set wg0 peer '\(Key.peers[0])' remove
                quick save wg0; quick down wg0; quick up wg0
                """),
        Case(
            "saved at the end",
            interface: "Address = 10.0.0.1/24\nSaveConfig = true\nPreDown = wg set %i listen-port 5199",
            peers: peer(allowed: "10.5.0.0/16"), steps: "quick up wg0; quick down wg0; quick up wg0; quick down wg0"),
        Case(
            "saved through a link", interface: "Address = 10.0.0.1/24",
            before:
                "mv /etc/wireguard/wg0.conf real.conf; chmod 640 real.conf; ln -s /run/files/real.conf /etc/wireguard/wg0.conf",
            steps: "quick up wg0; quick save wg0; quick down wg0; ls -l /etc/wireguard/wg0.conf | sed 's/.*-> //'"),
        Case(
            "saved by path",
            "config ./wg0.conf <<<$'[Interface]\\nListenPort = 5180'\nquick up ./wg0.conf; quick save ./wg0.conf; quick down wg0; quick down ./wg0.conf"
        ),
        Case(
            "not saved where nothing can be written", interface: "Address = 10.0.0.1/24\nSaveConfig = true",
            steps: """
                quick up wg0
                $wg set wg0 listen-port 5199
                mount --bind /etc/wireguard /etc/wireguard
                mount -o remount,ro,bind /etc/wireguard
                quick save wg0; quick down wg0
                umount /etc/wireguard
                quick down wg0
                """),
        Case("not saved where there is nothing", interface: "Address = 10.0.0.1/24", steps: "quick save wg0"),
    ]
}
