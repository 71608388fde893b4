import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardQuick

@Suite("What is left to do of a file's update")
struct DeviceDifferenceTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    @Test("brings every device to every file, and is nothing the second time")
    func random() throws {
        var writer = SampleWriter(SeededRandom(5))
        for round in Rounds.usual(400) {
            let before = try stage.file(writer.file()).madeState(stage).device
            let text = writer.file()
            let file = try stage.file(text)
            let update = try file.update(stage, tolerant: true).update
            var wanted = NaiveDevice(after: update)
            // What the file does not have of the interface's own stays; and an endpoint cannot be taken away.
            if update.privateKey == nil { wanted.privateKey = before.privateKey }
            if update.listenPort == nil { wanted.listenPort = before.listenPort }
            if update.fwmark == nil { wanted.fwmark = before.fwmark }
            for index in wanted.peers.indices where wanted.peers[index].endpoint == nil {
                let same = before.peers.first { $0.publicKey == wanted.peers[index].publicKey }
                wanted.peers[index].endpoint = same?.endpoint
            }
            // Peers of a key that only stays are refused by the device.
            if wanted.peers.contains(where: { $0.publicKey == wanted.privateKey?.publicKey }) { continue }

            let change = DeviceUpdate.difference(from: before, to: update, fwmark: update.fwmark)
            let after = change.map { NaiveDevice(before).after($0) } ?? NaiveDevice(before)
            #expect(after == wanted, "round \(round): \(text.debugDescription)")
            var device = Device(name: before.name)
            device.privateKey = after.privateKey
            (device.listenPort, device.fwmark) = (after.listenPort, after.fwmark)
            device.peers = after.peers.map(\.peer)
            let rest = DeviceUpdate.difference(from: device, to: update, fwmark: update.fwmark)
            #expect(rest == nil, "round \(round), the second time: \(text.debugDescription)")
        }
    }

    @Test("leaves out what is the same")
    func same() throws {
        let text = """
            [Interface]
            PrivateKey = \(SampleKeys.secret)
            ListenPort = 5
            [Peer]
            PublicKey = \(SampleKeys.peer)
            AllowedIPs = 10.0.0.0/8
            PersistentKeepalive = 5
            [Peer]
            PublicKey = \(SampleKeys.secondPeer)
            """
        let device = try stage.file(text).madeState(stage).device
        let file = try stage.file(text.replacing("= 10.0.0.0/8\nPersistentKeepalive = 5", with: "= 10.0.0.0/8"))
        let update = try file.update(stage, tolerant: false).update
        let change = try #require(DeviceUpdate.difference(from: device, to: update, fwmark: nil))
        #expect(change.privateKey == nil && change.listenPort == nil && !change.replacePeers && change.peers.count == 1)
        #expect(change.peers[0].persistentKeepalive == 0 && !change.peers[0].replaceAllowedIPs)
    }
}
