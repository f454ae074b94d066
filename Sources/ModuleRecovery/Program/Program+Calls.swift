import Analysis
import BinaryFormats
package import IR
import Interpretation
package import RuntimeModel

extension Program {
  /// How the function at an address is called.
  ///
  /// The prototype of an imported function is known; a function of the module takes as many
  /// arguments as it reads.
  package func signature(of address: UInt64) -> CallSignature? {
    if let name = importedFunction(at: address) {
      return CFunction.imported(name, state.layout.version).map(CallSignature.init)
    }
    return localSignature(of: address)
  }

  /// How many integer arguments a function of the module takes.
  package func parameterCount(of address: UInt64) -> Int? {
    localSignature(of: address)?.parameters.count
  }

  /// Whether a function of the module may read the integer argument at a position, from 0.
  func mayRead(argument: Int, _ address: UInt64) -> Bool {
    guard let function = function(at: address) else { return true }
    let liveness = ParameterLiveness(
      function, machine, deallocator: state.layout.deallocatorInPlace
    ) { [unowned self] in signature(of: $0) }
    return liveness.mayRead(argument)
  }

  /// How many arguments a function of the module seems to take; at most as many as it may read.
  package func likelyParameterCount(of address: UInt64) -> Int? {
    parameterCount(of: address, calls: .set)
  }

  /// How many integer arguments a function of the module reads for certain: what calls with any number
  /// of arguments may get is not counted.
  package func certainParameterCount(of address: UInt64) -> Int? {
    parameterCount(of: address, calls: .named)
  }

  /// How many integer arguments a function of the module reads itself, or hands on to an imported function, up to
  /// the last one.
  package func ownParameterCount(of address: UInt64) -> Int? {
    parameterCount(of: address, calls: .direct) { [unowned self] in
      importedFunction(at: $0) == nil ? .integers(0) : signature(of: $0)
    }
  }

  private func parameterCount(of address: UInt64, calls: ParameterLiveness.Calls) -> Int? {
    parameterCount(of: address, calls: calls) { [unowned self] in signature(of: $0) }
  }

  private func parameterCount(
    of address: UInt64, calls: ParameterLiveness.Calls,
    _ signature: @escaping (UInt64) -> CallSignature?
  ) -> Int? {
    guard importedFunction(at: address) == nil, image.isExecutable(address),
      let function = function(at: address)
    else { return nil }
    let liveness = ParameterLiveness(
      function, machine, deallocator: state.layout.deallocatorInPlace, calls: calls,
      signature: signature)
    return liveness.callSignature().parameters.count
  }

  private func localSignature(of address: UInt64) -> CallSignature? {
    if let known = signatures[address] { return known }
    guard image.isExecutable(address) else { return nil }
    // A function that calls itself hands its own arguments on.
    signatures[address] = .integers(0)
    guard let function = function(at: address) else { return nil }
    let liveness = ParameterLiveness(
      function, machine, deallocator: state.layout.deallocatorInPlace
    ) { [unowned self] in signature(of: $0) }
    let found = liveness.callSignature()
    signatures[address] = found
    return found
  }
}

extension CallSignature {
  /// The signature of a C function.
  package init(_ function: CFunction) {
    let result: Result =
      switch function.result {
      case .double, .checkedDouble: .float
      case .nothing, .never: .nothing
      default: .integer
      }
    var parameters: [Parameter] = function.parameters.filter { $0 != .variadic }.map {
      switch $0 {
      case .double: .float
      case .long: .long
      default: .integer
      }
    }
    if function.isVariadic {
      parameters += Array(repeating: .integer, count: max(0, 6 - parameters.count))
    }
    self.init(parameters: parameters, result: result, isVariadic: function.isVariadic)
    if function.isVariadic { namedCount = function.parameters.count - 1 }
  }
}
