import Glibc
import TestSupport

/// A temporary folder in which a shell plays: a PATH of its own, some files to complete, and
/// the lines, answers and complaints that test and shell exchange.
final class Stage {
    let folder: String
    var path: String { folder + "/bin" }

    init(wg: FakeWG) throws {
        folder = try makeTemporaryFolder("wg-completion")
        for subfolder in ["bin", "files"] { mkdir(folder + "/" + subfolder, 0o700) }
        for file in ["private key", "shared.psk", "wg0.conf"] { try write("", to: "files/" + file) }
        for report in ["answers", "complaints", "calls"] { try write("", to: report) }
        if let script = wg.script {
            try write(script, to: "bin/wg")
            chmod(path + "/wg", 0o700)
        }
    }

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
