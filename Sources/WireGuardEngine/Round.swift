/// What a worker moved between two waits.
package struct Round: BitwiseCopyable {
    /// From the TUN queue, after cutting.
    package var packetsOut = 0
    /// Those among them that came uncut and belong to no TCP stream.
    package var datagramsOut = 0
    /// From the sockets.
    package var packetsIn = 0

    /// So many are no lone packets.
    private static let manyDatagrams = 4

    package init() {}

    package var packets: Int { packetsOut + packetsIn }

    /// Nothing but datagrams that come one by one, close behind each other. A pause then lets tens of them come
    /// together for one send, instead of a few: all that is done once a batch, at both ends, is done less often.
    package var isWorthPause: Bool { packets == datagramsOut && datagramsOut >= Self.manyDatagrams }
}
