import Glibc
import Synchronization
import TestSupport
import WireGuardKeys

/// One end of a tunnel in an arena: our daemon, whose UDP sockets are on the arena's loopback, with its
/// interface in a network of its own.
final class Site: Sendable {
    let interface: String
    let port: UInt16
    let innerAddress: String
    let inner: InnerNetwork
    private let privateKey: String
    let publicKeyText: String
    private let process: Mutex<DaemonProcess>

    /// The last part of the inner address, and what ports are told apart by.
    init(_ number: Int, environment: [String: String] = [:]) throws {
        (interface, port, innerAddress) = ("wg\(number)", UInt16(51820 + number), "10.9.0.\(number)")
        inner = try InnerNetwork()
        privateKey = "\(Arena.files)/\(interface).key"
        publicKeyText = try Self.makeKey(privateKey)
        process = Mutex(try DaemonProcess(interface, environment))
        try setUp()
    }

    private static func makeKey(_ file: String) throws -> String {
        let result = try run(
            "bash", ["-c", "umask 077; \"$0\" genkey >\"$1\" && \"$0\" pubkey <\"$1\"", Places.wg, file])
        guard result.status == 0 else { throw RunError(description: "wg genkey: \(result.err)") }
        return String(result.out.dropLast())
    }

    private func setUp() throws {
        try inner.take(interface, address: innerAddress + "/24")
        try set("private-key", privateKey, "listen-port", "\(port)")
    }

    /// Starts another daemon in the place of one that was killed.
    func restart() throws {
        try process.withLock { $0 = try DaemonProcess(interface, [:]) }
        try setUp()
    }

    func kill() { process.withLock { $0.kill() } }

    // MARK: Configuration

    var publicKey: PublicKey { PublicKey(base64: Array(publicKeyText.utf8).span)! }

    func set(_ words: String...) throws {
        let result = try run(Places.wg, ["set", interface] + words)
        guard result.status == 0 else { throw RunError(description: "wg set \(words): \(result.err)") }
    }

    /// Makes another site a peer, which is found at a port of the loopback, or not until it speaks.
    func add(_ other: Site, at port: UInt16? = nil) throws {
        let endpoint = port.map { ["endpoint", "127.0.0.1:\($0)"] } ?? []
        let words =
            ["set", interface, "peer", other.publicKeyText, "allowed-ips", other.innerAddress + "/32"] + endpoint
        let result = try run(Places.wg, words)
        guard result.status == 0 else { throw RunError(description: "wg \(words): \(result.err)") }
    }

    /// Changes the interface's private key.
    func changePrivateKey() throws {
        let file = "\(Arena.files)/\(interface).new.key"
        _ = try Self.makeKey(file)
        try set("private-key", file)
    }

    /// Sets the interface up or down.
    func setLink(_ state: String) throws {
        let interface = interface
        try inner.run { try ip("link set \(interface) \(state)") }
    }

    func ownPrivateKey() throws -> String { String(contents(of: privateKey).dropLast()) }

    /// All that `wg` can tell of the interface.
    func dump() throws -> String {
        let result = try run(Places.wg, ["show", interface, "dump"])
        guard result.status == 0 else { throw RunError(description: "wg show: \(result.err)") }
        return result.out
    }

    /// In seconds of the wall clock; 0 for none yet. Of the only peer, or of the one that is meant.
    func latestHandshake(with other: Site) throws -> Int {
        for line in try dump().split(separator: "\n").dropFirst() {
            let fields = line.split(separator: "\t")
            if fields[0] == other.publicKeyText { return Int(fields[4])! }
        }
        throw RunError(description: "\(interface) has no such peer")
    }

    // MARK: The process

    /// Whether it still runs, and has complained about nothing.
    var isWell: Bool { process.withLock { $0.isRunning && $0.complaints.isEmpty } }

    var complaints: String { process.withLock { $0.complaints } }

    var pid: pid_t { process.withLock { $0.pid } }

    /// The most memory that it ever had, in bytes.
    var peakMemory: Int { process.withLock { $0.kilobytes("VmHWM:") * 1024 } }

    var memory: Int { process.withLock { $0.kilobytes("VmRSS:") * 1024 } }

    var descriptorCount: Int { names(in: "/proc/\(pid)/fd").count }

    /// Waits until it has dealt with everything that was sent to it: nothing is in its sockets, and all its
    /// threads sleep. False when that is not so for very long.
    func comesToRest() -> Bool {
        var times = 0
        return waits {
            times = isAtRest ? times + 1 : 0
            return times == 3
        }
    }

    private var isAtRest: Bool {
        // The sockets before the threads: who sleeps then has seen what was in them.
        UDPTable.waitingBytes(port: port) == 0 && process.withLock { $0.sleeps }
    }

    // MARK: Traffic

    /// Whether one of the pings that go through the tunnel, each second one, is answered.
    func reaches(_ other: Site) throws -> Bool {
        // Long enough to find out that a session is none any more, and to try another one twice.
        try inner.run { try run("ping", ["-c", "1", "-w", "30", other.innerAddress]).status == 0 }
    }
}

/// What the kernel tells of the UDP sockets on a port of the calling thread's network.
enum UDPTable {
    static func waitingBytes(port: UInt16) -> Int {
        lines(port: port).reduce(0) { $0 + (Int($1[4].split(separator: ":")[1], radix: 16) ?? 0) }
    }

    /// Datagrams for which there was no room.
    static func drops(port: UInt16) -> Int { lines(port: port).reduce(0) { $0 + (Int($1.last!) ?? 0) } }

    private static func lines(port: UInt16) -> [[Substring]] {
        let hex = String(port, radix: 16, uppercase: true)
        return ["udp", "udp6"].flatMap {
            contents(of: "/proc/thread-self/net/" + $0).split(separator: "\n").dropFirst()
        }
        .map { $0.split(separator: " ") }.filter { $0[1].hasSuffix(":" + hex) }
    }
}

func contents(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

/// Of the entries of a folder, without the two that all have.
func names(in folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { names.append(name) }
    }
    return names
}
