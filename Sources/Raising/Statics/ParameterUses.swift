import IR
import ModuleRecovery

/// Which of its parameters a C function uses, as far as that depends on nothing but itself.
package struct ParameterUses {
  /// How many it uses itself: the last one of those, and all before it.
  package var direct = 0
  /// How many it hands on to calls of which nothing is known, which may get less than registers hold.
  package var doubtful = 0
  /// The parameters that it hands on to other C functions.
  package var handed: [Handing] = []

  init() {}

  /// What is said of a function that cannot be read.
  package static func unknown(_ count: Int) -> ParameterUses {
    var result = ParameterUses()
    result.doubtful = count
    return result
  }

  package struct Handing {
    /// How many parameters are used if the other function uses this one.
    package let count: Int
    /// Where the other function starts.
    package let callee: UInt64
    /// The place of the argument there.
    package let place: Int
  }
}

extension Raiser {
  /// Which parameters are used, in a function whose calls of `cdef` functions are still machine code.
  package var parameterUses: ParameterUses {
    var result = ParameterUses()
    var used: [Instruction.ID] = []
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .phi: continue
        case .call: note(id, &result)
        default: used += function.operands(of: id)
        }
      }
      if let value = function[block].terminator.value { used.append(function.resolve(value)) }
    }
    result.direct = max(result.direct, count(behindLastOf: used))
    return result
  }

  private func note(_ call: Instruction.ID, _ uses: inout ParameterUses) {
    let arguments = Array(function.operands(of: call).dropFirst())
    let target = function.operand(0, of: call)
    uses.direct = max(uses.direct, count(behindLastOf: [target]))
    guard let address = address(ofCFunction: target), let path = program.cFunctionPath(at: address)
    else {
      uses.doubtful = max(uses.doubtful, count(behindLastOf: arguments))
      return
    }
    let known: Int
    if let index = path.owner.optionalArgumentsIndex(ofCFunction: path.address) {
      known = index
    } else if case .visible(let visible) = path.visibility {
      known = visible ?? 0
    } else if path.owner !== program {
      known = path.owner.argumentCount(ofCFunction: path.address) ?? 0
    } else {
      for (place, argument) in arguments.enumerated() {
        let count = count(behindLastOf: [argument])
        guard count > 0 else { continue }
        uses.handed.append(.init(count: count, callee: path.address, place: place))
      }
      return
    }
    uses.direct = max(uses.direct, count(behindLastOf: Array(arguments.prefix(known))))
  }

  /// The number of parameters up to the last one that values are made of.
  private func count(behindLastOf values: [Instruction.ID]) -> Int {
    var result = 0
    var pending = values
    var seen: Set<Instruction.ID> = []
    while let id = pending.popLast() {
      guard seen.insert(id).inserted else { continue }
      if case .parameter(let number)? = operation(id) { result = max(result, Int(number) + 1) }
      if function.isPhi(id) || function[id].block == nil { pending += function.operands(of: id) }
    }
    return result
  }
}
