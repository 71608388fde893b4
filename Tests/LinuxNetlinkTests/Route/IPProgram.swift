import Foundation
import Glibc
import TestSupport

/// `ip`, the reference: it does what ours does, and shows what ours has done.
enum IPProgram {
    /// Runs it; it must succeed.
    @discardableResult
    static func run(_ line: String) throws -> String {
        let result = try TestSupport.run("ip", line.split(separator: " ").map(String.init))
        guard result.status == 0 else { throw RunError(description: "ip \(line): \(result.err)") }
        return result.out
    }

    /// Runs a line each of a batch, all of which must succeed.
    static func runBatch(_ lines: [String]) throws {
        let result = try TestSupport.run("ip", ["-batch", "-"], input: Array(lines.joined(separator: "\n").utf8))
        guard result.status == 0 else { throw RunError(description: "ip -batch: \(result.err)") }
    }

    /// Objects of its JSON output.
    static func json(_ line: String) throws -> [[String: Any]] {
        let text = try run("-j " + line)
        return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]] ?? []
    }

    /// Addresses, links, routes and rules as one text, without what differs between two equal networks.
    static func everything() throws -> String {
        try awaitCertainty()
        let questions = [
            "-d addr", "-4 -d route show table all", "-6 -d route show table all", "-4 -d rule", "-6 -d rule",
        ]
        return try questions.map { "\($0)\n" + (try json($0).map(text).joined(separator: "\n")) }
            .joined(separator: "\n")
    }

    /// Threads of the kernel's make sure of IPv6 addresses, and carry from one link of a pair to the other how it is.
    static func awaitCertainty() throws {
        for _ in 0..<3000 {
            let isCertain = try run("-6 -oneline address show tentative").isEmpty
            if try isCertain && areSettled(json("link show type veth")) { return }
            usleep(10_000)
        }
        throw RunError(description: "the links do not settle")
    }

    private static func areSettled(_ links: [[String: Any]]) -> Bool {
        let areUp = links.allSatisfy { ($0["flags"] as? [String])?.contains("UP") == true }
        let states = links.map { $0["operstate"] as? String ?? "" }
        return areUp ? states.allSatisfy { $0 == "UP" } : states.contains("LOWERLAYERDOWN")
    }

    private static func text(_ object: [String: Any]) throws -> String {
        let fields = object.filter { !incidental.contains($0.key) }
        return String(decoding: try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys), as: UTF8.self)
    }

    private static let incidental: Set = ["ifindex", "link_index", "address", "linkinfo"]
}

/// The network that tests begin with: a pair of links, "end" and "other", of which the other one is up.
func makeLinks() throws {
    // Addresses that are made of hardware ones, and those that are not yet certain, would differ.
    for setting in ["addr_gen_mode", "accept_dad"] {
        for link in ["default", "all"] {
            let path = "/proc/sys/net/ipv6/conf/\(link)/\(setting)"
            try (setting == "accept_dad" ? "0" : "1").write(toFile: path, atomically: false, encoding: .ascii)
        }
    }
    try IPProgram.runBatch([
        "link set lo up", "link add end type veth peer name other", "link set other up",
    ])
}
