import BenchSupport

// Each stage of a packet's way through the daemon, system calls left out, beside the least that the machine can do for
// it: a batch of 44 packets in the processor's caches, the least of many times.

print("| stage | ns a packet | floor | ns a packet | ratio |")
print("|---|--:|---|--:|--:|")
for stage in Packets.stages + LookUps.stages + Seam.stages {
    let (time, floor) = stage.measure()
    print("| \(stage.name) | \(tenths(time)) | \(stage.floorName) | \(tenths(floor)) | \(tenths(time / floor)) |")
}
