import ByteText
import Glibc
import Synchronization
import TestSupport
import WireGuardControl
import WireGuardKeys
import WireGuardModel
import WireGuardQuick
import WireGuardText

/// A folder with configuration files, and a system on which a few names are known.
final class FileStage: FieldSources, Sendable {
    let folder: String
    /// What `known.example:51820` stands for.
    static let known = Endpoint(address: IPAddress(v4: 0xc633_6409), port: 51820)

    private let heard = Mutex<[String]>([])

    init() throws {
        // Without links in it, as messages name it.
        let made = try makeTemporaryFolder("wg-quick-file")
        guard let resolved = realpath(made, nil) else { throw RunError(description: "realpath: errno \(errno)") }
        defer { free(resolved) }
        folder = String(cString: resolved)
    }

    deinit { _ = try? run("rm", ["-rf", folder]) }

    var warnings: [String] { heard.withLock { $0 } }

    @discardableResult
    func put(_ text: String, _ name: String = "wg0.conf", mode: mode_t = 0o600) throws -> String {
        try put(Array(text.utf8), name, mode: mode)
    }

    @discardableResult
    func put(_ bytes: [UInt8], _ name: String = "wg0.conf", mode: mode_t = 0o600) throws -> String {
        let path = folder + "/" + name
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        guard file >= 0 else { throw RunError(description: "\(path): errno \(errno)") }
        defer { close(file) }
        guard write(file, bytes, bytes.count) == bytes.count, fchmod(file, mode) == 0 else {
            throw RunError(description: "\(path): errno \(errno)")
        }
        return path
    }

    func content(_ name: String = "wg0.conf") throws -> String { try run("cat", [folder + "/" + name]).out }

    /// The file, read.
    func read(_ name: String = "wg0.conf") throws -> QuickFile {
        try QuickFile(reading: ConfigurationName(ByteString(folder + "/" + name)))
    }

    /// The file with this text, read.
    func file(_ text: String) throws -> QuickFile {
        try put(text)
        return try read()
    }

    /// Why a file with this text is refused, by its settings or when it is looked through; nil where it is not.
    func refusal(_ text: String) throws -> String? {
        try put(text)
        let name = try ConfigurationName(ByteString(folder + "/wg0.conf"))
        do throws(QuickFailure) {
            let file = try QuickFile(reading: name)
            try file.check(self)
            return nil
        } catch {
            return error.description
        }
    }

    /// Why `update` of a file fails.
    func failure(of file: borrowing QuickFile, tolerant: Bool) -> QuickFailure? {
        do throws(QuickFailure) {
            _ = try file.update(self, tolerant: tolerant)
            return nil
        } catch {
            return error
        }
    }

    // MARK: What the files ask for

    func checkSettings() throws(FieldError) {}

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint {
        guard name.host == "known.example" else {
            throw .unresolvedEndpoint(name.text, reason: "Name or service not known")
        }
        return Self.known
    }

    func port(named text: ByteString) throws(FieldError) -> UInt16 {
        throw .badPort(text, reason: "Servname not supported")
    }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? {
        let file = try KeyFile(path)
        return try file.read()
    }

    func warn(_ message: String) { heard.withLock { $0.append(message) } }
}

extension String {
    init(_ build: (inout ByteBuffer) -> Void) {
        var text = ByteBuffer()
        build(&text)
        self.init(decoding: Array(copying: text.span), as: UTF8.self)
    }

    /// The update as a daemon would be told of it.
    init(requesting update: DeviceUpdate) {
        self.init { text in
            UAPIRequest.appendBeginning(of: update, to: &text)
            for peer in update.peers { UAPIRequest.append(peer, to: &text) }
            UAPIRequest.appendEnd(to: &text)
        }
    }
}

extension QuickFile {
    func stripped(_ sources: FileStage) throws -> [UInt8] {
        var output = ByteBuffer()
        try strip(sources, into: &output)
        return Array(copying: output.span)
    }
}

/// The wg-quick that ours is held against: the newest there is.
enum ReferenceQuick {
    static let path = Places.peers + "/wg-quick"
    static let isThere = Places.exists(path)

    /// In the C locale, with the `wg` that belongs to it.
    static func run(_ arguments: [String]) throws -> RunResult {
        let search = Places.peers + ":" + (Places.environment("PATH") ?? "/usr/bin:/bin")
        return try TestSupport.run(path, arguments, environment: ["LC_ALL": "C", "PATH": search])
    }
}

/// Keys in base64, the same in every run.
enum SampleKeys {
    static let secret = text(of: 1)
    static let other = text(of: 2)
    static let peer = text(of: 3)
    static let secondPeer = text(of: 4)

    static func text(of seed: UInt64) -> String {
        var random = SeededRandom(seed)
        return String { PublicKey(raw: random.bytes(32).span)!.appendBase64(to: &$0) }
    }
}
