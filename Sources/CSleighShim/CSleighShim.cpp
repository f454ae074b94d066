#include "BoundedSleigh.h"
#include "CSleighShim.h"
#include "Embedded.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <loadimage.hh>
#include "../zlib/zlib.h"

using namespace ghidra;

namespace {

// The bytes under the decoder's eyes. Reads behind the end are padded, so that the last
// instruction of a mapping decodes; the caller checks that its length fits.
class Window : public LoadImage {
 public:
  Window() : LoadImage("window") {}
  void show(uint64_t address, const uint8_t *bytes, size_t size) {
    start = address;
    data = bytes;
    length = size;
  }
  void loadFill(uint1 *target, int4 wanted, const Address &address) override {
    uint64_t offset = address.getOffset() - start;
    if (offset >= length) throw DataUnavailError("outside of the window");
    size_t available = std::min<size_t>(length - offset, wanted);
    memcpy(target, data + offset, available);
    memset(target + available, 0, wanted - available);
  }
  std::string getArchType() const override { return "window"; }
  void adjustVma(long) override {}

 private:
  uint64_t start = 0;
  const uint8_t *data = nullptr;
  size_t length = 0;
};

class Collector : public PcodeEmit {
 public:
  std::vector<csleigh_operation> operations;
  AddrSpace *constants = nullptr, *registers = nullptr, *uniques = nullptr, *memory = nullptr;

  void dump(
    const Address &address, OpCode opcode, VarnodeData *output, VarnodeData *inputs,
    int4 count) override {
    csleigh_operation operation = {};
    operation.address = address.getOffset();
    operation.opcode = static_cast<uint16_t>(opcode);
    operation.has_output = output != nullptr;
    if (output) operation.output = translate(*output);
    // The first operand of LOAD and STORE is a pointer to the space: there is only one.
    int skipped = opcode == CPUI_LOAD || opcode == CPUI_STORE ? 1 : 0;
    for (int index = skipped; index < count && index - skipped < 2; index++)
      operation.inputs[index - skipped] = translate(inputs[index]);
    operation.input_count = static_cast<uint8_t>(std::min(count - skipped, 255));
    operations.push_back(operation);
  }

  csleigh_varnode translate(const VarnodeData &node) const {
    uint32_t space = 99;
    if (node.space == constants) space = CSLEIGH_CONSTANT;
    else if (node.space == registers) space = CSLEIGH_REGISTER;
    else if (node.space == uniques) space = CSLEIGH_UNIQUE;
    else if (node.space == memory) space = CSLEIGH_MEMORY;
    return {node.offset, node.size, space};
  }
};

class TextCollector : public AssemblyEmit {
 public:
  std::string text;
  void dump(const Address &, const std::string &mnemonic, const std::string &body) override {
    text = body.empty() ? mnemonic : mnemonic + " " + body;
  }
};

// No processor described here has longer instructions, in bytes.
constexpr uint64_t longestInstruction = 16;

bool endsBlock(const csleigh_operation &operation) {
  switch (operation.opcode) {
    case CPUI_BRANCH:
    case CPUI_CBRANCH:
    case CPUI_BRANCHIND:
    case CPUI_RETURN:
      return true;
    default:
      return false;
  }
}

// Takes no notice of what an instruction says of all code from some address on, such as the
// instruction set there: it would depend on the order of decoding. What is said of single
// instructions, such as those behind `it`, counts.
class LocalContext : public ContextInternal {
  void getRegionToChangePoint(std::vector<uintm *> &, const Address &, int4, uintm) override {}
};

}  // namespace

struct csleigh_decoder {
  Window window;
  std::unique_ptr<ContextDatabase> context;
  BoundedSleigh sleigh{&window, context.get()};
  DocumentStorage documents;
  Collector collector;

  explicit csleigh_decoder(bool isLocal)
    : context(isLocal ? new LocalContext : new ContextInternal) {}

  // Decodes one instruction and returns its length, or 0 if the bytes are none.
  int decode(uint64_t address) {
    size_t before = collector.operations.size();
    try {
      return sleigh.oneInstruction(collector, Address(sleigh.getDefaultCodeSpace(), address));
    } catch (LowlevelError &) {  // also bad data, unimplemented instructions, missing bytes
      collector.operations.resize(before);
      return 0;
    }
  }
};

