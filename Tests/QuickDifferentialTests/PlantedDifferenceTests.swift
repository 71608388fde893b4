import TestSupport
import Testing

/// The comparison notices what it should: the reference agrees with itself, but not on a machine whose
/// tools do otherwise.
@Suite(
    "Comparison of wg-quick with itself",
    .enabled(if: Stage.isPossible, "needs to be root"),
    .enabled(if: Places.exists(Contender.reference.path), "needs Tests/Peers/fetch"))
struct PlantedDifferenceTests {
    private static let scene = Case(
        "everything",
        interface: """
            Address = 10.0.0.1/24, fd00::1/64
            DNS = 192.0.2.53, example.com
            PostUp = echo $GREETING %i; wg show %i peers
            PreDown = echo bye
            """,
        peers: peer(allowed: "0.0.0.0/0, ::/0, 10.5.0.0/16", endpoint: "192.0.2.5:51"),
        steps: "quick up wg0\nquick save wg0\nquick strip wg0\nquick down wg0\necho said")

    @Test("finds nothing between two runs of one program")
    func agreement() async throws {
        let bout = try await Bout(Self.scene, between: .reference, and: .reference)
        #expect(bout.differences.map(\.description) == [])
    }

    struct Plant: Sendable, CustomTestStringConvertible {
        /// In which it has to show.
        let aspect: String
        /// In the words of `Stage/stage`.
        let words: String

        var testDescription: String { aspect }

        init(_ aspect: String, _ words: String) {
            self.aspect = aspect
            self.words = words
        }

        /// An `ip` that has these cases of a shell's `case` on its arguments.
        init(_ aspect: String, ip cases: String) {
            self.init(aspect, "tool ip <<'E'\ncase \"$*\" in\n\(cases)\nesac\nexec ip \"$@\"\nE")
        }
    }

    private static let plants = [
        Plant("ip -j address", ip: "*'10.0.0.1/24 dev'*) exec ip address add 10.0.0.1/25 dev wg0;;"),
        Plant("ip -j route show table all", ip: "*'route add 10.5'*) ip route add 10.6.0.0/24 dev wg0;;"),
        Plant("ip -j rule", ip: "*-4*suppress_prefixlength*) exit;;"),
        Plant("ip -j -6 rule", ip: "*-6*suppress_prefixlength*) exit;;"),
        Plant("steps told", ip: "route\\ get*) echo 192.0.2.5 dev eth0 mtu 1300; exit;;"),
        Plant("status", ip: "link\\ delete*) ip \"$@\"; exit 3;;"),
        Plant(Told.complaintsName, ip: "link\\ delete*) echo no >&2; ip \"$@\"; exit 3;;"),
        Plant("nft -j list ruleset", "tool nft </dev/null"),
        Plant("sysctl net.ipv4.conf.all.src_valid_mark", "tool sysctl </dev/null"),
        Plant("cat /run/dns/wg0", "tool resolvconf <<<'echo nameserver 192.0.2.54 >/run/dns/$2'"),
        Plant("calls", "mkdir /etc/resolvconf; echo 'tun*' >/etc/resolvconf/interface-order"),
        Plant("stdout", "environment+=(GREETING=hello)"),
        Plant("warnings", "chmod 755 /etc/wireguard; config() { cat >/etc/wireguard/$1; }"),
        Plant("cat /etc/wireguard/wg0.conf", "tool resolvconf <<<'[ $1 != -l ] || echo nameserver 192.0.2.99'"),
        Plant("stat -c %A %u:%g %F /etc/wireguard/wg0.conf", "tool mv <<<'mv \"$@\"; chmod 644 \"$2\"'"),
        Plant("wg showconf wg0", ip: "*mtu*) wg=/run/programs/wg; $wg set wg0 fwmark 7;;"),
        Plant("said", "echo more"),
    ]

    @Test("finds what was planted", arguments: plants)
    func noticed(_ plant: Plant) async throws {
        let bout = try await Bout(Self.scene, between: .reference(with: plant.words), and: .reference)
        #expect(bout.differences.contains { $0.aspect == plant.aspect }, "only \(bout.differences)")
    }
}
