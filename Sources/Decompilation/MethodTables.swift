import Basics
import BinaryFormats
import ModuleRecovery
import PythonSyntax
import RuntimeModel
import Structuring

/// A function or method as C code lists it: a `PyMethodDef` of CPython's Include/methodobject.h.
struct MethodDefinition {
  let address: UInt64
  let name: String
  /// The C function.
  let function: UInt64
  let flags: UInt64
  let documentation: Text?
}

/// The `PyMethodDef` structures in a module's memory, as they are before it is loaded.
struct MethodTables {
  private let image: BinaryImage
  private let layout: ObjectLayout
  /// Where functions start; empty if the file does not say.
  private let starts: Set<UInt64>
  /// More than anybody writes.
  private static let limit = 4096
  /// `METH_VARARGS` to `METH_STATIC`, `METH_FASTCALL` and `METH_METHOD`.
  private static let knownFlags: UInt64 = 0x2BF

  init(_ image: BinaryImage, _ layout: ObjectLayout) {
    self.image = image
    self.layout = layout
    starts = Set(image.functionRanges.map(\.lowerBound))
  }

  /// The definitions of a table that ends with an empty one.
  func table(at address: UInt64) -> [MethodDefinition] {
    guard address != 0 else { return [] }
    var result: [MethodDefinition] = []
    while result.count < Self.limit,
      let method = method(at: address &+ layout.words(4 * result.count))
    {
      result.append(method)
    }
    return result
  }

  /// Everything in memory that looks like a definition, in the order of the addresses.
  func all() -> [MethodDefinition] {
    var result: [MethodDefinition] = []
    let step = layout.words(1)
    for segment in image.segments where segment.isWritable && !segment.isExecutable {
      var address = segment.address &+ (step &- segment.address % step) % step
      while address < segment.end, result.count < Self.limit {
        let found = method(at: address)
        if let found { result.append(found) }
        address &+= found == nil ? step : layout.words(4)
      }
    }
    return result
  }

  /// The definition at an address, if there is one.
  func method(at address: UInt64) -> MethodDefinition? {
    guard let function = image.pointer(at: address &+ layout.methodFunction),
      image.isExecutable(function), isStart(function),
      let flags = image.integer(at: address &+ layout.methodFlags, size: 4),
      flags != 0, flags & ~Self.knownFlags == 0, let name = text(at: address)?.string,
      Identifiers.isValid(name)
    else { return nil }
    return MethodDefinition(
      address: address, name: name, function: function, flags: flags,
      documentation: text(at: address &+ layout.methodDocumentation))
  }

  /// Whether a function starts at an address: ARM marks code in Thumb's encoding by the lowest bit.
  func isStart(_ address: UInt64) -> Bool {
    let code = image.architecture == .arm ? address & ~1 : address
    return starts.isEmpty || starts.contains(code)
  }

  /// The text to which memory points.
  func text(at address: UInt64) -> Text? {
    guard let pointer = image.pointer(at: address), pointer != 0,
      let bytes = image.cString(at: pointer)
    else { return nil }
    return Text(utf8: Array(bytes))
  }
}

extension MethodDefinition {
  /// The parameters of a method as far as the flags tell of them.
  var methodParameters: Parameters {
    var result = parameters
    if flags & 0x20 == 0 {
      result.positional.insert(.init(flags & 0x10 == 0 ? "self" : "cls"), at: 0)
    }
    return result
  }

  /// The parameters of a function as far as the flags tell of them.
  var parameters: Parameters {
    var result = Parameters()
    if flags & 0x8 != 0 {
      result.positional.append(.init("value"))
    } else if flags & 0x4 == 0 {
      result.star = .init("args")
      if flags & 0x2 != 0 { result.doubleStar = .init("kwargs") }
    }
    return result
  }

  /// The function, or the method of a class, without its body.
  func definition(isMethod: Bool, _ problem: NotUnderstood) -> FunctionDefinition {
    FunctionDefinition(
      name: name, parameters: isMethod ? methodParameters : parameters,
      decorators: isMethod ? decorators : [],
      docstring: documentation.map { .string($0) },
      body: FunctionDecompiler.missingBody(problem))
  }

  /// What makes a class or static method of it.
  var decorators: [Expression] {
    if flags & 0x10 != 0 { return [.name("classmethod")] }
    return flags & 0x20 != 0 ? [.name("staticmethod")] : []
  }
}
