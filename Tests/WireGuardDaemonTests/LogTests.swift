import Synchronization
import Testing
import WireGuardDaemon

@Suite("Log")
struct LogTests {
    private final class Page: Sendable {
        let lines = Mutex<[String]>([])
        let now = Mutex<UInt64>(0)

        func log(_ level: Log.Level) -> Log {
            Log(
                level, name: "wg0", write: { line in self.lines.withLock { $0.append(line) } },
                clock: { self.now.withLock { $0 } })
        }

        func pass(seconds: UInt64) { now.withLock { $0 += seconds * 1_000_000_000 } }

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    @Test("says what its level asks for, and works out nothing else")
    func levels() {
        for (level, expected) in [
            (Log.Level.silent, []), (.error, ["wg0: bad"]), (.verbose, ["wg0: bad", "wg0: debug: fine"]),
        ] {
            let page = Page()
            let log = page.log(level)
            var evaluated = 0
            func text(_ text: String) -> String {
                evaluated += 1
                return text
            }
            log.error(text("bad"))
            log.debug(text("fine"))
            #expect(page.take() == expected)
            #expect(evaluated == expected.count)
        }
    }

    @Test("a burst is cut off, and told how long it was once there is room again")
    func flood() {
        let page = Page()
        let log = page.log(.error)
        for number in 0..<1000 { log.error("\(number)") }
        #expect(page.take() == (0..<50).map { "wg0: \($0)" })
        page.pass(seconds: 1)
        for _ in 0..<10 { log.error("again") }
        #expect(page.take() == ["wg0: 950 messages left out"] + Array(repeating: "wg0: again", count: 5))
        page.pass(seconds: 3600)
        for _ in 0..<60 { log.error("later") }
        #expect(page.take() == ["wg0: 5 messages left out"] + Array(repeating: "wg0: later", count: 50))
    }

    @Test("a flood of other lines leaves errors their room")
    func errorsInFlood() {
        let page = Page()
        let log = page.log(.verbose)
        for number in 0..<10_000 { log.debug("\(number)") }
        #expect(page.take().count == 500)
        log.error("bad")
        #expect(page.take() == ["wg0: bad"])
    }

    @Test("a slow stream is not cut off")
    func stream() {
        let page = Page()
        let log = page.log(.error)
        for _ in 0..<500 {
            log.error("x")
            page.pass(seconds: 1)
        }
        #expect(page.take().count == 500)
    }
}
