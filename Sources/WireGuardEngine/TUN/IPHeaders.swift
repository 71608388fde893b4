/// Where the fields of IP, TCP and UDP headers are, in bytes: RFC 791, RFC 8200, RFC 9293, RFC 768.
enum IPv4Header {
    static let typeOfService = 1
    static let totalLength = 2
    static let identification = 4
    static let fragment = 6
    static let protocolNumber = 9
    static let checksum = 10
    static let addresses = 12

    /// The shortest, without options.
    static let length = 20
    /// Bits of `fragment`.
    static let dontFragment: UInt16 = 0x4000
    static let fragmentBits: UInt16 = 0x3fff
}

enum IPv6Header {
    static let payloadLength = 4
    static let nextHeader = 6
    static let addresses = 8

    static let length = 40
}

enum TCPHeader {
    static let sequence = 4
    static let acknowledgement = 8
    static let dataOffset = 12
    static let flags = 13
    static let checksum = 16
    static let options = 20

    /// The shortest, without options.
    static let length = 20

    static let fin: UInt8 = 0x01
    static let psh: UInt8 = 0x08
    static let ack: UInt8 = 0x10
    static let ece: UInt8 = 0x40
    static let cwr: UInt8 = 0x80
}

enum UDPHeader {
    static let datagramLength = 4
    static let checksum = 6

    static let length = 8
}

/// Protocol numbers; in IPv6 also extension headers that may stand in front of them.
enum IPProtocol {
    static let hopByHop: UInt8 = 0
    static let tcp: UInt8 = 6
    static let udp: UInt8 = 17
    static let routing: UInt8 = 43
    static let fragment: UInt8 = 44
    static let authentication: UInt8 = 51
    static let destinationOptions: UInt8 = 60
    static let mobility: UInt8 = 135
}
