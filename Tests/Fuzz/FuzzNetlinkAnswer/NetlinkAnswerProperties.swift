import ByteText
import FuzzSupport
import LinuxNetlink
import LinuxSystem
import WireGuardControl
import WireGuardKeys
import WireGuardModel
import WireGuardText

/// What holds for every answer of the kernel.
enum NetlinkAnswerProperties {
    static func check(_ input: [UInt8]) {
        let question = Question(input)
        switch question.kind {
        case .dump: checkDump(question.datagrams)
        case .routing: checkRouting(question)
        case .get: checkGet(question)
        case .set: checkSet(question)
        }
    }

    private static func checkDump(_ messages: [[UInt8]]) {
        for message in messages { checkAttributes(message) }
        let device = read(messages)
        let naive = readNaively(messages)
        expectEqual(device.map(describe) ?? "refused", naive ?? "refused", "a dump is read as it is")
        if let device { checkDevice(device) }
    }

    private static func checkAttributes(_ bytes: [UInt8]) {
        var found: [String] = []
        do throws(Errno) {
            try NetlinkAttributes.forEach(in: bytes.span) { type, content throws(Errno) in
                found.append("\(type): \(Naive.hex(Array(copying: content)))")
            }
        } catch {
            found = ["refused"]
        }
        let attributes = try? NaiveDeviceDump.attributes(bytes)
        let naive = attributes?.map { "\($0.type): \(Naive.hex($0.content))" } ?? ["refused"]
        expect(found == naive, "attributes are \(naive), not \(found)")
    }

    private static func read(_ messages: [[UInt8]]) -> Device? {
        do throws(Errno) {
            var dump = DeviceDump(of: InterfaceName("wg0"))
            for message in messages { try dump.take(message.span) }
            return dump.device
        } catch {
            return nil
        }
    }

    private static func readNaively(_ messages: [[UInt8]]) -> String? {
        do throws(NaiveDeviceDump.Refusal) {
            var dump = NaiveDeviceDump()
            for message in messages { try dump.take(message) }
            return dump.description
        } catch {
            return nil
        }
    }

    private static func checkDevice(_ read: Device) {
        var device = read
        device.name = InterfaceName("wg0")
        // Interfaces that this machine happens to have would have their names in the texts.
        for index in device.peers.indices {
            device.peers[index].endpoint = device.peers[index].endpoint.map(withoutScope)
        }
        DeviceProperties.check(device)
        checkWriting(of: device)
    }

    private static func withoutScope(_ endpoint: Endpoint) -> Endpoint {
        Endpoint(address: endpoint.address, port: endpoint.port)
    }

    /// What is written of a device in many small messages is read as that device: dumps and requests look alike.
    private static func checkWriting(of device: Device) {
        do throws(Errno) {
            var messages = DeviceUpdateMessages(device.update)
            var dump = DeviceDump(of: device.name)
            while !messages.isDone {
                var message = NetlinkMessage(type: 33, flags: 0, capacity: 320)
                message.putFamilyHeader(UInt32(0))
                try messages.write(to: &message)
                let headers = Netlink.headerLength + Netlink.genericHeaderLength
                try dump.take(Array(message.bytes.dropFirst(headers)).span)
            }
            expectEqual(describe(dump.device), describe(device), "a device is written as it is")
        } catch {
            expect(false, "a device can be written: \(error)")
        }
    }

    private static func describe(_ device: Device) -> String {
        func hex(_ key: (some SecretKey)?) -> String { key.map { key in String { key.appendHex(to: &$0) } } ?? "none" }
        let rows = device.peers.map { peer in
            let endpoint = peer.endpoint.map { endpoint in
                String { endpoint.address.append(to: &$0) } + "%\(endpoint.scope):\(endpoint.port)"
            }
            return [String { peer.publicKey.appendHex(to: &$0) }, hex(peer.presharedKey), endpoint ?? "none"]
                + ["\(peer.persistentKeepalive)"] + peer.allowedIPs.map { prefix in String { prefix.append(to: &$0) } }
        }
        let interface = [hex(device.privateKey), "\(device.listenPort)", "\(device.fwmark)"]
        return ([interface] + rows).map { $0.joined(separator: " ") }.joined(separator: "\n")
    }

    private static func checkRouting(_ question: Question) {
        let kernel = FakeKernel(for: question)
        RoutingProperties.check(question, over: kernel)
        checkSent(by: kernel)
    }

    private static func checkGet(_ question: Question) {
        withBackend(of: question) { backend throws(Errno) in checkDevice(try backend.get(InterfaceName("wg0"))) }
    }

    /// With an allowed-ip taken away, which old kernels refuse, so that ours reads, edits and replaces.
    private static func checkSet(_ question: Question) {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        update.listenPort = 51820
        update.peers = [3, 7].map { (byte: UInt8) in
            var peer = PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: byte)))
            let prefix = AllowedIP(IPAddress(v4: 0x0a00_0000), prefixLength: 8)!
            peer.allowedIPs = [AllowedIPChange(prefix, removes: byte == 7)]
            return peer
        }
        withBackend(of: question) { [update] backend throws(Errno) in try backend.set(update) }
    }

    private static func withBackend(of question: Question, _ body: (NetlinkBackend) throws(Errno) -> Void) {
        nonisolated(unsafe) let kernel = FakeKernel(for: question)
        do throws(Errno) {
            try body(NetlinkBackend { _ throws(Errno) in kernel })
        } catch {
            expectOneLine("\(error)")
        }
        checkSent(by: kernel)
    }

    private static func checkSent(by kernel: FakeKernel) {
        let dumpAttempts = 20_000
        expect(kernel.sent.count <= dumpAttempts + 5, "requests end: \(kernel.sent.count)")
        for message in kernel.sent {
            expect(Netlink.number(message.prefix(4)) == UInt64(message.count), "a request tells its own length")
        }
    }
}
