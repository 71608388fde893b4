import ByteText
import TestSupport
import Testing
import WireGuardModel
import WireGuardQuick

@Suite("wg-quick's own keys in a file")
struct FileSettingsTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    private func settings(_ lines: String) throws -> QuickSettings {
        let file = try stage.file("[Interface]\n" + lines)
        return file.settings
    }

    @Test("addresses are separated by commas and white space, and keep their words")
    func addresses() throws {
        let addresses = try settings(
            "Address = 10.0.0.1/24 , fd00::1,10.2.0.1\t192.168.0.1/255.255.0.0,,\naddress=::1/0"
        )
        .addresses
        #expect(addresses.map(\.text) == ["10.0.0.1/24", "fd00::1", "10.2.0.1", "192.168.0.1/255.255.0.0", "::1/0"])
        #expect(addresses.map(\.prefixLength) == [24, 128, 32, 16, 0])
        #expect(addresses.map(\.address.family) == [.v4, .v6, .v4, .v4, .v6])
        #expect(addresses[3].address == IPAddress(v4: 0xc0a8_0001))
    }

    @Test(
        "what is no address is told with its line",
        arguments: [
            "10.0.0.1/33", "fd00::1/129", "10.0.0.1/", "10.0.0", "x", "10.0.0.1/255.0.255.0", "fd00::1/255.0.0.0",
            "\"10.0.0.1/24\"", "10.0.0.1/-1", "10.0.0.1/24/24",
        ])
    func badAddress(_ text: String) throws {
        let refusal = try #require(try stage.refusal("[Interface]\n\nAddress = 10.0.0.2/24, \(text)\n"))
        #expect(refusal.hasPrefix("\(stage.folder)/wg0.conf:3: Address "), "\(refusal)")
        #expect(refusal.hasSuffix("`\(text)'"))
    }

    @Test("what could be an address is a DNS server, everything else a domain")
    func dns() throws {
        let dns = try settings("DNS = 1.1.1.1, ::1 foo,1.1.1.1x\nDNS=\nDNS = 12, fe80::1%eth0,Foo.\n").dns
        #expect(dns.servers == ["1.1.1.1", "::1", "12", "fe80::1%eth0"])
        #expect(dns.searchDomains == ["foo", "1.1.1.1x", "Foo."])
    }

    @Test("of several MTUs and tables the last counts, and an empty one is none")
    func mtuAndTable() throws {
        #expect(try settings("MTU=1300\nmtu = 1280 # small\n").mtu == 1280)
        #expect(try settings("MTU=1300\nMTU=\n").mtu == nil)
        #expect(try settings("MTU=0x500").mtu == 1280)
        #expect(try settings("Table=off").table == .off)
        #expect(try settings("Table=1\nTable = auto").table == .auto)
        #expect(try settings("Table = # off").table == .auto)
        #expect(try settings("TABLE = OFF").table == .named("OFF"))
    }

    @Test("an MTU that is no number is told", arguments: ["abc", "-1", "1420b", "0x", "4294967296", "MTU"])
    func badMTU(_ text: String) throws {
        let refusal = try stage.refusal("[Interface]\nMTU = \(text)")
        #expect(refusal == "\(stage.folder)/wg0.conf:2: MTU is not a number: `\(text)'")
    }

    @Test("hooks are whole lines in the file's order, comment signs and all")
    func hooks() throws {
        let settings = try settings(
            "PostUp = echo '# %i' # x \r\nPreUp=a=b\npostup\t=\tlast\\\nPreDown=\nPostDown # = x\nPostUp\n")
        #expect(settings.postUp == ["echo '# %i' # x", "last\\", "PostUp"])
        #expect(settings.preUp == ["a=b"] && settings.preDown == [""] && settings.postDown == ["x"])
    }

    @Test("SaveConfig is true or false in any case")
    func saveConfig() throws {
        #expect(try settings("SaveConfig = TRUE\r\n").savesConfig)
        #expect(try !settings("SaveConfig = true\nSaveConfig=false # no\n").savesConfig)
        #expect(try !settings("").savesConfig)
        for text in ["yes", "", "1"] {
            let refusal = try stage.refusal("[Interface]\nSaveConfig=\(text)\n")
            #expect(refusal == "\(stage.folder)/wg0.conf:2: `\(text)' is neither true nor false")
        }
    }

    @Test("keys of other sections, and in front of the first, are nobody's settings")
    func sections() throws {
        let file = try stage.file("MTU=1\n[Peer]\nMTU=2\n[ Interface ]\nMTU=3\n[interface]x\nMTU=4\n")
        #expect(file.settings.mtu == nil)
        #expect(try settings("[Peer]\n[Interface]\nMTU=5").mtu == 5)
    }

    @Test("`%i` is the interface's name")
    func expansion() {
        let name = InterfaceName("wg7")
        let hook: ByteString = "ip link show %i; echo %%i %d %"
        #expect(hook.expanding(name) == "ip link show wg7; echo %wg7 %d %")
    }
}
