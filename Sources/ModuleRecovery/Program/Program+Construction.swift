import BinaryFormats
import IR
import Interpretation
import RuntimeModel
package import Simplification

extension Program {
  /// The function at an address in SSA form, with unknown helpers inlined and jump tables followed.
  ///
  /// - Parameters:
  ///   - address: where the function starts.
  ///   - registers: what registers are known to hold there, by their offset.
  ///   - isGenerator: whether it is the body of a generator, in which functions stay calls that
  ///     `yield from` and `await` are made of.
  /// - Returns: nil if there is no sound code at the address.
  package func construct(
    at address: UInt64, registers: [UInt64: UInt64] = [:], isGenerator: Bool = false
  ) -> ConstructedFunction? {
    let view = ProgramView(self)
    // Only addresses of the module itself are wanted that early.
    let known = registers.filter { image.segment(containing: $0.value) != nil }
    var tables: [UInt64: [UInt64]] = [:]
    for _ in 0..<8 {
      guard let code = function(at: address, tables: tables, registers: known) else { return nil }
      var inliner = Inliner(
        self,
        isKnown: { view.helpers.isUnderstood(at: $0) || isGenerator && self.delegates($0) },
        makesGenerator: { view.helpers.makesGenerator(at: $0) })
      let source = inliner.inline(code)
      guard
        var constructed = try? SSAConstruction.construct(
          source, machine: machine, layout: state.layout, facts: view)
      else { return nil }
      guard !constructed.unresolvedJumps.isEmpty else { return constructed }
      let found = JumpTables(self).resolve(&constructed)
      let new = found.filter { tables[$0.key] == nil }
      guard !new.isEmpty else { return constructed }
      tables.merge(new) { first, _ in first }
    }
    return nil
  }

  /// A function with jumps through tables followed, but nothing inlined.
  func followingTables(of function: MachineFunction) -> MachineFunction {
    var function = function
    var tables: [UInt64: [UInt64]] = [:]
    for _ in 0..<8 {
      guard
        var constructed = try? SSAConstruction.construct(
          function, machine: machine, layout: state.layout, facts: ProgramView(self)),
        !constructed.unresolvedJumps.isEmpty
      else { break }
      let new = JumpTables(self).resolve(&constructed).filter { tables[$0.key] == nil }
      guard !new.isEmpty else { break }
      tables.merge(new) { first, _ in first }
      function = self.function(at: function.address, tables: tables, registers: [:]) ?? function
    }
    return function
  }

  /// Whether the function at an address stores into the generator in its first argument what values
  /// are taken from: `__Pyx_Generator_Yield_From` and its kin in `Cython/Utility/Coroutine.c`.
  private func delegates(_ address: UInt64) -> Bool {
    if let known = delegations[address] { return known }
    delegations[address] = false
    // Code that is called in place would keep the generator's register in the frame.
    guard parameterCount(of: address).map({ $0 >= 2 }) == true,
      let code = function(at: address),
      let function = try? SSAConstruction.construct(
        code, machine: machine, layout: state.layout, facts: ProgramView(self)
      ).takeFunction()
    else { return false }
    let generator = machine.argumentCell(0)
    let layout = function.layout
    var asks = false
    var stores = false
    for block in function.reversePostorder() {
      for id in function[block].instructions {
        switch function[id].operation {
        case .call: asks = asks || function.constant(function.operand(0, of: id)) == nil
        case .machine(.store):
          let (base, offset) = function.offset(function.operand(0, of: id))
          guard case .entry(let cell) = function[base].operation, cell == generator,
            offset >= layout.field(5),
            offset <= layout.field(8), function.isWord(function.operand(1, of: id)),
            function.constant(function.operand(1, of: id)) == nil
          else { continue }
          stores = true
        default: continue
        }
      }
    }
    delegations[address] = asks && stores
    return asks && stores
  }
}
