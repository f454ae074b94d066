import Basics
import IR
import RuntimeModel

// Methods that are looked up behind their arguments.
extension Raiser {
  /// Reads method calls that look the method up last.
  ///
  /// ```
  /// %7 = attribute append %4                      %8 = callMethod append %4, %6
  /// %8 = call %7, %6                         →
  /// ```
  /// `__Pyx_PyObject_FastCallMethod` in `Cython/Utility/ObjectHandling.c`, where it was inlined: since
  /// Cython 3.1, before CPython 3.9. Nothing may stand between the two steps.
  func raiseLateMethods() {
    guard looksMethodsUpLast else { return }
    for block in function.reversePostorder() {
      var lookup: (id: Instruction.ID, name: Symbol)?
      for id in function[block].instructions {
        switch function[id].operation {
        case .referenceCount, .undefined, .after: continue
        case .python(.attribute(let name)): lookup = (id, name)
        case .python(.call(let shape)):
          if let (attribute, name) = lookup, function.operand(0, of: id) == attribute,
            isReadOnce(attribute)
          {
            let object = function.operand(0, of: attribute)
            let arguments = Array(function.operands(of: id).dropFirst())
            if become(id, .callMethod(name, shape), [object] + arguments) {
              function.remove(attribute)
            }
          }
          lookup = nil
        default: lookup = nil
        }
      }
    }
  }

  /// Whether one step alone reads a value, reference counts left out.
  private func isReadOnce(_ value: Instruction.ID) -> Bool {
    var count = 0
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        if case .referenceCount = function[id].operation { continue }
        count += function.operands(of: id).count { $0 == value }
      }
      if function[block].terminator.value.map({ function.resolve($0) }) == value { count += 1 }
    }
    return count == 1
  }
}
