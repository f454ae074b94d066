import Basics
import Testing

struct IDSetTests {
  private func set(_ numbers: [UInt32]) -> IDSet<Int> {
    var set = IDSet<Int>()
    for number in numbers { set.insert(ID(number)) }
    return set
  }

  @Test func insertTellsWhatIsNew() {
    var names = IDSet<Int>(capacity: 3)
    let isNew = names.insert(ID(200))
    let isNewAgain = names.insert(ID(200))
    #expect(isNew)
    #expect(!isNewAgain)
    #expect(names.contains(ID(200)))
    #expect(!names.contains(ID(199)))
    #expect(!names.contains(ID(100_000)))
  }

  @Test func membersComeInAscendingOrder() {
    #expect(set([130, 0, 63, 64, 5]).map(\.number) == [0, 5, 63, 64, 130])
    #expect(set([]).map(\.number) == [])
  }

  @Test func roomIsNoDifference() {
    var roomy = IDSet<Int>(capacity: 1000)
    roomy.insert(ID(7))
    #expect(roomy == set([7]))
    #expect(set([7]) != set([7, 700]))
  }
}
