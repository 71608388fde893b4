/// A difference of the newest `wg`, which ours follows, from an older one that stands in for it where the
/// archive is out of reach.
///
/// The newest `wg` is never excused by this table. Two more differences are of no account here, being in the
/// words of messages alone: the usage of `set` has no signs, and names of interfaces that are too long are
/// called "Protocol not supported".
struct VersionDifference: Sendable {
    let name: String
    /// Whether it applies to the case, and the older program did just what it is known for.
    let explains: @Sendable (Bout) -> Bool

    static let all = [
        VersionDifference(name: "allowed-ips with a sign are refused") { bout in
            hasSignedAllowedIP(bout.scene) && bout.reference.status == 1 && bout.reference.stdout.isEmpty
                && bout.reference.requests.isEmpty && !bout.reference.stderr.isEmpty
        },
        VersionDifference(name: "show all endpoints names the interface in a device's first line only") { bout in
            bout.scene.arguments == ["show", "all", "endpoints"].map(\.bytes)
                && bout.ours.agreesButFor(bout.reference) { outcome in
                    outcome.stdout = outcome.stdout.withoutNames(of: bout.scene)
                }
        },
        VersionDifference(name: "syncconf keeps a preshared key or keepalive that the file lacks") { bout in
            bout.scene.arguments.first == "syncconf".bytes
                && bout.ours.agreesButFor(bout.reference) { outcome in
                    outcome.requests = outcome.requests.map(\.withoutClearing)
                }
        },
    ]

    static func hasSignedAllowedIP(_ scene: Case) -> Bool {
        var texts = scene.arguments + [scene.input]
        for case .text(let text) in scene.files.values { texts.append(text) }
        return texts.contains { text in
            let dense = text.filter { !($0 == 0x20 || (0x09...0x0d).contains($0)) }
            // In front of an entry: at the start, or behind a comma or equals sign.
            return zip(",".bytes + dense, dense).contains { before, sign in
                (before == 0x2c || before == 0x3d) && (sign == 0x2b || sign == 0x2d)
            }
        }
    }
}

extension Outcome {
    /// Whether both are the same once `normalize` has taken the known difference away, which is one.
    fileprivate func agreesButFor(_ other: Outcome, normalize: (inout Outcome) -> Void) -> Bool {
        var (left, right) = (self, other)
        normalize(&left)
        normalize(&right)
        return left.agrees(with: right)
    }
}

extension [UInt8] {
    /// Without the interface names, and their tabs, that lines of `show all` begin with.
    fileprivate func withoutNames(of scene: Case) -> [UInt8] {
        guard case .holding(let entries) = scene.folder else { return self }
        let names = entries.map { String($0.name.dropLast(".sock".count)).bytes.prefix(15) + [0x09] }
        var text = self[...]
        var rest: [UInt8] = []
        while let byte = text.first {
            if let name = names.first(where: { text.starts(with: $0) }) {
                text = text.dropFirst(name.count)
            } else {
                rest.append(byte)
                text = text.dropFirst()
            }
        }
        return rest
    }
}

extension Outcome.Request {
    fileprivate var withoutClearing: Outcome.Request {
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).filter { line in
            line != ArraySlice("persistent_keepalive_interval=0".bytes)
                && line != ArraySlice(("preshared_key=" + String(repeating: "0", count: 64)).bytes)
        }
        return Outcome.Request(socket: socket, bytes: Array(lines.joined(separator: [0x0a])))
    }
}