extern "C" {

csleigh_decoder *csleigh_open(
  const char *path, int is_local, char *message, size_t message_size) {
  try {
    static bool once = (AttributeId::initialize(), ElementId::initialize(), true);
    (void)once;
    auto decoder = std::make_unique<csleigh_decoder>(is_local != 0);
    DescriptionFile description(path);
    std::istringstream text("<sleigh>" + description.path + "</sleigh>");
    decoder->documents.registerTag(decoder->documents.parseDocument(text)->getRoot());
    decoder->sleigh.initialize(decoder->documents);
    Collector &collector = decoder->collector;
    collector.constants = decoder->sleigh.getConstantSpace();
    collector.registers = decoder->sleigh.getSpaceByName("register");
    collector.uniques = decoder->sleigh.getUniqueSpace();
    collector.memory = decoder->sleigh.getDefaultCodeSpace();
    return decoder.release();
  } catch (LowlevelError &error) {
    snprintf(message, message_size, "%s", error.explain.c_str());
  } catch (DecoderError &error) {
    snprintf(message, message_size, "%s", error.explain.c_str());
  } catch (std::exception &error) {
    snprintf(message, message_size, "%s", error.what());
  }
  return nullptr;
}

void csleigh_close(csleigh_decoder *decoder) { delete decoder; }

void csleigh_set_context(csleigh_decoder *decoder, const char *name, uint32_t value) {
  decoder->sleigh.setContextDefault(name, value);
}

csleigh_block csleigh_decode(
  csleigh_decoder *decoder, uint64_t address, const uint8_t *bytes, size_t size, size_t limit) {
  decoder->window.show(address, bytes, size);
  std::vector<csleigh_operation> &operations = decoder->collector.operations;
  operations.clear();
  uint64_t at = address, last = address + size;
  int status = 0;
  for (size_t decoded = 0; decoded < limit; decoded++) {
    // The decoder remembers what it saw at an address: never show it half an instruction.
    if (at > address && last - at < longestInstruction) break;
    size_t before = operations.size();
    int length = decoder->decode(at);
    if (length <= 0 || at + length > last) {
      operations.resize(before);
      status = 1;
      break;
    }
    at += length;
    bool ended = false;
    for (size_t index = before; index < operations.size() && !ended; index++)
      ended = endsBlock(operations[index]);
    if (ended) break;
  }
  return {operations.data(), operations.size(), at, status};
}

int csleigh_register(
  csleigh_decoder *decoder, const char *name, uint64_t *offset, uint32_t *size) {
  try {
    const VarnodeData &node = decoder->sleigh.getRegister(name);
    *offset = node.offset;
    *size = node.size;
    return 1;
  } catch (LowlevelError &) {
    return 0;
  }
}

int csleigh_disassemble(
  csleigh_decoder *decoder, uint64_t address, const uint8_t *bytes, size_t size, char *text,
  size_t text_size) {
  decoder->window.show(address, bytes, size);
  try {
    TextCollector collector;
    int length = decoder->sleigh.printAssembly(
      collector, Address(decoder->sleigh.getDefaultCodeSpace(), address));
    snprintf(text, text_size, "%s", collector.text.c_str());
    return length;
  } catch (LowlevelError &) {
    return 0;
  }
}

static long run_inflate(
  int window, const uint8_t *bytes, size_t size, uint8_t *output, size_t output_size
) {
  z_stream stream = {};
  stream.next_in = const_cast<uint8_t *>(bytes);
  stream.avail_in = static_cast<uInt>(size);
  stream.next_out = output;
  stream.avail_out = static_cast<uInt>(output_size);
  if (inflateInit2(&stream, window) != Z_OK) return -1;
  int outcome = inflate(&stream, Z_FINISH);
  long written = static_cast<long>(stream.total_out);
  inflateEnd(&stream);
  return outcome == Z_STREAM_END ? written : -1;
}

long csleigh_inflate(const uint8_t *bytes, size_t size, uint8_t *output, size_t output_size) {
  return run_inflate(MAX_WBITS, bytes, size, output, output_size);
}

// A negative window means a stream without header and checksum.
long csleigh_inflate_raw(const uint8_t *bytes, size_t size, uint8_t *output, size_t output_size) {
  return run_inflate(-MAX_WBITS, bytes, size, output, output_size);
}

}  // extern "C"
