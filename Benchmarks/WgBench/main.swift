import Glibc
import TestSupport

// wg-bench LAUNCHER OURS REFERENCE FOLDER

let large = [Fleet(peers: 20_000), Fleet(peers: 200_000)]

func measureAll(_ arena: Contest) throws -> [Row] {
    var rows: [Row] = []
    for challenge in try StartUp.challenges(in: arena.folder) {
        rows.append(try arena.hold(challenge))
    }
    for fleet in large {
        let device = try LargeDevice(fleet, arena: arena)
        defer { device.stop() }
        for challenge in device.challenges {
            rows.append(try arena.hold(challenge, on: device))
        }
    }
    return rows
}

let arguments = CommandLine.arguments
guard arguments.count == 5 else {
    print("usage: wg-bench LAUNCHER OURS REFERENCE FOLDER")
    exit(2)
}
do {
    let contest = Contest(launcher: arguments[1], ours: arguments[2], reference: arguments[3], folder: arguments[4])
    print(Report(rows: try measureAll(contest)).text)
} catch {
    tell("wg-bench: \(error)")
    exit(1)
}
