#ifndef BOUNDED_SLEIGH_H
#define BOUNDED_SLEIGH_H

#include <sleigh.hh>

// SLEIGH's decoder within its limits.
//
// SLEIGH parses an instruction into a tree whose nodes and depth have room in tables of fixed size,
// and does not look whether they fit: lists of registers of ARM, as of `vldmia r0,{d0-d24}`, nest once
// for each register and write behind the tables. Instructions are parsed here first, with each step
// counted, and are none if they do not fit. SLEIGH then finds the tree ready and parses no more.
// Neither is an instruction one whose delay slot holds something that SLEIGH has no meaning for.
class BoundedSleigh : public ghidra::Sleigh {
 public:
  BoundedSleigh(ghidra::LoadImage *bytes, ghidra::ContextDatabase *context)
    : Sleigh(bytes, context), bytes(bytes) {}

  ghidra::int4 instructionLength(const ghidra::Address &address) const override {
    parse(address);
    return Sleigh::instructionLength(address);
  }
  ghidra::int4 oneInstruction(
    ghidra::PcodeEmit &emit, const ghidra::Address &address) const override;
  ghidra::int4 printAssembly(
    ghidra::AssemblyEmit &emit, const ghidra::Address &address) const override {
    parse(address);
    return Sleigh::printAssembly(emit, address);
  }

 private:
  ghidra::ParserContext &parse(const ghidra::Address &address) const;
  void parse(ghidra::ParserContext &tree) const;

  ghidra::LoadImage *bytes;
};

#endif
