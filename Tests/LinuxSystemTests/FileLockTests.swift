import ByteText
import Glibc
import LinuxSystem
import TestSupport
import Testing

@Suite struct FileLockTests {
    @Test func oneAtATimeHasIt() throws {
        let folder = try makeTemporaryFolder("lock")
        defer { remove(folder) }
        let path = ByteString(folder + "/lock")
        let first = try FileLock(at: path, milliseconds: 0)
        let hasFirst = first != nil
        #expect(hasFirst)
        let hasSecond = try FileLock(at: path, milliseconds: 20) != nil
        #expect(!hasSecond)
        _ = consume first
        // A program that another test starts at this moment has a copy of the descriptor until it executes.
        let hasThird = try FileLock(at: path, milliseconds: 60_000) != nil
        #expect(hasThird)
    }

    @Test func waitsForTheOther() throws {
        let folder = try makeTemporaryFolder("lock")
        defer { remove(folder) }
        let path = ByteString(folder + "/lock")
        let holder = try Program("flock", [path, "sleep", "0.3"]).start()
        while try FileLock(at: path, milliseconds: 0) != nil { usleep(1000) }
        let hasIt = try FileLock(at: path, milliseconds: 60_000) != nil
        #expect(hasIt)
        #expect(try holder.wait().ending.isSuccess)
    }

    @Test func linksAreNotFollowed() throws {
        let folder = try makeTemporaryFolder("lock")
        defer { remove(folder) }
        let path = folder + "/lock"
        #expect(symlink("/dev/null", path) == 0)
        #expect(throws: Errno(ELOOP)) { _ = try FileLock(at: ByteString(path), milliseconds: 0) }
    }

    private func remove(_ folder: String) {
        unlink(folder + "/lock")
        rmdir(folder)
    }
}
