extension Processor {
  /// 64-bit PowerPC, little-endian, under the *OpenPOWER ELF V2 ABI*.
  static let powerPC64 = Processor(
    name: "PowerPC 64",
    description: "ppc_64_isa_altivec_le.sla",
    stackPointer: "r1",
    threadPointer: "r13",
    linkRegister: "LR",
    functionPointer: "r12",
    tablePointer: "r2",
    arguments: "r3 r4 r5 r6 r7 r8 r9 r10",
    floatArguments: "f1 f2 f3 f4 f5 f6 f7 f8",
    result: "r3",
    floatResult: "f1",
    preserved: """
      r14 r15 r16 r17 r18 r19 r20 r21 r22 r23 r24 r25 r26 r27 r28 r29 r30 r31 r1 f14 f15 f16 f17 f18 \
      f19 f20 f21 f22 f23 f24 f25 f26 f27 f28 f29 f30 f31
      """,
    others: "r0 r11 CTR f0 f9 f10 f11 f12 f13",
    flags: "xer_so xer_ov xer_ov32 xer_ca xer_ca32 cr0 cr1 cr2 cr3 cr4 cr5 cr6 cr7",
    stackArgumentOffset: 96)
}
