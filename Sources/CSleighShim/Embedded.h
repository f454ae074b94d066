#ifndef EMBEDDED_H
#define EMBEDDED_H

#include <string>

// A file with the description of a processor: the one at a path, or, if there is none, the one of
// that name which is a part of the program.
class DescriptionFile {
 public:
  explicit DescriptionFile(const char *wanted);
  ~DescriptionFile();
  DescriptionFile(const DescriptionFile &) = delete;
  DescriptionFile &operator=(const DescriptionFile &) = delete;

  std::string path;

 private:
  int file = -1;
};

#endif
