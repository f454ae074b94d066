/// Streams of xz, zstd and bzip2, unpacked by the libraries of their formats.
///
/// `make deps` installs the libraries: liblzma, libzstd and libbz2.
#ifndef DECYTHON_COMPRESSION_SHIM_H
#define DECYTHON_COMPRESSION_SHIM_H

#include <stddef.h>
#include <stdint.h>

/// How unpacking ended.
enum {
  CCOMPRESSION_DONE = 0,
  CCOMPRESSION_DAMAGED = 1,
  CCOMPRESSION_TRUNCATED = 2,
  CCOMPRESSION_TOO_LARGE = 3
};

/// Unpacks all streams in `input`, one behind the other, into memory of at most `limit` bytes.
///
/// `output` and `size` (in bytes) are set only if the result is `CCOMPRESSION_DONE`; the caller frees
/// `output` with `ccompression_free`. Bytes behind the last stream are damage, zeros behind an xz stream
/// are not.
int ccompression_unpack_xz(const uint8_t *input, size_t count, size_t limit, uint8_t **output, size_t *size);
int ccompression_unpack_zstd(const uint8_t *input, size_t count, size_t limit, uint8_t **output, size_t *size);
int ccompression_unpack_bzip2(const uint8_t *input, size_t count, size_t limit, uint8_t **output, size_t *size);

void ccompression_free(uint8_t *output);

#endif
