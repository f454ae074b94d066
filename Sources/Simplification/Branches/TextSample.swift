import RuntimeModel

/// A text as it may lie in memory, to try out what code finds in it.
struct TextSample {
  /// How the characters lie.
  enum Form: CaseIterable {
    case ascii, compact, legacy
  }

  /// Where the object lies.
  let address: UInt64
  /// The code points; nil if the object is no text.
  let text: [UInt32]?
  private var bytes: [UInt64: UInt8] = [:]

  /// An object of which only the address is known.
  init(address: UInt64, text: [UInt32]? = nil) {
    self.address = address
    self.text = text
  }

  /// A text as CPython makes it; nil if it does not come in that form.
  init?(_ text: [UInt32], _ form: Form, _ layout: ObjectLayout) {
    let largest = text.max() ?? 0
    guard form != .ascii || largest < 0x80, form != .compact || largest >= 0x80 else { return nil }
    self.init(address: Self.place, text: text)
    let kind: UInt64 = largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4
    let state = layout.textState(kind: kind, isASCII: form == .ascii, isCompact: form != .legacy)
    store(UInt64(text.count), size: layout.pointerSize, at: address + layout.textLength)
    store(state, size: 4, at: address + layout.textState)
    var place = address + (form == .ascii ? layout.asciiData : layout.compactData)
    if form == .legacy {
      store(Self.charactersApart, size: layout.pointerSize, at: place)
      place = Self.charactersApart
    }
    for character in text + [0] {
      store(UInt64(character), size: Int(kind), at: place)
      place += kind
    }
  }

  /// Places where nothing of a module lies.
  private static let place: UInt64 = 0x7FF0_0000
  private static let charactersApart: UInt64 = 0x7FF8_0000

  private mutating func store(_ number: UInt64, size: Int, at place: UInt64) {
    for index in 0..<size {
      bytes[place + UInt64(index)] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
    }
  }

  /// What lies at an address; nil if that is not known.
  func number(at place: UInt64, size: Int) -> UInt64? {
    var number: UInt64 = 0
    for index in (0..<size).reversed() {
      guard let byte = bytes[place &+ UInt64(index)] else { return nil }
      number = number << 8 | UInt64(byte)
    }
    return number
  }
}
