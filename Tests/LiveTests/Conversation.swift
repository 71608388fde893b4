/// Two programs that answer each other through a tunnel.
struct Conversation {
    let caller: Node
    let called: Node
    let near: InnerSocket
    let far: InnerSocket

    init(_ caller: Node, _ called: Node) throws {
        (self.caller, self.called) = (caller, called)
        let names = [caller, called].map { SocketName($0.addresses[0], port: 5006) }
        near = try InnerSocket.datagrams(on: caller, at: names[0], to: names[1])
        far = try InnerSocket.datagrams(on: called, at: names[1], to: names[0])
    }

    /// Whether a message arrives, and its answer.
    func isAnswered(_ turn: UInt32) throws -> Bool {
        let message = withUnsafeBytes(of: turn) { Array($0) }
        try near.send(message)
        guard try far.receive() == message else { return false }
        try far.send(message)
        return try near.receive() == message
    }

    func handshakes() throws -> [Int] {
        try [Session(of: caller, with: called).latestHandshake, Session(of: called, with: caller).latestHandshake]
    }
}
