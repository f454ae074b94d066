import Basics
import BinaryFormats
import IR
import Interpretation
import RuntimeModel

/// What a C function touches, by names that survive stripping.
///
/// Imported functions and variables, string literals, and the constants of the module that it
/// reads, its callees inside the module included: compilers inline helpers differently, but what a
/// helper and all that it calls touch stays the same. What only runs when an assertion fails is left
/// out, so that builds with and without `NDEBUG` are alike.
package struct FunctionFeatures: Hashable, Sendable {
  /// Names with a mark of their kind, sorted.
  package var names: [String]

  /// A number that stands for all features, to look functions up by: FNV-1a, 64 bits.
  package var fingerprint: UInt64 { Self.fingerprint(names) }

  /// Whether there is more to go by than a number of arguments and that objects are released.
  var tellsAnything: Bool { names.contains { !$0.hasPrefix("n:") && $0 != "f:_Py_Dealloc" } }

  /// Whether the function makes lists and touches nothing else, however many arguments it takes:
  /// `__Pyx_PyList_Pack(n, …)` reads all registers on some machines, and one on others.
  var makesListOnly: Bool {
    names.contains("f:PyList_New")
      && names.allSatisfy {
        $0 == "f:PyList_New" || $0 == "f:__stack_chk_fail" || $0.hasPrefix("n:")
      }
  }

  /// The number that would stand for the features if the function took so many arguments.
  package func fingerprint(parameterCount: Int) -> UInt64 {
    let others = names.filter { !$0.hasPrefix("n:") }
    return Self.fingerprint((others + ["n:\(parameterCount)"]).sorted())
  }

  /// The same features of a function that takes so many arguments.
  func taking(_ count: Int) -> FunctionFeatures {
    FunctionFeatures(
      names: (names.filter { !$0.hasPrefix("n:") } + ["n:\(min(count, 6))"]).sorted())
  }

  private static func fingerprint(_ names: [String]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for name in names {
      for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0x0A) &* 0x100_0000_01b3
    }
    return hash
  }
}

