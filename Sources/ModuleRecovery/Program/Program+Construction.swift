import IR
import Interpretation
import RuntimeModel
package import Simplification

extension Program {
  /// The function at an address in SSA form, with unknown helpers inlined and jump tables followed.
  ///
  /// - Returns: nil if there is no sound code at the address.
  package func construct(at address: UInt64) -> ConstructedFunction? {
    let view = ProgramView(self)
    var tables: [UInt64: [UInt64]] = [:]
    for _ in 0..<8 {
      guard let code = function(at: address, tables: tables) else { return nil }
      var inliner = Inliner(self) { view.helpers.function(at: $0) != nil }
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
}
