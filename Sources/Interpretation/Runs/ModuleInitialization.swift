import Basics
package import BinaryFormats
package import IR
package import Lifting
package import RuntimeModel

/// Runs the initialisation of a module until its own code starts.
///
/// Cython's exec function makes strings, numbers, tuples, code objects and types first
/// (`generate_module_init_func` in `Cython/Compiler/ModuleNode.py`), then runs the module's
/// statements. The border shows by what is called: only statements import modules, touch the
/// module's dictionary or make functions.
package final class ModuleInitialization {
  /// The machine, in the state in which the run left it.
  package let machine: Interpreter
  private let image: BinaryImage
  /// The calls that the exec function itself made.
  private var calls: [Call] = []
  private var event: String?
  private var stateSize = 0

  private struct Call {
    let name: String?
    let result: UInt64
    let snapshot: MachineSnapshot
  }

  package init(
    _ image: BinaryImage, machine: Machine, layout: ObjectLayout,
    lifter: consuming FunctionLifter<BinaryImage>
  ) {
    self.image = image
    self.machine = Interpreter(image, machine: machine, layout: layout, lifter: lifter)
  }

  /// Runs the module up to its own code.
  package func run() throws(InitializationError) -> InitialState {
    let definition = try findDefinition()
    prepareModule(definition)
    observe()
    let outcome = machine.call(definition.execute, [machine.world.currentModule])
    switch outcome {
    case .stopped where event != nil: break
    case .returned: event = "end of the module"
    default: throw .stopped(outcome)
    }
    machine.onImportedCall = nil
    machine.onReturn = nil
    guard let boundary = boundary() else { throw .stopped(outcome) }
    return state(definition, boundary)
  }

  private func findDefinition() throws(InitializationError) -> ModuleDefinition {
    let start = image.exports.keys.filter { $0.hasPrefix("PyInit") }.sorted().first
    guard let start, let function = image.exports[start] else { throw .noModuleDefinition }
    var found: UInt64 = 0
    machine.onImportedCall = { machine, name in
      guard name == "PyModuleDef_Init" || name == "PyModule_Create2" else { return false }
      found = machine.argument(0)
      return true
    }
    _ = machine.call(function, [])
    guard let definition = ModuleDefinition(at: found, in: image, machine.world.layout)
    else { throw .noModuleDefinition }
    return definition
  }

  private func prepareModule(_ definition: ModuleDefinition) {
    machine.world.currentModule = machine.module(definition.name)
    stateSize = definition.stateSize
    guard stateSize > 0, let state = machine.memory.allocate(definition.stateSize) else {
      return
    }
    machine.world.moduleState = state
  }

  // MARK: Observing

  private func observe() {
    var lastImported: (depth: Int, name: String)?
    machine.onImportedCall = { [unowned self] machine, name in
      if UserCodeEvents.isEvent(name, machine) {
        event = name
        return true
      }
      lastImported = (machine.frames.count, name)
      return false
    }
    machine.onReturn = { [unowned self] machine, address in
      guard machine.frames.count == 1, let frame = machine.frames.first else { return }
      let name = lastImported?.depth == 1 ? lastImported?.name : nil
      lastImported = nil
      calls.append(
        Call(
          name: name, result: machine.read(machine.machine.resultRegister),
          snapshot: machine.snapshot(at: address, frame: frame)))
      // Only the last stretch matters; statements do not make so many objects before an event.
      if calls.count > 1024 { calls.removeFirst(512) }
    }
  }

  /// The last point before the module's own code.
  ///
  /// Objects that are alive but stored nowhere belong to a statement that is under way.
  private func boundary() -> MachineSnapshot? {
    let stored = storedWords()
    var index = calls.count - 1
    while index > 0, belongsToStatement(calls[index], stored) { index -= 1 }
    return index >= 0 ? calls[index].snapshot : nil
  }

  private func belongsToStatement(_ call: Call, _ stored: Set<UInt64>) -> Bool {
    if let name = call.name, Self.statementFunctions.contains(name) { return true }
    let object = call.result
    guard machine.memory.isHeap(object), let value = machine.value(of: object),
      !stored.contains(object)
    else { return false }
    // Modules live on by themselves; `__Pyx_patch_abc` imports two.
    if case .module = value { return false }
    // Statements make no code objects; a compiler drops variables with those that nothing reads.
    if case .code = value { return false }
    return machine.references(to: object) > 0
  }

  /// What `try` and loops call before anything else happens.
  private static let statementFunctions: Set<String> = [
    "PyErr_GetExcInfo", "_PyThreadState_UncheckedGet", "PyThreadState_GetUnchecked",
    "PyException_GetTraceback",
  ]

  /// Every word in the module's static variables.
  private func storedWords() -> Set<UInt64> {
    var words: Set<UInt64> = []
    let size = image.architecture.pointerSize
    for region in machine.memory.writableImage {
      for offset in stride(from: 0, to: region.bytes.count - size + 1, by: size) {
        let word = region.bytes[offset..<(offset + size)].reversed().reduce(0) {
          $0 << 8 | UInt64($1)
        }
        if word >= image.map.heap { words.insert(word) }
      }
    }
    if machine.world.moduleState != 0 {
      for offset in stride(from: UInt64(0), to: UInt64(stateSize), by: size) {
        guard let word = machine.memory.integer(at: machine.world.moduleState + offset, size: size)
        else { break }
        words.insert(word)
      }
    }
    return words
  }

  private func state(
    _ definition: ModuleDefinition, _ boundary: MachineSnapshot
  ) -> InitialState {
    var items: [UInt64: [UInt64]] = [:]
    for (address, value) in machine.world.values where value == .tuple || value == .list {
      items[address] = machine.items(of: address)
    }
    let module = machine.world.currentModule
    var name = machine.world.qualifiedName ?? definition.name
    if name.hasSuffix(".__init__") { name.removeLast(".__init__".count) }
    return InitialState(
      definition: definition,
      qualifiedName: name,
      layout: machine.world.layout,
      memory: machine.memory.writableImage,
      values: machine.world.values,
      items: items,
      readyTypes: machine.world.readyTypes,
      foreignMethodTables: machine.world.foreignMethodTables,
      codeObjects: machine.world.codeObjects,
      attributes: machine.world.attributes,
      module: module,
      moduleDictionary: machine.dictionary(ofModule: module),
      boundary: boundary,
      event: event ?? "")
  }
}
