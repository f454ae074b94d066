import Basics
import IR

// What Cython reads for itself.
extension Raiser {
  /// Takes the counts of variables away that nothing else reads: `super()` asks for its arguments itself.
  func removeUnreadCells() {
    var readers: [Instruction.ID: [Instruction.ID]] = [:]
    var others: Set<Instruction.ID> = []
    for id in self.readers() {
      for operand in function.operands(of: id) {
        guard case .cell? = operation(operand) else { continue }
        if case .referenceCount = function[id].operation {
          readers[operand, default: []].append(id)
        } else {
          others.insert(operand)
        }
      }
    }
    for block in function.reversePostorder() {
      if let value = function[block].terminator.value { others.insert(function.resolve(value)) }
    }
    for (cell, counts) in readers.sorted(by: { $0.key < $1.key }) where !others.contains(cell) {
      for count in counts { function.remove(count) }
    }
  }

  /// Takes sizes and tests of types away that nothing reads and whose errors nobody asked for.
  ///
  /// Loops over dicts and sets note how large those are (`__Pyx_dict_iterator` in
  /// `Cython/Utility/Optimize.c`), and `set.add(self, x)` asks whether `self` is a set.
  func removeUnreadTests() {
    var pending: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions { pending += function.operands(of: id) }
      if let value = function[block].terminator.value { pending.append(function.resolve(value)) }
    }
    var read: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      if read.insert(id).inserted, function[id].block == nil {
        pending += function.operands(of: id)
      }
    }
    for block in function.reversePostorder() {
      for id in function[block].instructions
      where !read.contains(id)
        && (operation(id) == .length && !lengths.contains(id) || typeTests.contains(id))
      {
        function.remove(id)
      }
    }
  }

  /// Removes a step that nothing reads but counts, and those.
  private func removeUncounted(_ step: Instruction.ID) {
    let readers = readers().filter { function.operands(of: $0).contains(step) }
    for reader in readers {
      guard case .referenceCount = function[reader].operation else { return }
    }
    for reader in readers { function.remove(reader) }
    function.remove(step)
  }

  /// Reads the method that a class is subscripted with.
  ///
  /// ```
  /// %5 = attribute('__class_getitem__') %4
  /// %6 = call(_) %5, %3                          →     %6 = item %4, %3
  /// ```
  /// The method is looked up when the index is known (`__Pyx_PyObject_GetItem_Slow` in
  /// `Cython/Utility/ObjectHandling.c`); the program itself would look it up before.
  func raiseClassItems() {
    for block in function.reversePostorder() {
      var previous: Instruction.ID?
      for id in function[block].instructions {
        defer {
          switch function[id].operation {
          case .referenceCount, .python(.parameter): break
          default: previous = id
          }
        }
        guard case .call(let shape)? = operation(id), let method = previous,
          function[shape].arguments == [.positional], function.operand(0, of: id) == method,
          case .attribute(let name)? = operation(method), symbols[name] == "__class_getitem__",
          function[function.operand(1, of: id)].block == block
        else { continue }
        become(id, .item, [function.operand(0, of: method), function.operand(1, of: id)])
        removeUncounted(method)
      }
    }
  }
}
