/// `text` without what differs from run to run, of one program too.
func normalForm(of text: some StringProtocol) -> String {
    // The link-local address of a tunnel is random.
    String(text).replacing(/fe80::[0-9a-f:]*[0-9a-f]/, with: "fe80::random")
        // Ports that the daemon chose. Cases choose smaller ones.
        .replacing(/ListenPort = [3-6][0-9]{4}/, with: "ListenPort = any")
        // The kernel counts these, and each attempt at an interface or a rule takes one.
        .replacing(/"(ifindex|handle)": ?[0-9]+/, with: { "\"\($0.1)\":any" })
        // Packets may already have gone through a rule of iptables.
        .replacing(/"counter": ?\{[^}]*\}/, with: "\"counter\":any")
        // The descriptor on which bash hands over a file is the first free one from 63 downwards.
        .replacing(/\/dev\/fd\/[0-9]+/, with: "/dev/fd/any")
}
