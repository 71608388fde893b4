internal import LinuxSystem
internal import Synchronization
internal import WireGuardProtocol

/// What all threads of an engine share.
final class EngineState: Sendable {
    let settings: EngineSettings
    let tunnel: Tunnel
    let alarms: AlarmInbox
    let handshakes = HandshakeQueue()
    /// Signalled when the engine shall be stopped because its interface is gone.
    let interfaceGone: EventFD
    private let wakeUps: [WakeUp]
    private let stopping = Atomic(false)
    private let currentMTU = Atomic(0)
    private let currentSockets = Mutex<UDPSocketGroup?>(nil)

    /// An array has no place for what is not copyable.
    private final class WakeUp: Sendable {
        let event: EventFD

        init() throws(Errno) { event = try EventFD() }
    }

    init(_ settings: EngineSettings, workers: Int, tunnel: Tunnel) throws(Errno) {
        (self.settings, self.tunnel) = (settings, tunnel)
        alarms = try AlarmInbox()
        interfaceGone = try EventFD()
        var wakeUps: [WakeUp] = []
        for _ in 0..<workers { wakeUps.append(try WakeUp()) }
        self.wakeUps = wakeUps
    }

    var workerCount: Int { wakeUps.count }

    /// Of the TUN interface; 0 where it cannot be known.
    var mtu: Int { currentMTU.load(ordering: .relaxed) }

    func setMTU(_ mtu: Int) { currentMTU.store(mtu, ordering: .relaxed) }

    // MARK: Threads

    /// For the epoll of a worker: readable when there are other sockets, or none are needed any more.
    func wakeUp(of worker: Int) -> CInt { wakeUps[worker].event.raw }

    func drainWakeUp(of worker: Int) { wakeUps[worker].event.drain() }

    private func wakeWorkers() { for wakeUp in wakeUps { wakeUp.event.signal() } }

    /// Threads are to end.
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    func stop() {
        stopping.store(true, ordering: .releasing)
        alarms.signal()
        wakeWorkers()
    }

    // MARK: Sockets

    func setSockets(_ group: UDPSocketGroup?) {
        currentSockets.withLock { $0 = group }
        wakeWorkers()
    }

    var socketGroup: UDPSocketGroup? { currentSockets.withLock { $0 } }

    func sockets(of worker: Int) -> WorkerSockets? { currentSockets.withLock { $0?.workers[worker] } }

    // MARK: Handshakes

    /// Takes a copy of a message to the attendant, if there is room.
    func queueHandshake(_ datagram: UnsafeRawBufferPointer, by path: Path) {
        if handshakes.add(ReceivedHandshake(datagram, by: path)) { alarms.signal() }
    }

    /// Sends a handshake message at once. What goes wrong is as good as lost on the way: it will be sent again.
    func send(_ datagram: HandshakeDatagram) {
        let delivery = try? sockets(of: 0)?.send(datagram.span, to: datagram.path)
        if delivery == .sentFromElsewhere { tunnel.forgetSource(of: datagram.path) }
    }
}
