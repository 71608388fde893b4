package import ByteText
internal import CLinux
package import LinuxSystem
package import WireGuardModel

/// Lists the links of kind "wireguard" over rtnetlink.
package enum LinkListing {
    package static func wireGuardLinks(over transport: any NetlinkTransport) throws(Errno) -> [InterfaceName] {
        var conversation = NetlinkConversation(over: transport)
        var request = NetlinkMessage(
            type: UInt16(RTM_GETLINK), flags: UInt16(NLM_F_REQUEST | NLM_F_ACK | NLM_F_DUMP), capacity: 256)
        request.putFamilyHeader(ifinfomsg())
        askForKind(&request)
        var names: [InterfaceName] = []
        try conversation.dump(&request, restart: { names = [] }) { answer throws(Errno) in
            guard answer.count >= MemoryLayout<ifinfomsg>.size else { throw .protocolError }
            if let name = try name(in: answer.extracting(MemoryLayout<ifinfomsg>.size...)) { names.append(name) }
        }
        return names
    }

    /// Kernels that know this filter leave the other links out; the rest send all.
    private static func askForKind(_ request: inout NetlinkMessage) {
        guard let info = request.open(UInt32(IFLA_LINKINFO)) else { return }
        _ = request.put(UInt32(IFLA_INFO_KIND), text: kind)
        request.close(info)
    }

    private static let kind: ByteString = "wireguard"

    private static func name(in attributes: Span<UInt8>) throws(Errno) -> InterfaceName? {
        var name: InterfaceName?
        var isWireGuard = false
        try NetlinkAttributes.forEach(in: attributes) { type, content throws(Errno) in
            switch type {
            case UInt32(IFLA_IFNAME): name = InterfaceName(content.text)
            case UInt32(IFLA_LINKINFO):
                try NetlinkAttributes.forEach(in: content) { type, content throws(Errno) in
                    if type == UInt32(IFLA_INFO_KIND) { isWireGuard = content.text == kind }
                }
            default: break
            }
        }
        return isWireGuard ? name : nil
    }
}

extension Span<UInt8> {
    /// An attribute's text without the NUL that ends it.
    package var text: ByteString { ByteString(copying: extracting(..<(firstIndex(of: 0) ?? count))) }
}
