package import ByteText
package import LinuxSystem
package import WireGuardControl

/// What a command works with: where it finds interfaces, and where its words go.
package struct Context: ~Copyable {
    /// argv[0], as usage texts repeat it.
    package let program: ByteString
    package let backend: any DeviceBackend
    package let environment: @Sendable (ByteString) -> ByteString?
    /// Takes a line for standard error at once.
    package let warn: @Sendable (String) -> Void
    package var output: OutputStream

    package init(
        program: ByteString, backend: any DeviceBackend = BackendSelection(),
        environment: @escaping @Sendable (ByteString) -> ByteString? = Environment.value,
        warn: @escaping @Sendable (String) -> Void, output: consuming OutputStream
    ) {
        self.program = program
        self.backend = backend
        self.environment = environment
        self.warn = warn
        self.output = output
    }

    var sources: SystemSources { SystemSources(environment: environment, warn: warn) }

    /// The failure that a wrong number of arguments is.
    func usage(_ arguments: StaticString) -> CommandFailure {
        CommandFailure("Usage: \(program) \(arguments)")
    }
}
