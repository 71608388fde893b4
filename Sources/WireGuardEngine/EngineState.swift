internal import LinuxSystem
internal import Synchronization
internal import WireGuardProtocol

/// What all threads of an engine share.
final class EngineState: Sendable {
    let settings: EngineSettings
    let tunnel: Tunnel
    let alarms: AlarmInbox
    let handshakes = HandshakeQueue()
    let failures: SendFailureReports
    let ownDatagrams = OwnDatagrams()
    /// Signalled when the engine shall be stopped because its interface is gone.
    let interfaceGone: EventFD
    private let waits: [WorkerWait]
    private let stopping = Atomic(false)
    private let currentMTU = Atomic(0)
    private let currentMark = Atomic<UInt32>(0)
    private let markHasChanged = Atomic(false)
    private let currentSockets = Mutex<UDPSocketGroup?>(nil)
    private let oldSockets = Mutex<[OldSocket]>([])

    /// A socket that was replaced. It closes when the last thread releases it.
    private struct OldSocket {
        weak var socket: UDPSocket?
    }

    init(_ settings: EngineSettings, workers: Int, tunnel: Tunnel) throws(Errno) {
        self.settings = settings
        self.tunnel = tunnel
        failures = SendFailureReports(tell: settings.sendFailed, tellLoop: settings.routeLoops)
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

    /// The fwmark of the sockets, which routing rules may match.
    var mark: UInt32 { currentMark.load(ordering: .relaxed) }

    /// Sets the fwmark. Packets to peers may now leave by other interfaces: the attendant checks.
    func setMark(_ mark: UInt32) {
        guard currentMark.exchange(mark, ordering: .relaxed) != mark else { return }
        markHasChanged.store(true, ordering: .releasing)
        alarms.signal()
    }

    /// Whether the mark has changed since the last call.
    func takeMarkChange() -> Bool { markHasChanged.exchange(false, ordering: .acquiring) }

    // MARK: Threads

    /// The epoll of a worker. It is woken when the sockets change, or when the worker is to end.
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

    /// Replaces the sockets. Nothing changes if it throws. The caller adds them to the workers' epolls, since a worker
    /// alone could not report a failure.
    func setSockets(_ group: UDPSocketGroup) throws(Errno) {
        for (wait, sockets) in zip(waits, group.workers) { try wait.add(sockets) }
        replaceSockets(by: group)
    }

    func closeSockets() { replaceSockets(by: nil) }

    private func replaceSockets(by group: UDPSocketGroup?) {
        let old = currentSockets.withLock { current in
            defer { current = group }
            return current
        }
        if let old { remember(old) }
        wakeWorkers()
    }

    private func remember(_ group: UDPSocketGroup) {
        oldSockets.withLock { sockets in
            sockets.removeAll { $0.socket == nil }
            for worker in group.workers {
                sockets += [worker.v4, worker.v6].compactMap { $0 }.map { OldSocket(socket: $0) }
            }
        }
    }

    /// Waits until workers have closed the old sockets, which may hold the port that is to be opened: that takes no
    /// longer than a batch. One second at most.
    func waitForOldSockets() {
        for _ in 0..<200 where oldSockets.withLock({ $0.contains { $0.socket != nil } }) {
            Clock.sleep(microseconds: 5000)
        }
    }

    var socketGroup: UDPSocketGroup? { currentSockets.withLock { $0 } }

    func sockets(of worker: Int) -> WorkerSockets? { currentSockets.withLock { $0?.workers[worker] } }

    // MARK: Handshakes

    /// Takes a copy of a message to the attendant, if there is room.
    func queueHandshake(_ datagram: UnsafeRawBufferPointer, by path: Path) {
        if handshakes.add(ReceivedHandshake(datagram, by: path)) { alarms.signal() }
    }

    /// Sends a handshake message at once. It is not kept if that fails: the timers repeat it. `peer` is nil for a
    /// cookie reply, whose target may be forged.
    func send(_ datagram: HandshakeDatagram, to peer: TunnelPeer?, _ now: Instant) {
        guard let sockets = sockets(of: 0) else { return }
        do throws(Errno) {
            // The kernel's cookie replies have DSCP 0, too.
            let trafficClass: UInt8? = datagram.count == MessageSize.cookieReply ? 0 : nil
            let delivery = try sockets.send(datagram.span, to: datagram.path, trafficClass: trafficClass)
            peer?.sent(UInt64(datagram.count))
            if delivery == .sentFromElsewhere { peer?.forgetSource(of: datagram.path) }
        } catch {
            if let peer { failures.add(1, to: peer.publicKey, datagram.path.remote, error, now) }
        }
    }
}
