internal import ByteText
internal import LinuxSystem
internal import WireGuardControl
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// Key files, host names and service names of the machine that we run on.
struct SystemSources: FieldSources {
    let environment: @Sendable (ByteString) -> ByteString?
    let warning: @Sendable (String) -> Void

    init(environment: @escaping @Sendable (ByteString) -> ByteString?, warn: @escaping @Sendable (String) -> Void) {
        (self.environment, warning) = (environment, warn)
    }

    func warn(_ message: String) { warning(message) }

    /// The same, with warnings that say where the cause stands.
    func prefixingWarnings(with place: String) -> SystemSources {
        SystemSources(environment: environment) { [warning] in warning(place + $0) }
    }

    func port(named text: ByteString) throws(FieldError) -> UInt16 {
        do throws(AddressLookup.Failure) {
            return try AddressLookup.findPort(text)
        } catch {
            throw .badPort(text, reason: error.reason)
        }
    }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? {
        let file = try KeyFile(path)
        return try file.read()
    }

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint {
        var retries = try ResolutionRetries(environment("WG_ENDPOINT_RESOLUTION_RETRIES"))
        while true {
            do throws(AddressLookup.Failure) {
                return try Endpoint(AddressLookup.find(host: name.host, port: name.port))
            } catch {
                guard !error.isPermanent, let delay = retries.next() else {
                    throw .unresolvedEndpoint(name.text, reason: error.reason)
                }
                warn("\(error.reason): \(name.text.quoted). Trying again in \(seconds(delay)) seconds...")
                Clock.sleep(microseconds: delay)
            }
        }
    }

    /// With two decimals.
    private func seconds(_ microseconds: UInt32) -> String {
        let hundredths = (microseconds + 5000) / 10000
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

/// How often and after how long a name is looked up again.
struct ResolutionRetries {
    /// Nil for no end.
    private var left: UInt64?
    private var delay: UInt32 = 1_000_000

    private static let usual: UInt64 = 15
    private static let longestDelay: UInt32 = 20_000_000

    /// From the value of WG_ENDPOINT_RESOLUTION_RETRIES: a number or "infinity".
    init(_ setting: ByteString?) throws(FieldError) {
        guard let setting else {
            left = Self.usual
            return
        }
        guard setting != "infinity" else { return }
        let number = ByteString(Array(setting.bytes.drop(while: ASCII.isSpace)))
        guard let retries: UInt64 = setting.isEmpty ? 0 : number.span.decimal() else { throw .badRetries(setting) }
        left = retries
    }

    /// Microseconds to wait before the next try; nil when there shall be none.
    mutating func next() -> UInt32? {
        if let left {
            guard left > 0 else { return nil }
            self.left = left - 1
        }
        defer { delay = min(delay / 5 * 6 + delay % 5 * 6 / 5, Self.longestDelay) }
        return delay
    }
}
