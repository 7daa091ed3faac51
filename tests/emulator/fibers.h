// The threads of a launch as fibers of one thread of the machine.
//
// A fiber runs until it has to wait; then the one that has been ready longest goes on, so
// every run has the same order.  Where none can go on, the launch ends with a message.
// A stack is made once and used again by later launches; a switch is a `_longjmp`.

#include <csetjmp>
#include <cstdlib>
#include <sys/mman.h>
#include <ucontext.h>

static Index threadIdx, blockIdx, blockDim, gridDim;
static double* block_memory;

namespace emulator {

// A barrier of fibers that follow each other.
struct Gate {
  unsigned first = 0, members = 0, arrived = 0;
  Site site{};
};

struct Warp : Registers {
  Gate gate;
};

struct Block {
  unsigned index;
  SharedMemory memory;
  Gate gate;
  Warp warps[1024 / LANES];
};

struct Fiber {
  jmp_buf start, stopped;
  jmp_buf* entry;  // where it goes on
  unsigned thread, lane, parity;
  Block* block;
  Warp* warp;
  Gate* waits;  // null while it runs, or is ready to
  bool returned;
};

static struct Scheduler {
  static constexpr std::size_t PAGE = 65536, STACK = 2 * PAGE;  // the first page is a guard
  static constexpr unsigned long PATIENCE = 10000;              // rounds of fibers that all spin

  std::vector<Fiber*> fibers;  // made when first needed, kept as long as the kernels
  std::vector<Fiber*> ready;   // a ring
  unsigned n_ready, head, n_running;
  unsigned long spins;  // since anything happened
  const Launch* launch;
  jmp_buf home;
  Fiber* own;

  static void live();

  // A fiber stops at the start of `live` and is sent on from there by every launch.
  void make_fiber() {
    void* stack = mmap(nullptr, STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED || mprotect(stack, PAGE, PROT_NONE)) std::abort();
    fibers.push_back(own = new Fiber);
    ucontext_t context;
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = STACK - fibers.size() * 832 % (PAGE / 2);  // for the caches
    context.uc_link = nullptr;
    makecontext(&context, live, 0);
    if (!_setjmp(home)) setcontext(&context);
  }

  void push(Fiber* fiber) {
    fiber->waits = nullptr;
    unsigned at = head + n_ready++;
    ready[at < ready.size() ? at : at - ready.size()] = fiber;
  }

  [[noreturn]] void enter_next() {
    own = ready[head];
    head = head + 1 < ready.size() ? head + 1 : 0;
    --n_ready;
    threadIdx.x = own->thread;
    blockIdx.x = own->block->index;
    block_memory = (double*)own->block->memory.begin();
    _longjmp(*own->entry, 1);
  }

  [[gnu::noinline]] void suspend() {
    if (n_ready == 0) stuck();
    own->entry = &own->stopped;
    if (!_setjmp(own->stopped)) enter_next();
  }

  [[noreturn]] void leave() {
    own->returned = true;
    spins = 0;
    if (--n_running == 0) _longjmp(home, 1);
    if (n_ready == 0) stuck();
    enter_next();
  }

  void meet(Gate& gate, Site site) {
    if (gate.arrived++ == 0) gate.site = site;
    if (gate.site != site) {
      unsigned other = gate.first;
      while (fibers[other]->waits != &gate) ++other;
      fail("block %u: thread %u is at %s (line %d), thread %u at %s (line %d)",
           own->block->index, own->thread, site.function, site.line, fibers[other]->thread,
           gate.site.function, gate.site.line);
    }
    if (gate.arrived < gate.members) {
      own->waits = &gate;
      return suspend();
    }
    gate.arrived = 0;
    spins = 0;
    for (unsigned k = gate.first; k < gate.first + gate.members; ++k)
      if (fibers[k] != own) push(fibers[k]);
  }

  void spin(const char* function) {
    if (++spins > PATIENCE * (n_ready + 1))
      fail("deadlock: block %u, thread %u spins on %s for what nobody does", own->block->index,
           own->thread, function);
    push(own);
    suspend();
  }

  [[noreturn]] void stuck() {
    unsigned k = 0;
    while (!fibers[k]->waits) ++k;
    const Gate& gate = *fibers[k]->waits;
    unsigned other = gate.first;
    while (fibers[other]->waits == &gate) ++other;
    const Fiber &waiting = *fibers[k], &absent = *fibers[other];
    const Site elsewhere = absent.returned ? Site{"its end", 0} : absent.waits->site;
    fail("deadlock: block %u, thread %u waits at %s (line %d) for thread %u, at %s (line %d)",
         waiting.block->index, waiting.thread, gate.site.function, gate.site.line, absent.thread,
         elsewhere.function, elsewhere.line);
  }

  template <class... T> [[noreturn]] void fail(const char* format, T... values) {
    std::snprintf(message, sizeof message, format, values...);
    _longjmp(home, 2);
  }

  // Runs some blocks to their end; false if they do not get there.
  bool run(std::vector<Block>& blocks) {
    const unsigned size = launch->block, n_fibers = size * blocks.size();
    while (fibers.size() < n_fibers) make_fiber();
    ready.resize(n_fibers);
    n_ready = head = spins = 0;
    n_running = n_fibers;
    for (unsigned k = 0; k < n_fibers; ++k) {
      Fiber& fiber = *fibers[k];
      Block& block = blocks[k / size];
      fiber.entry = &fiber.start;
      fiber.thread = k % size;
      fiber.lane = fiber.thread % LANES;
      fiber.parity = 0;
      fiber.block = &block;
      fiber.warp = &block.warps[fiber.thread / LANES];
      fiber.returned = false;
      if (fiber.thread == 0) block.gate = Gate{k, size};
      if (fiber.lane == 0) fiber.warp->gate = Gate{k, LANES};
      push(&fiber);
    }
    const int end = _setjmp(home);
    if (end == 0) enter_next();
    return end == 1;
  }
} scheduler;

inline void Scheduler::live() {
  if (!_setjmp(scheduler.own->start)) _longjmp(scheduler.home, 1);
  scheduler.launch->body(scheduler.launch->data);
  scheduler.leave();
}

inline Fiber& self() { return *scheduler.own; }
inline void meet_block(Site site) { scheduler.meet(self().block->gate, site); }
inline void meet_warp(Site site) { scheduler.meet(self().warp->gate, site); }
inline void order_warp(Site site) { meet_warp(site); }
inline void order_device() {}
inline void spin(const char* function) { scheduler.spin(function); }
inline void refuse(const char* what) {
  scheduler.fail("block %u, thread %u: %s", self().block->index, self().thread, what);
}

template <class T> T add(T* at, T value) {
  const T before = *at;
  *at += value;
  if (value != 0) scheduler.spins = 0;
  return before;
}

inline bool run(const Launch& launch) {
  gridDim.x = launch.grid;
  blockDim.x = launch.block;
  scheduler.launch = &launch;
  std::vector<Block> blocks;
  const unsigned grid = launch.grid, step = launch.together ? grid : 1;
  for (unsigned b = 0; b < step; ++b) blocks.push_back({b, SharedMemory(launch.shared)});
  for (unsigned first = 0; first < grid; first += step) {
    if (first > 0) {
      blocks[0].index = first;
      blocks[0].memory.poison();
    }
    if (!scheduler.run(blocks)) return false;
    for (Block& block : blocks)
      if (!block.memory.intact(block.index)) return false;
  }
  return true;
}

}  // namespace emulator
