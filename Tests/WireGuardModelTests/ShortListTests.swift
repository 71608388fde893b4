import TestSupport
import Testing
import WireGuardModel

@Suite("ShortList")
struct ShortListTests {
    @Test("is what an array would be after the same appends")
    func isLikeArray() {
        var random = SeededRandom(3)
        for _ in Rounds.usual(1000) {
            let start = (0..<random.below(4)).map { _ in random.below(3) }
            var list = ShortList(start)
            var array = start
            for _ in 0..<random.below(4) {
                let more = (0..<random.below(3)).map { _ in random.below(3) }
                list.append(contentsOf: more)
                array += more
                list.append(7)
                array.append(7)
            }
            check(list, array)
        }
    }

    @Test("of every length from none to six", arguments: 0...6)
    func lengths(_ count: Int) {
        let array = Array(10..<(10 + count))
        check(ShortList(array), array)
    }

    @Test("is written as an array is")
    func literals() {
        check([], [])
        check([5], [5])
        check([1, 2, 3, 4], [1, 2, 3, 4])
    }

    @Test("is equal to what has the same elements in the same order")
    func equality() {
        let lists: [ShortList<Int>] = [[], [1], [2], [1, 2], [2, 1], [1, 2, 3], [1, 2, 4], [1, 2, 3, 4]]
        for left in lists.indices {
            for right in lists.indices { #expect((lists[left] == lists[right]) == (left == right)) }
        }
    }

    @Test("leaves its copies as they are")
    func copies() {
        let short: ShortList = [1, 2, 3]
        var longer = short
        longer.append(4)
        check(short, [1, 2, 3])
        check(longer, [1, 2, 3, 4])
    }

    private func check(_ list: ShortList<Int>, _ array: [Int]) {
        #expect(Array(list) == array)
        #expect(list.count == array.count)
        #expect(list.isEmpty == array.isEmpty)
        #expect(list.first == array.first && list.last == array.last)
        #expect(list.indices.map { list[$0] } == array)
        #expect(Array(list.reversed()) == array.reversed())
        #expect(Array(list.dropFirst(2)) == Array(array.dropFirst(2)))
        #expect(list.enumerated().map { $0.element + $0.offset } == array.enumerated().map { $0.element + $0.offset })
    }
}
