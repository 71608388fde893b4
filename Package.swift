// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, no warning left standing, and bodies visible
/// across modules in release, since the hot loops call through several of them.
let house: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .unsafeFlags(
        ["-cross-module-optimization", "-Xfrontend", "-enable-cmo-everything"], .when(configuration: .release)),
]

func module(_ name: String, imports: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: imports, swiftSettings: house)
}

func tests(_ name: String, of imports: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: imports + ["TestSupport"], exclude: exclude, swiftSettings: house)
}

let package = Package(
    name: "wireguard-swift",
    products: [
        .executable(name: "wg", targets: ["wg"]),
        .executable(name: "wg-quick", targets: ["wg-quick"]),
        .executable(name: "wireguard-swift", targets: ["wireguard-swift"]),
    ],
    targets: [
        .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CLinux"),
        .target(name: "CArguments"),
        // Intrinsics are worth nothing without the optimizer, and what is tested is then what is shipped.
        .target(name: "CPacketCipher", cSettings: [.unsafeFlags(["-O2"])]),
        module("ByteText", imports: ["CSodium"]),
        module("LinuxSystem", imports: ["ByteText", "CLinux"]),
        module("WireGuardKeys", imports: ["CSodium", "ByteText"]),
        module("WireGuardModel", imports: ["WireGuardKeys", "ByteText"]),
        module("WireGuardText", imports: ["WireGuardModel", "WireGuardKeys", "ByteText"]),
        module("LinuxNetlink", imports: ["WireGuardModel", "ByteText", "LinuxSystem", "CMnl", "CLinux"]),
        module(
            "WireGuardControl",
            imports: [
                "LinuxNetlink", "WireGuardText", "WireGuardModel", "WireGuardKeys", "ByteText", "LinuxSystem", "CLinux",
            ]),
        module(
            "WireGuardCommands",
            imports: [
                "WireGuardControl", "WireGuardText", "WireGuardModel", "WireGuardKeys", "ByteText", "LinuxSystem",
            ]),
        module(
            "WireGuardQuick",
            imports: [
                "WireGuardControl", "LinuxNetlink", "WireGuardText", "WireGuardModel", "WireGuardKeys", "ByteText",
                "LinuxSystem",
            ]),
        module(
            "WireGuardProtocol",
            imports: ["WireGuardModel", "WireGuardKeys", "CSodium", "COpenSSL", "CPacketCipher"]),
        module(
            "WireGuardEngine",
            imports: [
                "WireGuardProtocol", "WireGuardModel", "WireGuardKeys", "ByteText", "LinuxSystem", "CMnl", "CLinux",
            ]),
        module(
            "WireGuardDaemon",
            imports: [
                "WireGuardEngine", "WireGuardProtocol", "WireGuardText", "WireGuardModel", "WireGuardKeys", "ByteText",
                "LinuxSystem", "CLinux",
            ]),
        .executableTarget(
            name: "wg", dependencies: ["WireGuardCommands", "LinuxSystem", "ByteText", "CArguments"],
            swiftSettings: house),
        .executableTarget(
            name: "wg-quick", dependencies: ["WireGuardQuick", "LinuxSystem", "ByteText", "CArguments"],
            swiftSettings: house),
        .executableTarget(
            name: "wireguard-swift", dependencies: ["WireGuardDaemon", "LinuxSystem", "ByteText"],
            swiftSettings: house),

        tests("LinuxSystemTests", of: ["LinuxSystem", "ByteText"]),
        tests(
            "LinuxNetlinkTests",
            of: ["LinuxNetlink", "NetlinkTestSupport", "WireGuardModel", "LinuxSystem", "ByteText", "CLinux"]),
        tests(
            "WireGuardControlTests",
            of: [
                "WireGuardControl", "LinuxNetlink", "NetlinkTestSupport", "WireGuardModel", "WireGuardKeys",
                "LinuxSystem", "ByteText",
            ]),
        tests("ByteTextTests", of: ["ByteText"]),
        tests("WireGuardKeysTests", of: ["WireGuardKeys", "ByteText", "CSodium"]),
        tests("WireGuardModelTests", of: ["WireGuardModel", "ByteText"]),
        tests("WireGuardTextTests", of: ["WireGuardText", "WireGuardModel", "WireGuardKeys", "ByteText"]),
        tests(
            "WireGuardProtocolTests",
            of: ["WireGuardProtocol", "WireGuardModel", "WireGuardKeys", "ByteText", "CSodium", "COpenSSL"]),
        tests(
            "WireGuardEngineTests",
            of: [
                "WireGuardEngine", "WireGuardProtocol", "WireGuardModel", "WireGuardKeys", "LinuxSystem", "ByteText",
                "CLinux",
            ]),
        tests(
            "WireGuardDaemonTests",
            of: [
                "WireGuardDaemon", "WireGuardEngine", "WireGuardProtocol", "WireGuardText", "WireGuardModel",
                "WireGuardKeys", "LinuxSystem", "ByteText",
            ]),
        tests(
            "WireGuardQuickTests",
            of: [
                "WireGuardQuick", "WireGuardControl", "LinuxNetlink", "WireGuardText", "WireGuardModel",
                "WireGuardKeys",
                "LinuxSystem", "ByteText",
            ]),
        tests("QuickLiveTests", of: [], exclude: ["scene"]),
        tests("KernelTests", of: []),
        tests("CompletionTests", of: [], exclude: ["Drivers"]),
        tests("ArchitectureTests", of: []),
        tests("InstallationTests", of: []),
        tests("HighAvailabilityTests", of: []),
        tests("WalkThroughTests", of: []),
        tests("LiveTests", of: [], exclude: ["HeapCounter"]),
        tests("DifferentialTests", of: []),
        tests("QuickDifferentialTests", of: [], exclude: ["Stage"]),
        tests("HostileInputTests", of: []),
        tests(
            "HostileNetworkTests", of: ["WireGuardProtocol", "WireGuardModel", "WireGuardKeys", "ByteText", "CLinux"]),
        .target(
            name: "TestSupport", dependencies: ["CLinux", "ByteText"], path: "Tests/TestSupport", swiftSettings: house),
        .target(
            name: "NetlinkTestSupport", dependencies: ["LinuxNetlink", "LinuxSystem"], path: "Tests/NetlinkTestSupport",
            swiftSettings: house),
    ]
)

