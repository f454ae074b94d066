#include "BoundedSleigh.h"

#include <loadimage.hh>

using namespace ghidra;

namespace {

// The sizes of SLEIGH's tables: what `DisassemblyCache::initialize` asks for, and the arrays of
// `ParserWalker` and `ParserContext`.
constexpr int nodeLimit = 75, operandLimit = 20, depthLimit = 32, longestInstruction = 16;

// Goes through a tree while it grows, and never further than there is room.
class BoundedWalker : public ParserWalkerChange {
 public:
  explicit BoundedWalker(ParserContext &tree) : ParserWalkerChange(&tree), tree(tree) {
    tree.deallocateState(*this);
  }

  void enter(int4 operand) {
    if (nodes >= nodeLimit || operand >= operandLimit || depth + 1 >= depthLimit)
      throw BadDataError("Instruction is nested too deeply");
    nodes++;
    tree.allocateOperand(operand, *this);
  }

 private:
  ParserContext &tree;
  int nodes = 1;
};

// Whether all parts of an instruction have a meaning, be it none.
bool hasMeaning(const ParserContext &tree) {
  ParserWalker walker(&tree);
  walker.baseState();
  while (walker.isState()) {
    const Constructor *form = walker.getConstructor();
    if (form && !form->getTempl()) return false;
    if (form && walker.getOperand() < form->getNumOperands())
      walker.pushOperand(walker.getOperand());
    else
      walker.popOperand();
  }
  return true;
}

}  // namespace

int4 BoundedSleigh::oneInstruction(PcodeEmit &emit, const Address &address) const {
  int4 alignment = getAlignment();
  if (alignment > 1 && address.getOffset() % alignment != 0)
    throw BadDataError("Instruction is not aligned");
  const ParserContext &tree = parse(address);
  int4 length = tree.getLength(), end = length + tree.getDelaySlot();
  // What the instruction says of the bytes in its delay slot comes before they are parsed.
  if (length < end) obtainContext(address, ParserContext::pcode)->applyCommits();
  while (length < end) {
    const ParserContext &inner = parse(address + length);
    // SLEIGH would describe the error by a part of the stack that is gone by then.
    if (!hasMeaning(inner)) throw BadDataError("Instruction in a delay slot is not implemented");
    length += inner.getLength();
  }
  return Sleigh::oneInstruction(emit, address);
}

// The tree of the instruction at an address, which may be known from before.
ParserContext &BoundedSleigh::parse(const Address &address) const {
  ParserContext &tree = *obtainContext(address, ParserContext::uninitialized);
  if (tree.getParserState() == ParserContext::uninitialized) parse(tree);
  return tree;
}

// What `Sleigh::resolve` does.
void BoundedSleigh::parse(ParserContext &tree) const {
  bytes->loadFill(tree.getBuffer(), longestInstruction, tree.getAddr());
  BoundedWalker walker(tree);
  tree.setDelaySlot(0);
  walker.setOffset(0);
  tree.clearCommits();
  tree.loadContext();
  auto choose = [&](Constructor *form) {
    walker.setConstructor(form);
    form->applyContext(walker);
  };
  choose(root->resolve(walker));
  while (walker.isState()) {
    const Constructor &form = *walker.getConstructor();
    int4 operand = walker.getOperand(), count = form.getNumOperands();
    bool isInside = false;
    for (; operand < count && !isInside; operand++) {
      OperandSymbol &symbol = *form.getOperand(operand);
      uint4 offset = walker.getOffset(symbol.getOffsetBase()) + symbol.getRelativeOffset();
      walker.enter(operand);
      walker.setOffset(offset);
      TripleSymbol *table = symbol.getDefiningSymbol();
      if (Constructor *inner = table ? table->resolve(walker) : nullptr) {
        choose(inner);
        isInside = true;
      } else {
        walker.setCurrentLength(symbol.getMinimumLength());
        walker.popOperand();
      }
    }
    if (isInside) continue;
    walker.calcCurrentLength(form.getMinimumLength(), count);
    walker.popOperand();
    const ConstructTpl *steps = form.getTempl();
    if (steps && steps->delaySlot() > 0) tree.setDelaySlot(steps->delaySlot());
  }
  // The bytes behind these are no bytes of the program.
  if (tree.getLength() > longestInstruction) throw BadDataError("Instruction is too long");
  tree.setNaddr(tree.getAddr() + tree.getLength());
  tree.setParserState(ParserContext::disassembly);
}
