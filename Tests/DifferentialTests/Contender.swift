import Glibc
import TestSupport

/// One of the two programs that are compared.
struct Contender: Sendable {
    let path: String

    static let ours = Contender(path: Places.wg)

    /// The newest there is, else the installed one.
    static let reference = Contender(path: isReferenceNewest ? newest : "/usr/bin/wg")

    static let isReferenceNewest = Places.exists(newest)

    private static let newest = Places.peers + "/wg"

    /// Runs the case in the arena of this thread, and leaves its folders empty.
    func run(_ scene: Case) throws -> Outcome {
        let stage = try Stage(scene)
        defer { stage.clear() }
        let result = try start(scene)
        let requests = stage.stopDevices()
        return Outcome(
            status: result.status, stdout: result.stdout, stderr: result.stderr, requests: requests,
            sockets: try names(in: Arena.sockets))
    }

    /// The same without devices and files, which are there.
    func start(_ scene: Case) throws -> RunResult {
        if let shell = scene.shell {
            return try TestSupport.run("sh", ["-c", shell, path], environment: scene.environment, input: scene.input)
        }
        // Both bear the same name, so that usage texts agree.
        return try TestSupport.run(
            path, bytes: scene.arguments, environment: scene.environment, input: scene.input, argv0: "wg", timeout: 20)
    }
}

/// The files and devices of a case, put up in the arena.
private struct Stage {
    private var devices: [(name: String, device: FakeDevice)] = []

    init(_ scene: Case) throws {
        for (name, file) in scene.files { try file.put(at: Arena.files + "/" + name) }
        switch scene.folder {
        case .missing: rmdir(Arena.sockets)
        case .file:
            rmdir(Arena.sockets)
            try Case.File.text([]).put(at: Arena.sockets)
        case .holding(let entries):
            for entry in entries { try put(entry) }
        }
    }

    private mutating func put(_ entry: Case.Entry) throws {
        let path = Arena.sockets + "/" + entry.name
        switch entry.kind {
        case .device(let behaviour): devices.append((entry.name, try FakeDevice(at: path, behaviour)))
        case .staleSocket: try FakeDevice.leaveStaleSocket(at: path)
        case .other(let file): try file.put(at: path)
        }
    }

    func stopDevices() -> [Outcome.Request] {
        devices.flatMap { name, device in device.stop().map { Outcome.Request(socket: name, bytes: $0) } }
    }

    func clear() {
        _ = stopDevices()
        for folder in [Arena.sockets, Arena.files] {
            for name in (try? names(in: folder)) ?? [] { remove(folder + "/" + name) }
        }
        unlink(Arena.sockets)
        mkdir(Arena.sockets, 0o755)
    }
}

extension Case.File {
    func put(at path: String) throws {
        switch self {
        case .directory: mkdir(path, 0o755)
        case .link(let target): symlink(target, path)
        case .text(let text):
            guard let stream = fopen(path, "w") else { throw RunError(description: "\(path): errno \(errno)") }
            fwrite(text, 1, text.count, stream)
            fclose(stream)
        }
    }
}

/// Sorted; a folder that is missing, or no folder, holds nothing.
private func names(in folder: String) throws -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
            name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}
