/// What a worker moved between two waits.
package struct Round: BitwiseCopyable {
    /// Frames from the TUN queue, and the packets that they were or became.
    package var framesOut = 0
    package var packetsOut = 0
    /// From the sockets.
    package var packetsIn = 0

    /// A round with so many frames is no lone packet.
    private static let manyFrames = 4

    package init() {}

    package var packets: Int { packetsOut + packetsIn }

    /// Packets go out one by one and close behind each other, as datagrams do. A pause then lets tens of them come
    /// together for one send, instead of a few: all that is done once a batch, at both ends, is done less often.
    /// Not where the system brings large frames, or anything comes in.
    package var isWorthPause: Bool { packetsIn == 0 && packetsOut == framesOut && framesOut >= Self.manyFrames }
}
