/// How the file is read, and what `strip` leaves of it.
enum FileCases {
    static let all = [
        strip("comments and blanks", "\n# a comment\n  ListenPort = 5 # here\n\n\tFwMark=3\n"),
        strip(
            "own keys", "Address = 1\nDNS=2\nMTU=3\nTable=4\nPreUp=5\nPostUp=6\nPreDown=7\nPostDown=8\nSaveConfig=true"),
        strip(
            "own keys in odd spellings",
            "aDDRESS = 1\n  dns  =  2\nMTU\t=\t3\n #Table=4\nPostUp\nPostUp\t=x\nAddress1=3"),
        strip("own keys of a peer", "[Peer]\nPublicKey = a\nAddress = 1\nDNS = 2\nSaveConfig = foo\nPostUp = x"),
        strip(
            "sections",
            "[Peer]\nAddress=1\n[interface]\nAddress=2\n[ Interface ]\nAddress=3\n[Interface] # x\nAddress=4"),
        strip("a section of no name", "[]\nAddress=1\n[Interface\nAddress=2\n[Foo]\nAddress=3"),
        strip("white space at the end", "FwMark = 1  \t\nAddress = 2  \n   \n\t\n"),
        Case("no file end", "printf '[Interface]\\nFwMark = 1' | config wg0.conf; quick strip wg0"),
        Case("an empty file", "config wg0.conf </dev/null; quick strip wg0; quick up wg0; quick down wg0"),
        Case(
            "keys before the section",
            "config wg0.conf <<<$'Address = 10.0.0.1\\n[Interface]'; quick strip wg0; quick up wg0"),
        Case(
            "bytes of no meaning",
            "printf '[Interface]\\nA=a\\xff\\n\\xc3\\xbc=1\\nPostUp=\\xfe\\n' | config wg0.conf; quick strip wg0"),
        Case(
            "lines of Windows",
            """
            printf '%s\\r\\n' '[Interface]' 'ListenPort = 5180' 'Address = 10.0.0.1,fd00::1' 'DNS = 192.0.2.53' \\
                'MTU = 1300' 'PostUp = echo up' 'SaveConfig = false' '[Peer]' 'PublicKey = \(Key.peers[0])' \\
                'AllowedIPs = 10.5.0.0/24' | config wg0.conf
            quick up wg0; quick strip wg0; quick down wg0
            """),
        Case(
            "SaveConfig that is no answer", interface: "SaveConfig = yes",
            steps: "quick up wg0; quick strip wg0; quick down wg0"),
        Case("SaveConfig of nothing", interface: "SaveConfig =", steps: "quick up wg0; quick strip wg0"),
        Case("SaveConfig in capitals", interface: "SAVECONFIG = FALSE"),
        Case("an unknown key", interface: "Adress = 10.0.0.1"),
        Case("an unknown section", peers: "[Foo]\nAddress = 10.0.0.1"),
        Case("own keys in a peer", peers: peer(allowed: "10.5.0.0/16", "Address = 10.0.0.1")),
        Case("a key that is none", peers: "[Peer]\nPublicKey = foo"),
        Case("a second interface section", peers: peer() + "[Interface]\nAddress = 10.0.0.7"),
        Case(
            "a preshared key",
            peers: peer(allowed: "10.5.0.0/16", "PresharedKey = \(Key.peers[2])\nPersistentKeepalive = 25")),
        Case(
            "no private key",
            "config wg0.conf <<<$'[Interface]\\nAddress = 10.0.0.1'; quick up wg0; quick save wg0; quick down wg0"),
        Case("a file that is a folder", "mkdir /etc/wireguard/wg0.conf; quick strip wg0"),
        Case("no value", interface: "Address =\nMTU =\nTable =\nDNS ="),
        Case(
            "a key of two", interface: "MTU = 1300\nMTU = 1400\nTable = 5\nTable = off",
            peers: peer(allowed: "10.5.0.0/16")),
        Case(
            "an endpoint that has no address", interface: "Address = 10.0.0.1",
            peers: peer(endpoint: "nowhere.invalid:51")),
        Case(
            "an endpoint that has one", peers: peer(endpoint: "peer.test:51"),
            steps: "quick up wg0; quick save wg0; quick down wg0"),
    ]

    private static func strip(_ name: String, _ lines: String) -> Case {
        Case("stripped of " + name, interface: lines, steps: "quick strip wg0")
    }
}
