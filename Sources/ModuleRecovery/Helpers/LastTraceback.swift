import BinaryFormats
import IR
import Simplification

extension HelperCatalog {
  /// The name in the traceback that a function writes last, of several that it writes.
  ///
  /// ```c
  /// error_inner: __Pyx_AddTraceback("m.inner", …); goto error;
  /// error: __Pyx_AddTraceback("m.outer", …); return NULL;
  /// ```
  /// Compilers put a `cdef` function where it is called, with its own traceback, and often share the call
  /// of `__Pyx_AddTraceback`. The function's own name is the one behind which no other one can follow.
  ///
  /// - Parameters:
  ///   - address: where the function starts.
  ///   - names: the names in its tracebacks.
  /// - Returns: nil if there is no such name, or not only one.
  func lastTraceback(of address: UInt64, among names: Set<String>) -> String? {
    guard let function = program.construct(at: address)?.takeFunction() else { return nil }
    var places: [String: Set<Block.ID>] = [:]
    for block in function.reversePostorder() {
      for id in function[block].instructions where function[id].operation == .call {
        guard let callee = function.constant(function.operand(0, of: id)),
          program.isTraceback(callee)
        else { continue }
        for operand in function.operands(of: id).dropFirst() {
          note(operand, block, function, names, &places, depth: 0)
        }
      }
    }
    guard places.count == names.count else { return nil }
    let last = places.filter { name, blocks in
      let behind = reached(from: blocks, function)
      return places.allSatisfy { $0.key == name || $0.value.isDisjoint(with: behind) }
    }
    return last.count == 1 ? last.first?.key : nil
  }

  /// Notes from where a name gets to a call.
  private func note(
    _ value: Instruction.ID, _ block: Block.ID, _ function: borrowing Function,
    _ names: Set<String>, _ places: inout [String: Set<Block.ID>], depth: Int
  ) {
    if function.isPhi(value), depth < 8, let home = function[value].block {
      for (edge, operand) in function.operands(of: value).enumerated() where operand != value {
        note(
          function.resolve(operand), function[home].predecessors[edge], function, names, &places,
          depth: depth + 1)
      }
      return
    }
    guard let address = function.constant(value), address >= 0x400,
      program.image.isConstant(address), let bytes = program.image.cString(at: address)
    else { return }
    let text = String(decoding: bytes, as: UTF8.self)
    if names.contains(text) { places[text, default: []].insert(block) }
  }

  /// The blocks to which control may get behind some blocks.
  private func reached(
    from blocks: Set<Block.ID>, _ function: borrowing Function
  ) -> Set<Block.ID> {
    var result: Set<Block.ID> = []
    var pending = blocks.flatMap { function.successors(of: $0) }
    while let block = pending.popLast() {
      guard result.insert(block).inserted else { continue }
      pending += function.successors(of: block)
    }
    return result
  }
}
