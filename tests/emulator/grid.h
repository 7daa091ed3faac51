// What fibers and threads of the machine have in common as the threads of a launch.

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

struct Index {
  unsigned x;
};

namespace emulator {

constexpr unsigned LANES = 32;  // of a warp

// Where threads meet: the function that they call, and its line in the source.
struct Site {
  const char* function;
  int line;
  bool operator==(const Site&) const = default;
};

// One line that says why a launch failed.
static char message[256];

// Registers that the lanes of a warp show each other; two sets, so that one meeting of the
// lanes lies between the writing of a register and its writing again, whoever reads it.
struct Registers {
  unsigned word[2][6][LANES];
};

// Shared memory of a block: of the size that the launch asked for, never zero at the start,
// and with a margin behind it that has to stay as it is.
struct SharedMemory {
  static constexpr unsigned char POISON = 0xA5;
  static constexpr std::size_t MARGIN = 16384;
  struct alignas(128) Cells {
    unsigned char byte[128];
  };
  std::vector<Cells> cells;
  std::size_t size;

  explicit SharedMemory(std::size_t size_)
      : cells((size_ + MARGIN) / sizeof(Cells) + 1), size(size_) {
    poison();
  }
  unsigned char* begin() { return cells[0].byte; }
  void poison() { std::memset(begin(), POISON, cells.size() * sizeof(Cells)); }

  bool intact(unsigned block) {
    for (std::size_t at = size; at < cells.size() * sizeof(Cells); ++at)
      if (begin()[at] != POISON) {
        std::snprintf(message, sizeof message,
                      "block %u wrote byte %zu of its %zu bytes of shared memory", block, at, size);
        return false;
      }
    return true;
  }
};

// A launch: `body(data)` is the kernel with its arguments, for every thread.
struct Launch {
  int grid, block;
  std::size_t shared;
  bool together;  // all blocks at once, so that they may wait for each other
  void (*body)(const void* data);
  const void* data;
};

}  // namespace emulator
