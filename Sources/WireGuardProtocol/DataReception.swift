/// Checks of data messages, from the UDP socket to the TUN device (the paper's sections 5.4.6 and 6.1):
///
///   session   the receiver index names one that is not expired
///   open      the tag is right
///   replay    the counter comes for the first time
/// report    the messages' source becomes the peer's endpoint (roaming)
///   source    the inner source address belongs to the peer
extension Tunnel {
    /// Opens, in place, data messages of one session and path. A message that stays marked authentic is new and has
    /// been reported to the peer. Returns that peer; nil if nothing is to be delivered.
    ///
    /// `alarm` is set when the peer has to be served earlier than was known.
    package func open(
        _ run: UnsafeMutableBufferPointer<UnsafeCipherJob>, receiverIndex: UInt32, by path: Path,
        with cipher: inout PacketCipher, _ now: Instant, alarm: inout Instant?
    ) -> TunnelPeer? {
        guard let (peer, keypair) = session(at: receiverIndex), !keypair.isExpired(at: now) else { return nil }
        let key = keypair.receiveKey
        cipher.open(run, key: key.span)
        let batch = keypair.checkReplays { window in Self.accept(run, &window) }
        guard batch.packets > 0, peer.received(batch, under: keypair, by: path, now, alarm: &alarm) else { return nil }
        return peer
    }

    /// Clears the mark of authenticity of replayed messages, and counts the others.
    private static func accept(
        _ run: UnsafeMutableBufferPointer<UnsafeCipherJob>, _ window: inout ReplayWindow
    ) -> TunnelPeer.Batch {
        var batch = TunnelPeer.Batch()
        for index in run.indices where run[index].isAuthentic {
            if window.accept(run[index].counter) {
                batch.count(content: run[index].count, message: MessageSize.data(content: run[index].count))
            } else {
                run[index].isAuthentic = false
            }
        }
        return batch
    }
}

extension RoutingTable {
    /// The packet in an opened message; nil if it is not to be delivered: not authentic, replayed, a keepalive, no
    /// whole IP packet, or with an inner source address that is not the peer's.
    @inline(__always)
    package func packet(in message: UnsafeCipherJob, from peer: TunnelPeer) -> InnerPacket? {
        guard message.isAuthentic, message.count > 0,
            let packet = InnerPacket(UnsafeRawBufferPointer(start: message.destination, count: message.count))
        else { return nil }
        if allows(packet.source, from: peer) { return packet }
        peer.note(.sourceNotAllowed(packet.source))
        return nil
    }
}
