#include "Embedded.h"

#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

// SLEIGH's compiled descriptions of processors, which are part of the program, so that it works
// wherever it is copied to. One line for each; the path is below `processors` of the pypcode wheel.
#define EMBED(name, path)                                                  \
  asm(".section .rodata\n"                                                 \
      ".global csleigh_" #name "\ncsleigh_" #name ":\n"                    \
      ".incbin \"" SLEIGH_PROCESSORS path "\"\n"                           \
      ".global csleigh_" #name "_end\ncsleigh_" #name "_end:\n.byte 0\n"   \
      ".previous\n");                                                      \
  extern "C" const char csleigh_##name[], csleigh_##name##_end[];

EMBED(x86_64, "x86/data/languages/x86-64.sla")
EMBED(x86, "x86/data/languages/x86.sla")
EMBED(arm, "ARM/data/languages/ARM8_le.sla")
EMBED(mips64le, "MIPS/data/languages/mips64le.sla")
EMBED(ppc64le, "PowerPC/data/languages/ppc_64_isa_altivec_le.sla")
EMBED(riscv64, "RISCV/data/languages/riscv.lp64d.sla")
EMBED(aarch64, "AARCH64/data/languages/AARCH64.sla")
EMBED(mips32le, "MIPS/data/languages/mips32le.sla")

namespace {

struct Description {
  const char *name;
  const char *start;
  const char *end;
};

const Description descriptions[] = {
  {"x86-64.sla", csleigh_x86_64, csleigh_x86_64_end},
  {"x86.sla", csleigh_x86, csleigh_x86_end},
  {"ARM8_le.sla", csleigh_arm, csleigh_arm_end},
  {"mips64le.sla", csleigh_mips64le, csleigh_mips64le_end},
  {"ppc_64_isa_altivec_le.sla", csleigh_ppc64le, csleigh_ppc64le_end},
  {"riscv.lp64d.sla", csleigh_riscv64, csleigh_riscv64_end},
  {"AARCH64.sla", csleigh_aarch64, csleigh_aarch64_end},
  {"mips32le.sla", csleigh_mips32le, csleigh_mips32le_end},
};

}  // namespace

DescriptionFile::DescriptionFile(const char *wanted) : path(wanted) {
  if (access(wanted, R_OK) == 0) return;
  const char *slash = strrchr(wanted, '/');
  const char *name = slash ? slash + 1 : wanted;
  for (const Description &description : descriptions) {
    if (strcmp(description.name, name) != 0) continue;
    // SLEIGH reads files only: this one lies in memory.
    file = memfd_create(name, MFD_CLOEXEC);
    const char *rest = description.start;
    while (file >= 0 && rest < description.end) {
      ssize_t written = write(file, rest, description.end - rest);
      if (written <= 0) return;
      rest += written;
    }
    if (file >= 0) path = "/proc/self/fd/" + std::to_string(file);
  }
}

DescriptionFile::~DescriptionFile() {
  if (file >= 0) close(file);
}
