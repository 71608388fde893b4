/// What wg-quick is called with, and by whom.
enum CommandLineCases {
    static let all = [
        Case("usage", "for words in '' foo up down save strip 'up a b' help -h --help; do quick $words; done"),
        Case("empty words", "quick ''; quick up ''; quick '' wg0"),
        Case(
            "files that are missing",
            """
            for name in wg0 none.conf abcdefghijklmno abcdefghijklmnop a/b wg! ./none /etc/wireguard/none.conf --help; do
                quick up $name
            done
            quick up 'a b'
            quick strip wg0; quick save wg0; quick down wg0
            """),
        Case(
            "names of fifteen and sixteen characters",
            """
            for name in abcdefghijklmno abcdefghijklmnop; do
                config $name.conf <<<$'[Interface]\\nListenPort = 5180'
                quick up $name; quick down $name; quick strip /etc/wireguard/$name.conf
            done
            """),
        Case(
            "names of odd characters",
            """
            for name in 'a b' wg=+._- 'wg!' '' wg0.conf; do
                config "$name.conf" <<<$'[Interface]\\nListenPort = 5180'
                quick strip "$name"; quick strip "/etc/wireguard/$name.conf"
            done
            """),
        Case(
            "paths",
            """
            mkdir folder
            config folder/wg1.conf <<<$'[Interface]\\nListenPort = 5180'
            cp -p folder/wg1.conf folder/wg1
            cp -p folder/wg1.conf wg2.conf
            ln -s wg1.conf folder/link.conf
            for path in folder/wg1.conf ./folder/wg1.conf folder/wg1 ./folder/wg1 folder folder/ wg2.conf ./wg2.conf wg2; do
                quick strip $path
            done
            quick up folder/link.conf; quick down folder/link.conf
            """),
        Case(
            "a file that others may read",
            """
            config wg0.conf <<<'[Interface]'
            for modes in '700 644' '755 644' '755 640' '755 604' '701 604' '755 601' '703 602' '755 600'; do
                chmod ${modes% *} /etc/wireguard; chmod ${modes#* } /etc/wireguard/wg0.conf
                quick strip wg0
            done
            """),
        Case(
            "a link to a file that others may read",
            """
            chmod 755 /run/files; config ./real.conf <<<'[Interface]'; chmod 644 real.conf
            ln -s /run/files/real.conf /etc/wireguard/wg0.conf
            quick strip wg0; quick up wg0; quick down wg0
            """),
        Case(
            "strip by another than root",
            """
            tool sudo </dev/null
            chmod 755 /run/files; config ./wg0.conf <<<'[Interface]'; chmod 644 wg0.conf
            as_user=65534 quick strip ./wg0.conf; as_user=65534 quick strip wg0
            """),
        Case(
            "options that no command has", "for words in 'up --foo' 'down -x' 'save --netns'; do quick $words wg0; done"
        ),
        Case(
            "not root",
            """
            tool sudo </dev/null
            config ./wg0.conf <<<'[Interface]'; chmod 644 wg0.conf
            as_user=65534
            quick up ./wg0.conf; quick down wg0; quick save wg0; quick --help; quick; quick up
            """),
    ]
}
