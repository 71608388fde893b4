import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("syncconf")
struct SynchronizationTests {
    @Test("asks for what its naive twin asks for")
    func naiveTwin() {
        var random = SeededRandom(7)
        for round in Rounds.usual(2000) {
            let naive = NaiveSynchronization(&random)
            let update = Synchronization.update(bringing: naive.device, to: naive.file)
            if update.requestLines != naive.lines {
                Issue.record("round \(round): \(update.requestLines), not \(naive.lines)")
                return
            }
        }
    }

    @Test("removes what the file lacks, the largest key first, and clears what it does not say")
    func example() {
        var device = Device(name: InterfaceName("wg0"))
        device.peers = ([0x11, 0x33, 0x22, 0x44] as [UInt8]).map { byte in
            var peer = Peer(publicKey: Keys.publicKey(byte))
            (peer.presharedKey, peer.persistentKeepalive) = (Keys.secret(0x99), 25)
            return peer
        }
        var file = DeviceUpdate(name: InterfaceName("wg0"))
        var (old, new) = (PeerUpdate(publicKey: Keys.publicKey(0x22)), PeerUpdate(publicKey: Keys.publicKey(0x55)))
        old.replaceAllowedIPs = true
        new.replaceAllowedIPs = true
        file.peers = [new, old]
        #expect(
            Synchronization.update(bringing: device, to: file).requestLines == [
                "private_key=" + Keys.hex(0), "listen_port=0", "fwmark=0",
                "public_key=" + Keys.hex(0x44), "remove=true", "public_key=" + Keys.hex(0x33), "remove=true",
                "public_key=" + Keys.hex(0x11), "remove=true",
                "public_key=" + Keys.hex(0x55), "replace_allowed_ips=true",
                "public_key=" + Keys.hex(0x22), "preshared_key=" + Keys.hex(0), "persistent_keepalive_interval=0",
                "replace_allowed_ips=true",
            ])
    }

    @Test("a file as the whole of an interface names every field of it")
    func whole() {
        var file = DeviceUpdate(name: InterfaceName("wg0"))
        file.listenPort = 5
        #expect(
            file.asWhole().requestLines == [
                "private_key=" + Keys.hex(0), "listen_port=5", "fwmark=0", "replace_peers=true",
            ])
        (file.privateKey, file.fwmark) = (.set(Keys.secret(0x99)), 7)
        #expect(
            file.asWhole().requestLines == [
                "private_key=" + Keys.hex(0x99), "listen_port=5", "fwmark=7", "replace_peers=true",
            ])
    }
}
