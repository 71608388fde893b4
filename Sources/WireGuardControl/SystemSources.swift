package import ByteText
internal import LinuxSystem
package import WireGuardKeys
package import WireGuardModel
package import WireGuardText

/// Key files, host names and service names of the machine that we run on.
package struct SystemSources: FieldSources {
    private let retries: Result<ResolutionRetries, FieldError>
    /// The name of the file that is being read and a colon, or empty.
    private let place: String
    /// Writes a line to standard error.
    private let tell: @Sendable (String) -> Void

    package init(environment: (ByteString) -> ByteString?, warn: @escaping @Sendable (String) -> Void) {
        let retries = ResolutionRetries.read(environment("WG_ENDPOINT_RESOLUTION_RETRIES"))
        self.init(retries: retries, place: "", tell: warn)
    }

    private init(
        retries: Result<ResolutionRetries, FieldError>, place: String, tell: @escaping @Sendable (String) -> Void
    ) {
        self.retries = retries
        self.place = place
        self.tell = tell
    }

    /// "Warning: " comes first, then file and line, so that a filter for lines that begin with it finds them.
    package func warn(_ message: String) { tell("Warning: \(place)\(message)") }

    /// The same sources, with the file's name in warnings. Warnings of `ConfigParser` already begin with the line.
    package func warning(about file: ByteString) -> SystemSources {
        SystemSources(retries: retries, place: "\(file.excerpt):", tell: tell)
    }

    package func port(named text: ByteString) throws(FieldError) -> UInt16 {
        do throws(AddressLookup.Failure) {
            return try AddressLookup.findPort(text)
        } catch {
            throw .badPort(text, reason: error.reason)
        }
    }

    package func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? {
        let file = try KeyFile(path)
        return try file.read()
    }

    package func checkSettings() throws(FieldError) { _ = try retries.get() }

    package func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint {
        var retries = try self.retries.get()
        while true {
            do throws(AddressLookup.Failure) {
                return try Endpoint(AddressLookup.find(host: name.host, port: name.port))
            } catch {
                guard !error.isPermanent, let delay = retries.next() else {
                    throw .unresolvedEndpoint(name.text, reason: error.reason)
                }
                tell("\(error.reason): \(name.text.quoted). Trying again in \(seconds(delay)) seconds...")
                guard EndRequest.sleep(microseconds: delay) else {
                    throw .unresolvedEndpoint(name.text, reason: error.reason)
                }
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
    private static let most = UInt64(Int32.max)
    private static let longestDelay: UInt32 = 20_000_000

    /// From the value of WG_ENDPOINT_RESOLUTION_RETRIES: a number or "infinity".
    static func read(_ setting: ByteString?) -> Result<ResolutionRetries, FieldError> {
        guard let setting else { return .success(ResolutionRetries(left: usual)) }
        if setting == "infinity" { return .success(ResolutionRetries(left: nil)) }
        guard let number = Environment.number(setting), number <= most else { return .failure(.badRetries(setting)) }
        return .success(ResolutionRetries(left: number))
    }

    private init(left: UInt64?) { self.left = left }

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
