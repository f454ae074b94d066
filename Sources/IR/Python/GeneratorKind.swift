/// What a function with suspensions makes.
package enum GeneratorKind: Hashable, BitwiseCopyable, Sendable {
  case generator
  case coroutine
  case asyncGenerator
}
