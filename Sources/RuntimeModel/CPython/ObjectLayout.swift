/// Where fields of CPython's objects lie, in bytes, in release builds.
///
/// Nearly all fields are as wide as a pointer, so that places are counted in such words and hold for
/// 32 and 64 bits alike.
///
/// Source: `Include/object.h`, `Include/cpython/object.h`, `unicodeobject.h`, `longintrepr.h` and
/// their kin of CPython 3.6 to 3.14.
package struct ObjectLayout: Hashable, Sendable {
  package let version: PythonVersion
  /// Width of a pointer, of `Py_ssize_t` and of C's `long` in bytes.
  package let pointerSize: Int
  /// Whether objects are those of CPython without a global lock, which count references twice.
  package let isFreeThreaded: Bool
  /// At multiples of how many bytes C keeps integers of eight bytes.
  package let longLongAlignment: Int

  package init(
    _ version: PythonVersion, pointerSize: Int, isFreeThreaded: Bool = false,
    longLongAlignment: Int = 8
  ) {
    self.version = version
    self.pointerSize = pointerSize
    self.isFreeThreaded = isFreeThreaded
    self.longLongAlignment = longLongAlignment
  }

  /// So many pointers in bytes.
  package func words(_ count: Int) -> UInt64 { UInt64(count * pointerSize) }

  /// How many bits of an address or of a `Py_ssize_t` there are.
  package var wordBits: Int { pointerSize * 8 }

  // Every object: `struct _object` in `Include/object.h`. Without a global lock it holds the thread that
  // owns the object, four bytes of flags, the four bytes in which that thread counts, and a word in
  // which the others do.
  package var referenceCount: UInt64 { isFreeThreaded ? words(1) + 4 : 0 }
  /// Where the other threads count, if they count by themselves.
  package var sharedCount: UInt64? { isFreeThreaded ? words(1) + 8 : nil }
  package var type: UInt64 { fields - words(1) }
  package var size: UInt64 { fields }
  /// Where the fields of an object start that has no size.
  package var fields: UInt64 { isFreeThreaded ? words(3) + 8 : words(2) }

  /// Where the fields of an object lie that are as wide as a pointer, `size` counted as one.
  package func field(_ index: Int) -> UInt64 { fields + words(index) }

  // Containers.
  /// CPython 3.14 keeps the hash before the items.
  package var tupleItems: UInt64 { field(version < PythonVersion(3, 14) ? 1 : 2) }
  package var listItems: UInt64 { field(1) }
  package var listCapacity: UInt64 { field(2) }
  package var dictUsed: UInt64 { field(0) }
  package var setUsed: UInt64 { field(1) }
  /// Where a dictionary counts its changes, in eight bytes, before CPython 3.12.
  package var dictVersion: UInt64 {
    let mask = UInt64(longLongAlignment) - 1
    return (field(1) + mask) & ~mask
  }

  // Text and numbers.
  package var bytesData: UInt64 { field(2) }
  package var floatValue: UInt64 { field(0) }
  package var textLength: UInt64 { field(0) }
  package var textHash: UInt64 { field(1) }
  package var textState: UInt64 { field(2) }
  package var integerDigits: UInt64 { field(1) }

  /// How many bits of an integer one digit holds: `PYLONG_BITS_IN_DIGIT`.
  package var digitBits: Int { pointerSize == 8 || version >= PythonVersion(3, 11) ? 30 : 15 }
  /// Width of a digit in bytes.
  package var digitSize: Int { digitBits == 30 ? 4 : 2 }

  /// Where the characters of an ASCII string start.
  package var asciiData: UInt64 { field(version < PythonVersion(3, 12) ? 4 : 3) }
  /// Where the characters of any other compact string start.
  package var compactData: UInt64 { field(version < PythonVersion(3, 12) ? 7 : 5) }

  /// The state word of a string: kind, whether it is ASCII, and whether its characters lie in the object.
  package func textState(kind: UInt64, isASCII: Bool, isCompact: Bool = true) -> UInt64 {
    // kind: 3 bits, compact, ascii, ready
    let compact: UInt64 = isCompact ? 1 << 3 : 0
    let ascii: UInt64 = isASCII ? 1 << 4 : 0
    let ready: UInt64 = version < PythonVersion(3, 12) ? 1 << 5 : 0
    return (kind | compact | ascii | ready) << internedBits
  }

  /// How many bits of a string's state say whether it is interned; they come first.
  private var internedBits: UInt64 { isFreeThreaded ? 8 : 2 }

  /// The word between an integer's type and its digits, for a number of that many digits.
  package func integerTag(digits: Int, isNegative: Bool) -> UInt64 {
    if version < PythonVersion(3, 12) {
      return UInt64(bitPattern: Int64(isNegative ? -digits : digits))
    }
    let sign: UInt64 = digits == 0 ? 1 : isNegative ? 2 : 0
    return UInt64(digits) << 3 | sign
  }

  // Cython's generators: `__pyx_CoroutineObject` in Cython/Utility/Coroutine.c.
  package var generatorBody: UInt64 { field(0) }
  package var generatorScope: UInt64 { field(1) }

  /// How large a function object is whose type several modules share: `__pyx_CyFunctionObject` in
  /// Cython/Utility/CythonFunction.c since Cython 3.2, which checks it.
  package var sharedFunctionSize: UInt64 {
    let fields =
      switch version.minor {
      case ..<9: 19
      case 9, 10: 20
      case 11: 19
      default: 18
      }
    return field(fields)
  }

  // The thread state.
  package var threadInterpreter: UInt64 { words(2) }
  /// Where the thread state counts nested calls, before CPython 3.9.
  package var recursionDepth: UInt64 { words(4) }

  /// Where the thread state keeps the current error: its type, or from 3.12 on the exception.
  package var currentError: UInt64 {
    let is64Bit = pointerSize == 8
    return switch version.minor {
    case ..<7: is64Bit ? 0x50 : 0x30
    case ..<11: is64Bit ? 0x58 : 0x34
    case 11, 12: is64Bit ? 0x60 : 0x3C
    case 13, 14: is64Bit ? 0x70 : 0x48
    default: is64Bit ? 0x88 : 0x54
    }
  }

  /// Whether the current error is kept as an exception instead of type, value and traceback.
  package var keepsExceptions: Bool { version >= PythonVersion(3, 12) }

  /// Whether exceptions that are being handled lie on a stack of their own, rather than in the thread
  /// state itself as before CPython 3.7.
  package var stacksHandledErrors: Bool { version >= PythonVersion(3, 7) }

  /// Where the thread state points at the exception that is being handled, or where that itself lies.
  package var handledError: UInt64 {
    let distance =
      switch version.minor {
      case ..<7: 3
      case ..<11: 7
      case 11: 3
      default: 1
      }
    return currentError + words(distance)
  }

  /// Where an exception that is being handled keeps its value, and the pointer to the one around it:
  /// `_PyErr_StackItem` in `Include/cpython/pystate.h`.
  package var handledValue: UInt64 { words(keepsHandledParts ? 1 : 0) }
  package var handledPrevious: UInt64 { words(keepsHandledParts ? 3 : 1) }

  /// Whether a part of the exception that is being handled lies at an offset in the thread state.
  package func isHandledPart(_ offset: UInt64) -> Bool {
    !stacksHandledErrors && offset &- handledError < handledPrevious
  }

  /// Whether type and traceback of an exception that is being handled are kept beside it.
  package var keepsHandledParts: Bool { version < PythonVersion(3, 11) }

  // Types.
  package var typeName: UInt64 { field(1) }
  package var typeDeallocate: UInt64 { field(4) }
  /// The same, if the code of modules calls it in place, as it does before CPython 3.9.
  package var deallocatorInPlace: UInt64? {
    version < PythonVersion(3, 9) ? typeDeallocate : nil
  }
  package var typeBasicSize: UInt64 { field(2) }
  package var typeFlags: UInt64 { field(19) }
  package var typeMethods: UInt64 { field(27) }
  package var typeGetSet: UInt64 { field(29) }
  package var typeBase: UInt64 { field(30) }
  package var typeDict: UInt64 { field(31) }
  package var typeBases: UInt64 { field(40) }
  package var typeResolutionOrder: UInt64 { field(41) }
  /// Where `nb_int` and `nb_float` lie in `PyNumberMethods`, which had `nb_divide` and `nb_coerce` in front
  /// before Python 3.
  package var integerSlot: UInt64 { words(version.major < 3 ? 18 : 16) }
  package var floatSlot: UInt64 { integerSlot + words(2) }
  /// How large a type object is.
  package var typeSize: Int { 1024 }

  /// Where a type keeps a slot.
  package func offset(of slot: TypeSlot) -> UInt64 { field(slot.rawValue - 2) }

  /// The slot that lies at an offset of a type.
  package func slot(at offset: UInt64) -> TypeSlot? {
    guard offset < UInt64(typeSize), offset >= fields, (offset - fields) % words(1) == 0 else {
      return nil
    }
    return TypeSlot(rawValue: Int((offset - fields) / words(1)) + 2)
  }

  // `PyModuleDef`, which starts with an object and three words of `PyModuleDef_Base`.
  package var moduleName: UInt64 { field(3) }
  package var moduleDocumentation: UInt64 { field(4) }
  package var moduleStateSize: UInt64 { field(5) }
  package var moduleMethods: UInt64 { field(6) }
  package var moduleSlots: UInt64 { field(7) }
  /// `Py_mod_exec`, which CPython 3.15 numbers together with the slots of types.
  package var executeSlot: UInt64 { version < PythonVersion(3, 15) ? 2 : 85 }

  // `PyMethodDef`.
  package var methodFunction: UInt64 { words(1) }
  package var methodFlags: UInt64 { words(2) }
  package var methodDocumentation: UInt64 { words(3) }

  /// Bits of `tp_flags`, by the type that they mark the subclasses of.
  package static let subclassFlags: [String: UInt64] = [
    "PyLong_Type": 1 << 24, "PyBool_Type": 1 << 24, "PyList_Type": 1 << 25,
    "PyTuple_Type": 1 << 26, "PyBytes_Type": 1 << 27, "PyUnicode_Type": 1 << 28,
    "PyDict_Type": 1 << 29, "PyType_Type": 1 << 31,
  ]
  package static let readyFlags: UInt64 = 1 << 12 | 1 << 10
  package static let exceptionFlags: UInt64 = 1 << 30 | 1 << 12 | 1 << 10
}
