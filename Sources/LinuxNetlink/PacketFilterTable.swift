package import ByteText
internal import CLinux
internal import Glibc
package import LinuxSystem

/// A table of nftables.
package struct PacketFilterTable: Equatable, Sendable {
    /// As nft(8) calls it: "ip", "ip6", "inet" and so on.
    package let family: ByteString
    package let name: ByteString

    /// All in the network namespace of the calling thread: what `nft list tables` tells, without that program. Throws
    /// where the kernel has no nftables.
    package static func all() throws(Errno) -> [PacketFilterTable] {
        try all(over: try NetlinkSocket(bus: NETLINK_NETFILTER))
    }

    package static func all(over transport: any NetlinkTransport) throws(Errno) -> [PacketFilterTable] {
        var conversation = NetlinkConversation(over: transport)
        let type = UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_GETTABLE.rawValue)
        var request = NetlinkMessage(type: type, flags: UInt16(NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP), capacity: 64)
        request.putFamilyHeader(nfgenmsg())
        var tables: [PacketFilterTable] = []
        _ = try conversation.dump(&request) {
            tables = []
        } _: { answer throws(Errno) in
            if let table = try PacketFilterTable(answer), !tables.contains(table) { tables.append(table) }
        }
        return tables
    }

    /// Nil for a family that nft has no name for.
    private init?(_ answer: Span<UInt8>) throws(Errno) {
        guard answer.count >= MemoryLayout<nfgenmsg>.size else { throw .protocolError }
        guard let family = Self.families[answer[0]] else { return nil }
        var name: ByteString?
        try NetlinkAttributes.forEach(in: answer.extracting(MemoryLayout<nfgenmsg>.size...)) { type, content in
            if type == UInt32(NFTA_TABLE_NAME.rawValue) { name = content.text }
        }
        guard let name else { throw .protocolError }
        (self.family, self.name) = (family, name)
    }

    /// NFPROTO_ numbers, which linux/netfilter.h hides behind others of Glibc's.
    private static let families: [UInt8: ByteString] = [
        1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6",
    ]
}
