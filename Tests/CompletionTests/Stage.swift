import Glibc
import TestSupport
import Testing

/// A temporary folder in which a shell plays: a PATH of its own, some files to complete, and
/// the lines, answers and complaints that test and shell exchange.
final class Stage {
    let folder: String
    var path: String { folder + "/bin" }

    init(wg: FakeWG) throws {
        folder = try makeTemporaryFolder("wg-completion")
        for subfolder in ["bin", "files", "etc", "run", "run/netns"] { mkdir(folder + "/" + subfolder, 0o700) }
        for file in ["private key", "shared.psk", "wg0.conf"] { try write("", to: "files/" + file) }
        let names = [
            "etc/home.conf", "etc/office.conf", "etc/wg0.conf", "etc/notes", "run/netns/blue", "run/netns/green",
        ]
        for name in names { try write("", to: name) }
        for report in ["answers", "complaints", "calls"] { try write("", to: report) }
        if let script = wg.script {
            // By another process: what another thread starts might inherit the file while we write it, and a file
            // that is open for writing cannot be run.
            _ = try run("install", ["-m", "700", "/dev/stdin", path + "/wg"], input: Array(script.utf8))
        }
    }

    /// Whether a shell can see other names than the machine's.
    static let canHaveNames =
        Places.exists("/etc/wireguard") && (try? run("unshare", becomingRoot + ["--mount", "true"]))?.status == 0
    static let namesNeed: Comment = "needs /etc/wireguard, and root or user namespaces"

    /// Stands before a command that shall find the stage's configurations and namespaces in the machine's places.
    var naming: [String] {
        ["unshare"] + Self.becomingRoot + ["--mount", locate("bash") ?? "bash", "-c", Self.mounting, folder]
            + [Places.environment("PATH") ?? ""]
    }

    private static let mounting = """
        stage=$PATH PATH=$1 && mount --bind "$0/etc" /etc/wireguard && mount --bind "$0/run" /run &&
            PATH=$stage exec "${@:2}"
        """

    private static let becomingRoot = geteuid() == 0 ? [] : ["--map-root-user"]

    deinit { _ = try? run("rm", ["-r", folder]) }

    func write(_ text: String, to name: String) throws {
        guard let file = fopen(folder + "/" + name, "w") else {
            throw StageError(description: "\(name): errno \(errno)")
        }
        defer { fclose(file) }
        fputs(text, file)
    }

    func lines(of name: String) throws -> [String] {
        try run("cat", [folder + "/" + name]).out.lines
    }
}

extension String {
    var lines: [String] { split(separator: "\n").map(String.init) }
}

struct StageError: Error, CustomStringConvertible {
    let description: String
}

/// What `wg` is in the shell's PATH.
enum FakeWG: Sendable {
    case answering, failing, missing

    static let anna = "AvsnX4TxxWUX3TTNqaAxIqtaiNRqFY9HVg6thEp/Ihg="
    static let bert = "B2oBm0WJ8cXnwtUIW/tNfLPlAfIVc5LoMjTYZVCL3hk="
    static let cleo = "CxAQn6smXFvhlfC0taKUXyt5bpC1FuhTJ45yIG5CulA="

    var script: String? {
        switch self {
        case .missing: nil
        case .failing: Self.opening + Self.refusal + "\n"
        case .answering:
            Self.opening + """
                case $* in
                "show interfaces") echo wg0 tunnel ;;
                "show wg0 peers") printf '%s\\n' \(Self.anna) \(Self.bert) \(Self.cleo) ;;
                "show wg0 endpoints")
                    printf '%s\\t%s\\n' \(Self.anna) '[2001:db8::1]:51820' \(Self.bert) 192.0.2.7:51821 \(Self.cleo) '(none)' ;;
                "show wg0 allowed-ips")
                    printf '%s\\t%s\\n' \(Self.anna) '10.0.0.0/24 10.1.0.0/24 fd00:1::/64' \
                        \(Self.bert) 192.168.7.0/24 \(Self.cleo) '(none)' ;;
                *) \(Self.refusal) ;;
                esac

                """
        }
    }

    private static let opening = "#!/bin/sh\necho \"$*\" >>\"$REPORT/calls\"\n"
    private static let refusal = "echo 'Unable to access interface: Operation not permitted' >&2; exit 1"
}
