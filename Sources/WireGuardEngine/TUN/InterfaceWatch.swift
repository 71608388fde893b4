internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// What an interface is like.
package struct InterfaceState: Equatable, Sendable {
    /// Whether it was set up: IFF_UP.
    package let isUp: Bool
    package let mtu: UInt32
    package let name: InterfaceName

    package init(isUp: Bool, mtu: UInt32, name: InterfaceName) {
        (self.isUp, self.mtu, self.name) = (isUp, mtu, name)
    }
}

package enum InterfaceEvent: Equatable, Sendable {
    case changed(InterfaceState)
    /// Deleted, not moved.
    case gone
}

/// Follows an interface through its changes, also into other network namespaces: the socket stays where it
/// was made, and the kernel tells it of all namespaces that an interface of ours went to.
package struct InterfaceWatch: ~Copyable {
    /// Nil while it is not known: where the interface is in a namespace that we do not hear of.
    package private(set) var current: InterfaceState?
    private var socket: LinkSocket
    private var place: Place

    private enum Place {
        /// Never seen, deleted, or lost from sight.
        case unknown
        /// In a namespace of which we know the kernel's name, or in our own for nil.
        case known(index: Int32, namespace: Int32?)
        /// It went on from another namespace to one that only that other has a name for: to be known again
        /// by its index there, and its name.
        case onTheMove(index: Int32)
    }

    /// Make it before privileges are given up: listening to other namespaces takes CAP_NET_BROADCAST. An interface
    /// that is not in our namespace is never seen.
    package init(name: InterfaceName) throws(Errno) {
        var socket = try LinkSocket()
        let link = try socket.find(name)
        self.socket = socket
        current = link?.state
        place = link.map { .known(index: $0.index, namespace: nil) } ?? .unknown
    }

    /// Readable when there is something to read.
    package var raw: CInt { socket.raw }

    /// What happened since the last time; nothing where nothing did. It does not wait.
    package mutating func read() throws(Errno) -> [InterfaceEvent] {
        var events: [InterfaceEvent] = []
        while try takeNews(&events), case .known(let index, let namespace) = place {
            try socket.ask(index: index, in: namespace)
        }
        return events
    }

    /// Reads all that is there. True when there was more than the socket could hold: what is true now, which
    /// there is room to ask for afterwards, makes up for what was lost.
    private mutating func takeNews(_ events: inout [InterfaceEvent]) throws(Errno) -> Bool {
        var isIncomplete = false
        while true {
            var messages: [LinkSocket.Message] = []
            do throws(Errno) {
                guard try socket.read({ messages.append($0) }) else { return isIncomplete }
            } catch {
                guard error.code == ENOBUFS else { throw error }
                isIncomplete = true
            }
            for message in messages {
                if let event = event(of: message) { events.append(event) }
            }
        }
    }

    private mutating func event(of message: LinkSocket.Message) -> InterfaceEvent? {
        switch message {
        case .answer(let link): return take(link.state)
        case .refusal:
            // It went while we did not hear. Whether it was moved or deleted shows at its TUN queues.
            place = .unknown
            current = nil
            return nil
        case .namespaceEnded(let ended):
            guard case .known(_, ended) = place else { return nil }
            return end()
        case .link(let link): return event(of: link)
        }
    }

    private mutating func event(of link: LinkMessage) -> InterfaceEvent? {
        guard isOurs(link) else { return nil }
        guard link.isDeletion else {
            place = .known(index: link.index, namespace: link.namespace)
            return take(link.state)
        }
        guard let newIndex = link.newIndex else { return end() }
        place = .onTheMove(index: newIndex)
        // Only our own namespace gives names to others that mean something to us.
        if link.namespace == nil, let namespace = link.newNamespace {
            place = .known(index: newIndex, namespace: namespace)
        }
        return nil
    }

    private func isOurs(_ link: LinkMessage) -> Bool {
        switch place {
        case .unknown: false
        case .known(let index, let namespace): link.index == index && link.namespace == namespace
        case .onTheMove(let index): link.index == index && !link.isDeletion && link.name == current?.name
        }
    }

    private mutating func end() -> InterfaceEvent {
        place = .unknown
        current = nil
        return .gone
    }

    private mutating func take(_ state: InterfaceState?) -> InterfaceEvent? {
        guard let state, state != current else { return nil }
        current = state
        return .changed(state)
    }
}
