import Basics
import IR
import RuntimeModel

extension CAPI {
  static let runtime: [String: Model] = [
    "PyThreadState_Get": { $0.finish($0.world.threadState) },
    "_PyThreadState_UncheckedGet": { $0.finish($0.world.threadState) },
    "PyThreadState_GetUnchecked": { $0.finish($0.world.threadState) },
    "PyInterpreterState_Get": { machine in
      machine.finish(
        machine.load(machine.world.threadState + machine.world.layout.threadInterpreter))
    },
    "PyInterpreterState_GetID": { $0.finish(0) },
    // Assertions are on: `optimization_level` of a configuration of zeros is 0.
    "_PyInterpreterState_GetConfig": { $0.finishAllocation(4096) },
    // Cython patches `collections.abc` for its generators with a few lines of Python.
    "PyRun_StringFlags": { $0.finishNew($0.none) },
    "PyGC_Enable": { $0.finish(1) },
    "PyGC_Disable": { $0.finish(1) },
    "PyGILState_Ensure": { $0.finish(0) },
    "PyGILState_Release": { _ in },
    "Py_GetVersion": { machine in
      let text = "\(machine.world.layout.version.text).0 (main)"
      guard let copy = machine.memory.allocate(text.utf8.count + 1) else { return }
      _ = machine.memory.write(Array(text.utf8), at: copy)
      machine.finish(copy)
    },
    "_Py_Dealloc": { _ in },
    "PyUnstable_Object_EnableDeferredRefcount": { $0.finish(1) },
    // What is shared stays as it is: without a global lock, Cython makes its other constants immortal.
    "PyUnstable_Object_IsUniquelyReferenced": { $0.finish(0) },
    "PyUnstable_SetImmortal": { $0.finish(0) },
    "Py_IncRef": { $0.addReference($0.argument(0)) },
    "Py_DecRef": { _ in },
    "PyMem_Malloc": { $0.finishAllocation($0.argument(0)) },
    "PyObject_Malloc": { $0.finishAllocation($0.argument(0)) },
    "PyMem_Realloc": { $0.finishReallocation() },
    "PyObject_Realloc": { $0.finishReallocation() },
    "PyMem_Free": { _ in },
    "PyObject_Free": { _ in },
    "PyCriticalSection_Begin": { _ in },
    "PyCriticalSection_End": { _ in },
  ]

  static let cLibrary: [String: Model] = [
    "malloc": { $0.finishAllocation($0.argument(0)) },
    "calloc": { machine in
      let size = machine.argument(0).multipliedReportingOverflow(by: machine.argument(1))
      machine.finishAllocation(size.overflow ? .max : size.partialValue)
    },
    "realloc": { $0.finishReallocation() },
    "free": { _ in },
    "memcpy": { $0.finishCopy() },
    "memmove": { $0.finishCopy() },
    "memset": { $0.finishFill(UInt8(truncatingIfNeeded: $0.argument(1)), count: $0.count(2)) },
    "bzero": { $0.finishFill(0, count: $0.count(1)) },
    "__bzero": { $0.finishFill(0, count: $0.count(1)) },
    "memcmp": { machine in
      guard let count = machine.count(2),
        let left = machine.memory.bytes(at: machine.argument(0), count: count),
        let right = machine.memory.bytes(at: machine.argument(1), count: count)
      else { return machine.stop(.fault("memcmp", address: machine.argument(0))) }
      machine.finish(
        status: left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1)
    },
    "strlen": { $0.finish(UInt64($0.memory.cString(at: $0.argument(0))?.count ?? 0)) },
    "strcmp": { machine in
      let left = machine.memory.cString(at: machine.argument(0)) ?? []
      let right = machine.memory.cString(at: machine.argument(1)) ?? []
      machine.finish(
        status: left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1)
    },
    "strncmp": { machine in
      let count = Int(clamping: machine.argument(2))
      let left = (machine.memory.cString(at: machine.argument(0)) ?? []).prefix(count)
      let right = (machine.memory.cString(at: machine.argument(1)) ?? []).prefix(count)
      machine.finish(
        status: left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1)
    },
    "strchr": { $0.finishFind(last: false) },
    "strrchr": { $0.finishFind(last: true) },
    "PyOS_snprintf": { $0.finishFormat() },
    "snprintf": { $0.finishFormat() },
    "__stack_chk_fail": { $0.stop(.fault("stack smashed", address: 0)) },
    "abort": { $0.stop(.fault("abort", address: 0)) },
    "__assert_fail": { machine in
      machine.stop(.fault("assertion \(machine.cString(machine.argument(0)))", address: 0))
    },
    "__assert_rtn": { machine in
      machine.stop(.fault("assertion \(machine.cString(machine.argument(3)))", address: 0))
    },
    "Py_FatalError": { $0.stop(.fault("fatal error", address: 0)) },
  ]
}

extension Interpreter {
  fileprivate func finishAllocation(_ size: UInt64) {
    guard size < 1 << 28, let address = memory.allocate(Int(size)) else { return finish(0) }
    finish(address)
  }

  fileprivate func finishReallocation() {
    let (old, size) = (argument(0), argument(1))
    guard size < 1 << 28, let address = memory.allocate(Int(size)) else { return finish(0) }
    if old != 0 {
      // The old size is unknown; what lies behind it does no harm.
      for offset in stride(from: UInt64(0), to: size, by: machine.pointerSize) {
        guard let value = memory.integer(at: old &+ offset, size: machine.pointerSize) else {
          break
        }
        store(value, address + offset)
      }
    }
    finish(address)
  }

  fileprivate func finishCopy() {
    guard let count = count(2), let bytes = memory.bytes(at: argument(1), count: count),
      memory.write(Array(bytes), at: argument(0))
    else { return stop(.fault("memcpy", address: argument(0))) }
    finish(argument(0))
  }

  fileprivate func finishFill(_ byte: UInt8, count: Int?) {
    guard let count else { return stop(.exhausted) }
    guard memory.write([UInt8](repeating: byte, count: count), at: argument(0)) else {
      return stop(.fault("memset", address: argument(0)))
    }
    finish(argument(0))
  }

  fileprivate func finishFind(last: Bool) {
    let start = argument(0)
    let bytes = memory.cString(at: start) ?? []
    let wanted = UInt8(truncatingIfNeeded: argument(1))
    let found = last ? bytes.lastIndex(of: wanted) : bytes.firstIndex(of: wanted)
    finish(found.map { start &+ UInt64($0 - bytes.startIndex) } ?? 0)
  }

  /// `snprintf(buffer, size, format, …)`.
  fileprivate func finishFormat() {
    let text = Array(formatted(argument: 2).utf8)
    let room = Int(clamping: argument(1))
    if room > 0 { _ = memory.write(text.prefix(room - 1) + [0], at: argument(0)) }
    finish(UInt64(text.count))
  }
}