// The fuzzers want libFuzzer and the sanitizers in everything: `Tests/Fuzz/run` makes that build.
if Context.environment["WIREGUARD_FUZZ"] != nil {
    let tested: [Target.Dependency] = [
        "WireGuardDaemon", "WireGuardEngine", "WireGuardProtocol", "WireGuardQuick", "WireGuardControl", "LinuxNetlink",
        "WireGuardText", "WireGuardModel", "WireGuardKeys",
        "LinuxSystem", "ByteText", "TestSupport",
    ]
    let fuzzers = [
        "FuzzConfig", "FuzzSetArguments", "FuzzUAPIAnswer", "FuzzUAPIServer", "FuzzNetlinkAnswer", "FuzzAllowedIPs",
        "FuzzSegmenter", "FuzzCoalescer", "FuzzMessages", "FuzzPacketCipher", "FuzzQuickFile",
    ]
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .target(
            name: "FuzzSupport", dependencies: tested + ["CFuzzer"], path: "Tests/Fuzz/FuzzSupport",
            swiftSettings: house),
    ]
    package.targets += fuzzers.map { name in
        .executableTarget(
            name: name, dependencies: tested + ["FuzzSupport"], path: "Tests/Fuzz/\(name)", swiftSettings: house)
    }
}

// Those of the benchmarks that measure with programs of their own make these builds.
if Context.environment["WIREGUARD_BENCH"] != nil {
    package.targets.append(
        .executableTarget(
            name: "wg-bench", dependencies: ["TestSupport"], path: "Benchmarks/WgBench", swiftSettings: house))
    package.targets.append(
        .executableTarget(
            name: "cipher-bench", dependencies: ["WireGuardProtocol", "WireGuardKeys", "BenchSupport"],
            path: "Benchmarks/CipherBench", swiftSettings: house))
    package.targets.append(.target(name: "BenchSupport", path: "Benchmarks/Support", swiftSettings: house))
    package.targets.append(
        .executableTarget(
            name: "stage-bench",
            dependencies: [
                "WireGuardEngine", "WireGuardProtocol", "WireGuardModel", "WireGuardKeys", "LinuxSystem", "TestSupport",
                "BenchSupport",
            ], path: "Benchmarks/StageBench", swiftSettings: house))
    package.targets.append(
        .executableTarget(
            name: "handshake-bench",
            dependencies: ["WireGuardProtocol", "WireGuardModel", "WireGuardKeys", "ByteText", "TestSupport"],
            path: "Benchmarks/HandshakeBench", swiftSettings: house))
}

// Tests of what threads share, which `Tests/run` repeats with the thread sanitizer in everything.
if Context.environment["WIREGUARD_TSAN"] != nil {
    let threaded = ["WireGuardProtocolTests", "WireGuardEngineTests", "WireGuardDaemonTests"]
    package.targets.removeAll { $0.type == .test && !threaded.contains($0.name) }
    package.targets.append(.target(name: "CLocks", path: "Tests/ThreadSanitizer/CLocks"))
    package.targets.first { $0.name == "LinuxSystem" }?.dependencies.append("CLocks")
}

// The fast loop: WIREGUARD_TESTS="NAME NAME" swift test --scratch-path .build-fast builds and runs these alone.
if let names = Context.environment["WIREGUARD_TESTS"]?.split(separator: " ") {
    package.targets.removeAll { target in target.type == .test && !names.contains { $0 == target.name } }
}
