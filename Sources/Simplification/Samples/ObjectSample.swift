import RuntimeModel

/// An object as it may lie in memory, to try out what code does with it.
struct ObjectSample {
  /// Where the object lies.
  let address: UInt64
  private var bytes: [UInt64: UInt8] = [:]

  /// An object of which only the address is known.
  init(address: UInt64) { self.address = address }

  /// Places where nothing of a module lies.
  static let places: [UInt64] = [0x7FF0_0000, 0x7FF4_0000, 0x7FF6_0000]
  /// Where the items of a list lie.
  static let itemsApart: UInt64 = 0x7FFA_0000
  private static let charactersApart: UInt64 = 0x7FF8_0000
  /// A type that no code knows.
  static let strangeType: UInt64 = 0x7FFC_0000

  mutating func store(_ number: UInt64, size: Int, at place: UInt64) {
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

extension ObjectSample {
  /// How the characters of a text lie.
  enum TextForm: CaseIterable {
    case ascii, compact, legacy
  }

  /// A text as CPython makes it; nil if it does not come in that form.
  ///
  /// - Parameters:
  ///   - characters: the first of its characters.
  ///   - length: how many it has.
  ///   - form: how they lie.
  ///   - address: where it lies.
  ///   - layout: where fields lie.
  init?(
    text characters: [UInt32], length: Int, _ form: TextForm, at address: UInt64 = places[0],
    _ layout: ObjectLayout
  ) {
    let largest = characters.max() ?? 0
    guard form != .ascii || largest < 0x80, form != .compact || largest >= 0x80 else { return nil }
    self.init(address: address)
    let kind: UInt64 = largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4
    let state = layout.textState(kind: kind, isASCII: form == .ascii, isCompact: form != .legacy)
    store(UInt64(length), size: layout.pointerSize, at: address + layout.textLength)
    store(state, size: 4, at: address + layout.textState)
    var place = address + (form == .ascii ? layout.asciiData : layout.compactData)
    if form == .legacy {
      store(Self.charactersApart, size: layout.pointerSize, at: place)
      place = Self.charactersApart
    }
    for character in characters + [0] {
      store(UInt64(character), size: Int(kind), at: place)
      place += kind
    }
  }

  /// An `int`; its type has to be stored by itself.
  ///
  /// - Parameters:
  ///   - digits: its digits, the least significant one first.
  ///   - isNegative: whether it is less than zero.
  ///   - address: where it lies.
  ///   - layout: where fields lie.
  init(digits: [UInt64], isNegative: Bool, at address: UInt64, _ layout: ObjectLayout) {
    self.init(address: address)
    let tag = layout.integerTag(digits: digits.count, isNegative: isNegative)
    store(tag, size: layout.pointerSize, at: address + layout.size)
    for (index, digit) in digits.enumerated() {
      let place = address + layout.integerDigits + UInt64(index * layout.digitSize)
      store(digit, size: layout.digitSize, at: place)
    }
  }
}
