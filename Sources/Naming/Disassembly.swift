package import Decompilation
import IR
import Lifting
package import ModuleRecovery

/// The machine code of a function as assembly, with the module's names beside it.
package struct Disassembly {
  private let module: OpenedModule
  private let names: ModuleNames

  package init(_ module: OpenedModule, _ names: ModuleNames) {
    self.module = module
    self.names = names
  }

  /// The instructions that a function of the source can reach, by address; nil if it has no code.
  ///
  /// Parts of it that lie apart stand apart. An instruction that takes a named address has the name in
  /// a comment: `0x5a10  CALL 0x3210  ; __Pyx_PyObject_GetAttrStr`.
  package func text(of entry: FunctionCatalogue.Entry) -> String? {
    guard let start = entry.body ?? entry.wrapper,
      let function = module.program.function(at: start)
    else { return nil }
    var lines: [String] = []
    var end = start
    for block in function.blocks.sorted(by: { $0.start.address < $1.start.address }) {
      if block.start.address & ~module.program.machine.modeBit > end, !lines.isEmpty {
        lines.append("")
      }
      // Blocks that share their end are decoded from both starts.
      lines += module.program.instructions(of: block).filter { $0.address >= end || lines.isEmpty }
        .map(line)
      end = max(end, block.end & ~module.program.machine.modeBit)
    }
    return lines.joined(separator: "\n")
  }

  private func line(_ instruction: Lifting.Instruction) -> String {
    let text = "0x\(String(instruction.address, radix: 16))  \(instruction.text)"
    let known = instruction.constants.compactMap(name)
    return known.isEmpty ? text : "\(text)  ; \(known.joined(separator: ", "))"
  }

  private func name(of address: UInt64) -> String? {
    names.functions[address]?.name ?? names.data[address]?.name
      ?? module.program.importedFunction(at: address) ?? module.program.variable(at: address)
  }
}