/// Collects features of the functions of a program.
package final class FeatureCollector {
  private let program: Program
  private var own: [UInt64: Own] = [:]

  private struct Own {
    var names: Set<String> = []
    var callees: Set<UInt64> = []
    var texts: [UInt64: String] = [:]
  }

  package init(_ program: Program) { self.program = program }

  /// More functions than any helper reaches.
  private static let mostCallees = 64

  /// The features of the function at an address, those of its callees included.
  package func features(of address: UInt64) -> FunctionFeatures {
    var names: Set<String> = []
    var seen: Set<UInt64> = [address]
    var pending = [address]
    while let next = pending.popLast() {
      let own = own(next)
      names.formUnion(own.names)
      for callee in own.callees.sorted() where seen.insert(callee).inserted {
        pending.append(callee)
      }
      guard seen.count <= Self.mostCallees else {
        // No helper, whatever the functions that were seen have in common with one.
        names.insert("c:more")
        break
      }
    }
    // How many arguments a function takes tells many small helpers apart.
    names.insert("n:\(min(program.parameterCount(of: address) ?? 0, 6))")
    return FunctionFeatures(names: names.sorted())
  }

  /// Whether a function writes tracebacks by itself, which only `__Pyx_AddTraceback` does.
  package func writesTraceback(_ address: UInt64) -> Bool {
    let names = own(address).names
    return names.contains("f:PyTraceBack_Here") && names.contains("f:PyFrame_New")
      && names.count <= 24
  }

  /// Whether a function makes a generator and does nothing else by itself, as the one does that stands
  /// for a generator expression; it names itself so in tracebacks.
  func makesGenerator(_ address: UInt64) -> Bool {
    let names = own(address).names
    return !Self.generatorTypes.isDisjoint(with: names)
      && names.contains { $0.hasPrefix("s:") && $0.hasSuffix("genexpr") }
      && names.allSatisfy { !$0.hasPrefix("f:") || Self.makingFunctions.contains($0) }
  }

  /// The texts that a function has among its constants.
  func texts(of address: UInt64) -> Set<String> { Set(own(address).texts.values) }

  private static let generatorTypes: Set<String> = [
    "t:generator", "t:coroutine", "t:iterable_coroutine", "t:async_generator",
  ]
  private static let makingFunctions: Set<String> = [
    "f:_PyObject_GC_New", "f:PyObject_Init", "f:PyObject_GC_Track", "f:PyObject_GC_UnTrack",
    "f:_Py_NewReference", "f:_Py_Dealloc",
  ]

  private func own(_ address: UInt64) -> Own {
    if let known = own[address] { return known }
    var result = Own()
    own[address] = result
    guard let function = program.function(at: address) else { return result }
    let failing = failingAssertions(function)
    for block in function.blocks where !failing.contains(block.start) {
      let tests = block.assertionTest(
        failing: failing, result: program.machine.resultRegister, isPredicate: isPredicate)
      for (index, transfer) in block.transfers.enumerated() where !tests.contains(index) {
        collect(transfer, into: &result)
      }
      if deallocatesInPlace(block) { result.names.insert("f:_Py_Dealloc") }
      if case .tailCall(let target) = block.exit { collectCall(target, into: &result) }
    }
    // The address of a callee is no text, whatever its code looks like.
    for (place, text) in result.texts where !result.callees.contains(place) && place != address {
      result.names.insert("s:" + text)
    }
    // Where all calls go through a table, its entries for functions are no variables.
    if program.machine.callsThroughTable {
      let calls = Set(result.names.filter { $0.hasPrefix("f:") }.map { "v:" + $0.dropFirst(2) })
      result.names.subtract(calls)
    }
    own[address] = result
    return result
  }

  /// Whether a function only asks what an assertion wants to know.
  private func isPredicate(_ address: UInt64) -> Bool {
    let name = program.importedFunction(at: address)
    return name == "PyCallable_Check" || name == "PyType_IsSubtype"
  }

  /// Whether a block calls `tp_dealloc` by itself.
  private func deallocatesInPlace(_ block: MachineBlock) -> Bool {
    guard let place = program.state.layout.deallocatorInPlace else { return false }
    if case .indirect(let target) = block.exit,
      block.loads(target, before: block.transfers.count, from: place)
    {
      return true
    }
    return block.transfers.indices.contains { index in
      let transfer = block.transfers[index]
      return transfer.opcode == .callIndirect
        && block.loads(transfer.input0, before: index, from: place)
    }
  }

  /// The blocks that lead to a failing assertion and nowhere else.
  private func failingAssertions(_ function: MachineFunction) -> Set<CodePoint> {
    var failing: Set<CodePoint> = []
    for block in function.blocks where block.exit == .unreachable {
      guard let call = block.transfers.last, call.opcode == .call,
        program.importedFunction(at: call.input0.offset).map(CFunction.failedChecks.contains)
          ?? true
      else { continue }
      failing.insert(block.start)
    }
    var grows = !failing.isEmpty
    while grows {
      grows = false
      for block in function.blocks where !failing.contains(block.start) {
        let targets = block.exit.targets
        guard !targets.isEmpty, targets.allSatisfy(failing.contains) else { continue }
        failing.insert(block.start)
        grows = true
      }
    }
    return failing
  }

  private func collect(_ transfer: Transfer, into result: inout Own) {
    if transfer.opcode == .call { return collectCall(transfer.input0.offset, into: &result) }
    if transfer.opcode == .load, transfer.input0.space == .constant {
      return collectLoad(transfer.input0.offset, into: &result)
    }
    for input in [transfer.input0, transfer.input1]
    where input.space == .constant && Int(input.size) == program.machine.pointerSize {
      collectAddress(input.offset, into: &result)
    }
  }

  private func collectCall(_ target: UInt64, into result: inout Own) {
    if let name = program.importedFunction(at: target) {
      result.names.insert("f:" + name)
    } else if program.image.isExecutable(target) {
      result.callees.insert(target)
    }
  }

  private func collectLoad(_ address: UInt64, into result: inout Own) {
    guard let word = program.constant(at: address, size: program.machine.pointerSize) else {
      return
    }
    if let name = program.variable(at: word) { result.names.insert("v:" + name) }
    switch program.object(at: word) {
    case .string(let text):
      if let text = text.string, isCythonName(text) { result.names.insert("o:" + text) }
    case .builtin(let name): result.names.insert("b:" + name)
    case .type(let name) where name.hasPrefix("_cython") || name.hasPrefix("cython_"):
      // Shared types are named after the version: `_cython_3_2_9.generator`.
      result.names.insert("t:" + (name.split(separator: ".").last ?? ""))
    default: break
    }
  }

  /// Names that Cython's own helpers look up; others are the program's.
  private func isCythonName(_ text: String) -> Bool {
    text.hasPrefix("__") && text.hasSuffix("__")
  }

  private func collectAddress(_ address: UInt64, into result: inout Own) {
    // Small numbers are no addresses, even where the file's own header is mapped.
    guard address >= 0x400, !program.image.isLoaderText(address),
      let segment = program.image.segment(containing: address),
      !segment.isWritable,
      program.image.functionRange(containing: address) == nil,
      let bytes = program.image.cString(at: address, limit: 200),
      bytes.count >= 2, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0A })
    else { return }
    // The first half of an address is that of a page, where a text may happen to go on.
    guard !program.machine.splitsAddresses || address & 0xFFF != 0 else { return }
    // Nor does a number that happens to be an address point at the start of a text.
    if program.machine.splitsAddresses, program.image.integer(at: address &- 1, size: 1) != 0 {
      return
    }
    let text = String(decoding: bytes, as: UTF8.self)
    // The name of the source is the module's own.
    guard ![".py", ".pyx", ".pxd", ".pxi", ".c", ".cpp"].contains(where: text.hasSuffix) else {
      return
    }
    result.texts[address] = text
  }
}
