import Basics
import IR
import RuntimeModel

// Classes whose namespace is made in place.
extension Raiser {
  /// Makes the call of a metaclass a class, if a namespace is handed over.
  ///
  /// ```
  /// %4 = dictionary
  /// storeItem %4, '__module__', 'm'
  /// storeItem %4, '__qualname__', 'C'       →     %4 = classNamespace 'C', …
  /// …                                             …
  /// %9 = call type, 'C', %3, %4                   %9 = makeClass 'C', …
  /// ```
  /// `__Pyx_Py3MetaclassPrepare` in `Cython/Utility/ObjectHandling.c`, where compilers inlined it.
  ///
  /// `arguments` are metaclass, name, bases, namespace and keywords.
  func makeClassOfNamespace(_ call: Instruction.ID, _ arguments: [Instruction.ID]) -> Bool {
    guard arguments.count == 5, let name = name(arguments[1]) else { return false }
    if operation(arguments[3]) == .dictionary {
      guard adopt(arguments[3], name, bases: arguments[2], keywords: arguments[4], arguments[0])
      else { return false }
    }
    guard case .classNamespace? = operation(arguments[3]) else { return false }
    return makeClass(call, arguments)
  }

  /// Makes a dictionary the namespace of a class, if it begins like one.
  ///
  /// - Returns: whether it does.
  func adopt(
    _ namespace: Instruction.ID, _ name: Symbol, bases: Instruction.ID, keywords: Instruction.ID,
    _ metaclass: Instruction.ID
  ) -> Bool {
    guard function.operandCount(of: namespace) == 0, let block = function[namespace].block else {
      return false
    }
    var entries: [String: (store: Instruction.ID, value: Instruction.ID)] = [:]
    let steps = function[block].instructions.drop { $0 != namespace }.dropFirst()
    for id in steps {
      guard function.operandCount(of: id) == 3, function.operand(0, of: id) == namespace else {
        continue
      }
      let value = function.operand(2, of: id)
      guard operation(id) == .storeItem || operation(id) == .addEntry,
        let key = text(function.operand(1, of: id))?.string,
        ["__module__", "__qualname__", "__doc__"].contains(key), text(value) != nil,
        entries[key] == nil
      else { break }
      entries[key] = (id, value)
    }
    guard entries["__module__"] != nil, let qualifiedName = entries["__qualname__"]?.value else {
      return false
    }
    for id in steps where entries.values.contains(where: { $0.store == id }) { function.remove(id) }
    return become(
      namespace, .classNamespace(name),
      [
        isCalculated(metaclass) ? null : metaclass, bases, qualifiedName, keywords,
        entries["__doc__"]?.value ?? null,
      ])
  }
}
