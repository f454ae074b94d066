/// An interned text: equal texts are equal numbers, so an instruction carries one for free.
package struct Symbol: Hashable, Comparable, BitwiseCopyable, Sendable {
  package let number: UInt32

  package init(_ number: UInt32) { self.number = number }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// The texts behind ``Symbol`` numbers.
package struct SymbolTable: Sendable {
  private var numbers: [String: Symbol] = [:]
  private var texts: [String] = []

  package init() {}

  /// The number of a text, new if the text is.
  package mutating func intern(_ text: String) -> Symbol {
    if let known = numbers[text] { return known }
    let symbol = Symbol(UInt32(texts.count))
    numbers[text] = symbol
    texts.append(text)
    return symbol
  }

  package subscript(symbol: Symbol) -> String { texts[Int(symbol.number)] }
}
