import ByteText
import Testing
import WireGuardQuick

@Suite("Settings of wg-quick")
struct QuickSettingsTests {
    @Test("ask for nothing until a file does")
    func defaults() {
        let settings = QuickSettings()
        #expect(settings.addresses == [] && settings.dns.isEmpty && settings.mtu == nil && settings.table == .auto)
    }
}
