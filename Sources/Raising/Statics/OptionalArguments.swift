import IR
import ModuleRecovery
import RuntimeModel
import Simplification

// Optional arguments of C functions, which stand in a structure of the caller's frame.
extension Raiser {
  /// The arguments in a structure.
  ///
  /// ```
  /// store.4 RSP+32, 2; store RSP+40, %5; store RSP+48, %6; call f, %self, 0, RSP+32    →    [%5, %6]
  /// ```
  /// - Parameters:
  ///   - pointer: the address of the structure.
  ///   - call: the call that gets it.
  /// - Returns: nil if what it holds is not known.
  func optionalArguments(
    at pointer: Instruction.ID, before call: Instruction.ID
  ) -> [Instruction.ID]? {
    let frame = StackFrame(&function, program.machine)
    guard let start = frame.offset(of: pointer, in: function),
      let number = stored(at: start, width: 4, before: call, frame),
      let count = function.constant(number), (1...32).contains(count)
    else { return nil }
    let step = function.pointerSize
    let fields = (1...Int(count)).map {
      stored(at: start + $0 * step, width: step, before: call, frame)
    }
    return fields.contains(nil) ? nil : fields.compactMap(\.self)
  }

  /// What was stored last at a place of the frame, on the only way to a step.
  private func stored(
    at place: Int, width: Int, before step: Instruction.ID, _ frame: StackFrame
  ) -> Instruction.ID? {
    guard var block = function[step].block else { return nil }
    var steps = function[block].instructions.prefix { $0 != step }
    for _ in 0..<256 {
      for id in steps.reversed() where function[id].operation == .machine(.store) {
        guard let offset = frame.offset(of: function.operand(0, of: id), in: function) else {
          continue
        }
        let value = function.operand(1, of: id)
        let size = function.size(value)
        if offset == place, size == width { return value }
        if offset < place + width, place < offset + size { return nil }
      }
      guard function[block].predecessors.count == 1, let before = function[block].predecessors.first
      else { return nil }
      block = before
      steps = function[block].instructions[...]
    }
    return nil
  }
}
