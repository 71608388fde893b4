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
    private let waits: [WorkerWait]
    private let stopping = Atomic(false)
    private let currentMTU = Atomic(0)
    private let currentSockets = Mutex<UDPSocketGroup?>(nil)

    init(_ settings: EngineSettings, workers: Int, tunnel: Tunnel) throws(Errno) {
        (self.settings, self.tunnel) = (settings, tunnel)
        alarms = try AlarmInbox()
        interfaceGone = try EventFD()
        var waits: [WorkerWait] = []
        for _ in 0..<workers { waits.append(try WorkerWait()) }
        self.waits = waits
    }

    var workerCount: Int { waits.count }

    /// Of the TUN interface; 0 where it cannot be known.
    var mtu: Int { currentMTU.load(ordering: .relaxed) }

    func setMTU(_ mtu: Int) { currentMTU.store(mtu, ordering: .relaxed) }

    // MARK: Threads

    /// What a worker waits on. It is woken when there are other sockets, or when it is to end.
    func wait(of worker: Int) -> WorkerWait { waits[worker] }

    private func wakeWorkers() { for wait in waits { wait.wakeUp.signal() } }

    /// Threads are to end.
    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    func stop() {
        stopping.store(true, ordering: .releasing)
        alarms.signal()
        wakeWorkers()
    }

    // MARK: Sockets

    /// Takes other sockets into use. Where it throws, all stays as it was: what a worker would fail at, it would fail
    /// at alone, and nobody would hear of it.
    func setSockets(_ group: UDPSocketGroup) throws(Errno) {
        for (wait, sockets) in zip(waits, group.workers) { try wait.add(sockets) }
        currentSockets.withLock { $0 = group }
        wakeWorkers()
    }

    func closeSockets() {
        currentSockets.withLock { $0 = nil }
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
