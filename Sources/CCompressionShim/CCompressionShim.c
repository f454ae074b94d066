#include "CCompressionShim.h"

#include <bzlib.h>
#include <limits.h>
#include <lzma.h>
#include <stdlib.h>
#include <zstd.h>

/// What was unpacked so far. It grows by half, so that a small file cannot ask for a lot of memory at once.
typedef struct {
  uint8_t *bytes;
  size_t count, capacity, limit;
} Buffer;

/// Makes room for at least one more byte.
static int grow(Buffer *buffer) {
  if (buffer->count < buffer->capacity) return CCOMPRESSION_DONE;
  if (buffer->capacity == buffer->limit) return CCOMPRESSION_TOO_LARGE;
  size_t more = buffer->capacity / 2 + (1 << 16);
  size_t capacity =
      more < buffer->limit - buffer->capacity ? buffer->capacity + more : buffer->limit;
  uint8_t *bytes = realloc(buffer->bytes, capacity);
  if (!bytes) return CCOMPRESSION_TOO_LARGE;
  buffer->bytes = bytes;
  buffer->capacity = capacity;
  return CCOMPRESSION_DONE;
}

/// Hands over what was unpacked, or frees it.
static int finish(Buffer *buffer, int result, uint8_t **output, size_t *size) {
  if (result != CCOMPRESSION_DONE) {
    free(buffer->bytes);
    return result;
  }
  *output = buffer->bytes;
  *size = buffer->count;
  return result;
}

int ccompression_unpack_xz(
    const uint8_t *input, size_t count, size_t limit, uint8_t **output, size_t *size) {
  Buffer buffer = {.limit = limit};
  lzma_stream stream = LZMA_STREAM_INIT;
  // The dictionary of `xz -9` has 64 MiB.
  if (lzma_stream_decoder(&stream, (uint64_t)1 << 28, LZMA_CONCATENATED) != LZMA_OK)
    return CCOMPRESSION_DAMAGED;
  stream.next_in = input;
  stream.avail_in = count;
  lzma_ret state = LZMA_OK;
  int result = CCOMPRESSION_DONE;
  while (state == LZMA_OK && (result = grow(&buffer)) == CCOMPRESSION_DONE) {
    stream.next_out = buffer.bytes + buffer.count;
    stream.avail_out = buffer.capacity - buffer.count;
    state = lzma_code(&stream, LZMA_FINISH);
    buffer.count = buffer.capacity - stream.avail_out;
  }
  lzma_end(&stream);
  if (state == LZMA_BUF_ERROR) result = CCOMPRESSION_TRUNCATED;
  else if (state == LZMA_MEMLIMIT_ERROR || state == LZMA_MEM_ERROR) result = CCOMPRESSION_TOO_LARGE;
  else if (state != LZMA_OK && state != LZMA_STREAM_END) result = CCOMPRESSION_DAMAGED;
  return finish(&buffer, result, output, size);
}

int ccompression_unpack_zstd(
    const uint8_t *input, size_t count, size_t limit, uint8_t **output, size_t *size) {
  Buffer buffer = {.limit = limit};
  ZSTD_DStream *stream = ZSTD_createDStream();
  if (!stream) return CCOMPRESSION_TOO_LARGE;
  ZSTD_inBuffer from = {input, count, 0};
  size_t left = 1;  // zero at the end of a frame
  int result = CCOMPRESSION_DONE;
  while ((left || from.pos < from.size) && (result = grow(&buffer)) == CCOMPRESSION_DONE) {
    ZSTD_outBuffer to = {buffer.bytes, buffer.capacity, buffer.count};
    size_t before = from.pos;
    left = ZSTD_decompressStream(stream, &to, &from);
    if (ZSTD_isError(left)) {
      result = CCOMPRESSION_DAMAGED;
      break;
    }
    if (left && to.pos == buffer.count && from.pos == before && from.pos == from.size) {
      result = CCOMPRESSION_TRUNCATED;
      break;
    }
    buffer.count = to.pos;
  }
  ZSTD_freeDStream(stream);
  return finish(&buffer, result, output, size);
}

/// Unpacks one bzip2 stream and moves `input` behind it.
static int unpack_bzip2_stream(bz_stream *stream, Buffer *buffer) {
  int state = BZ_OK, result;
  while (state == BZ_OK) {
    if ((result = grow(buffer)) != CCOMPRESSION_DONE) return result;
    size_t room = buffer->capacity - buffer->count;
    unsigned given = room < UINT_MAX ? (unsigned)room : UINT_MAX;
    stream->next_out = (char *)buffer->bytes + buffer->count;
    stream->avail_out = given;
    unsigned before = stream->avail_in;
    state = BZ2_bzDecompress(stream);
    buffer->count += given - stream->avail_out;
    if (state == BZ_OK && stream->avail_out == given && stream->avail_in == before)
      return CCOMPRESSION_TRUNCATED;
  }
  return state == BZ_STREAM_END ? CCOMPRESSION_DONE : CCOMPRESSION_DAMAGED;
}

int ccompression_unpack_bzip2(
    const uint8_t *input, size_t count, size_t limit, uint8_t **output, size_t *size) {
  if (count > UINT_MAX) return CCOMPRESSION_TOO_LARGE;
  Buffer buffer = {.limit = limit};
  char *next = (char *)input;
  unsigned left = (unsigned)count;
  int result = CCOMPRESSION_DONE;
  // Parallel packers write many streams.
  while (left && result == CCOMPRESSION_DONE) {
    bz_stream stream = {.next_in = next, .avail_in = left};
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
      result = CCOMPRESSION_TOO_LARGE;
      break;
    }
    result = unpack_bzip2_stream(&stream, &buffer);
    next = stream.next_in;
    left = stream.avail_in;
    BZ2_bzDecompressEnd(&stream);
  }
  return finish(&buffer, result, output, size);
}

void ccompression_free(uint8_t *output) { free(output); }
