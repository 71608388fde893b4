import ByteText
import LinuxSystem
import Testing

@Suite struct AddressLookupTests {
    @Test func numbersAreFoundWithoutAnybodyAsked() throws {
        let v4 = try AddressLookup.find(host: "192.0.2.1", port: "51820", numericHost: true)
        #expect(v4 == SocketAddress(address: ByteString([192, 0, 2, 1]), port: 51820, scope: 0))
        let v6 = try AddressLookup.find(host: "fe80::1%lo", port: "53", numericHost: true)
        #expect(v6.address == ByteString([0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]))
        #expect(v6.port == 53)
        #expect(v6.scope == 1)
    }

    @Test func servicesAreThoseOfUDP() throws {
        #expect(try AddressLookup.findPort("domain") == 53)
        #expect(throws: AddressLookup.Failure.self) { try AddressLookup.findPort("http") }
    }

    @Test func failureTellsWhetherAskingAgainHelps() {
        do throws(AddressLookup.Failure) {
            _ = try AddressLookup.find(host: "not an address", port: "1", numericHost: true)
            Issue.record("a sentence is no address")
        } catch {
            #expect(error.isPermanent && error.reason == "Name or service not known")
        }
        do throws(AddressLookup.Failure) {
            _ = try AddressLookup.find(host: "192.0.2.1", port: "-1")
            Issue.record("-1 is no port")
        } catch {
            #expect(!error.isPermanent && error.reason == "Servname not supported for ai_socktype")
        }
    }

    @Test func socketAddressSurvivesItsRawForm() {
        let addresses = [
            SocketAddress(address: ByteString([192, 0, 2, 1]), port: 0x1234, scope: 0),
            SocketAddress(address: ByteString((0..<16).map { $0 }), port: 0xfffe, scope: 7),
        ]
        for address in addresses {
            var raw = ByteBuffer()
            address.appendRaw(to: &raw)
            let whole = SocketAddress(raw: raw.span)
            let cut = SocketAddress(raw: raw.span.extracting(..<(raw.count - 1)))
            #expect(whole == address)
            #expect(cut == nil)
        }
        let nothing: [UInt8] = []
        let unknownFamily = [1] + [UInt8](repeating: 0, count: 15)
        let none = SocketAddress(raw: nothing.span)
        let unknown = SocketAddress(raw: unknownFamily.span)
        #expect(none == nil)
        #expect(unknown == nil)
    }
}
