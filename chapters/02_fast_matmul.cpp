// # 2. Fast matrix products
//
// The three loops of exercise 1.5 are right, and use a hundredth of the machine. In this chapter
// the same product gets a hundred times as fast: first by changing the order of the loops, then by
// keeping numbers where the processor can reach them, then with all its cores. The ladder on two
// cores at 512 × 512, in billion multiplications and additions a second, or *GFLOP/s*:
//
//        naive          1  ▏
//        loop order    17  ███████
//        tiled         71  ██████████████████████████████
//        two threads  115  ████████████████████████████████████████████████
//
// Needs: chapter 1.
// Check: `make check CHAPTER=02`.
// Letters: A is M × K, B is K × N, C is M × N; i counts rows of C, j columns, p runs along K.

#include "02_fast_matmul.hpp"

#include "kit/chapter.hpp"
#include "kit/figure.hpp"
#include "kit/timing.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

// All products of this chapter begin with the same test of the shapes, and with a C of zeros.
static Tensor zeros_for_product(const char* function, const Tensor& a, const Tensor& b) {
    require_shapes(function, {{a.shape, "M K"}, {b.shape, "K N"}});
    return Tensor({a.shape[0], b.shape[1]});
}

// ## The order of the loops
//
// The product is a sum over p for every i and j, and the sum does not care in which order the
// three loops are nested. The memory does. A processor fetches 16 neighbouring floats at a time and
// multiplies 4, 8 or 16 in one instruction. In the order i, j, p the innermost loop walks
// down a *column* of B: every step lands N floats further on, uses one of the 16 it fetched, and no
// two of its numbers are neighbours. In the order i, p, j it walks along a row of B and a row of C:
//
//     C[i, ·] += A[i, p] B[p, ·]   for all p                                              (2.1)
//
// A number times a row, added to a row: the compiler can turn that loop into wide instructions.
//
// ## Exercise 2.1 — The same loops in another order
// *About 5 lines · difficulty 1 of 3 · 10 minutes*
//
// Write (2.1). C is full of zeros when you begin. The checks see results; what the order is worth,
// the demo shows.
Tensor matmul_reordered(const Tensor& a, const Tensor& b) {
    Tensor c = zeros_for_product("matmul_reordered", a, b);
    const int M = a.shape[0], K = a.shape[1], N = b.shape[1];
    // TODO 2.1: about 5 lines
    todo("2.1");
}

// ## A tile that stays in registers
//
// Count what (2.1) asks of the memory: for every multiplication it reads a number of B, reads a
// number of C and writes it back. A processor can multiply far faster than it can do that. It also
// has a few places that cost nothing to reach, its *registers*: 16 or 32 of them, each holding 4, 8
// or 16 floats. So compute a small *tile* of C from beginning to end, keep its sums in registers,
// and touch C once, when they are done:
//
//     tile[i, j] = Σ_(p=0)^(K − 1) A[i, p] B[p, j]   for a few i and j                    (2.2)
//
// With R rows and S columns, each p brings in R + S numbers and pays for R · S multiplications: the
// larger the tile, the better the bargain, until its sums no longer fit. The sizes below fill
// twelve registers, or 24 of half the width, and leave the others to a and b. `#pragma omp simd`
// above a loop asks for the wide instructions, which a compiler does not always find by itself.
#if defined(__AVX512F__)
static constexpr int tile_rows = 6, tile_columns = 32;  // 16 floats to a register, or 8
#else
static constexpr int tile_rows = 4, tile_columns = 24;  // 8 floats to a register on most machines
#endif

Shape tile_shape() { return {tile_rows, tile_columns}; }

// ## Exercise 2.2 — One tile of C
// *About 6 lines · difficulty 2 of 3 · 20 minutes*
//
// A `View` is a matrix read in place: a pointer, its size, and the steps to the next row and
// column, so that A[i, p] is A.data[i · A.row_step + p · A.column_step]. Of B, `b` holds for each p
// the tile_columns numbers that are needed, one after the other: b[p · tile_columns + j] is B[p,
// j]. Compute (2.2) in the array `sum`, with K = A.columns, then add `sum` to C, whose rows are
// C.row_step numbers apart. Keep the innermost loop over j, with the pragma above it: that is the
// one with neighbours.
void multiply_tile(View A, const float* b, MutableView C) {
    float sum[tile_rows][tile_columns] = {};
    // TODO 2.2: about 6 lines
    todo("2.2");
}

// ## Packing
//
// The tile wants the numbers of B side by side, in the order in which it uses them. Somebody has to
// copy them there. It seems a waste, and pays for itself many times: each copied number is used for
// a whole column of tiles. `pack` cuts the rows of a view into *panels* of `width` rows, each
// stored p by p; where the rows end inside a panel, zeros fill it, so that a tile is always whole.
// A view with its two steps exchanged is read transposed: no transposed copy is ever made.
template <int width>
static void pack(View v, float* to) {
    for (int first = 0; first < v.rows; first += width, to += width * v.columns) {
        const float* from = v.data + first * v.row_step;
        const int filled = std::min(width, v.rows - first);
        if (filled < width) std::fill_n(to, width * v.columns, 0.0f);
        for (int p = 0; p < v.columns; ++p) {
            const float* in = from + p * v.column_step;
            float* out = to + p * width;
            if (filled == width && v.row_step == 1) std::memcpy(out, in, width * sizeof(float));
            else
                for (int i = 0; i < filled; ++i) out[i] = in[i * v.row_step];
        }
    }
}

// Of A, a tile needs one number at a time, and A may stay where it is, with two exceptions. What is
// left when the rows are no multiple of tile_rows is packed, because a tile reads whole panels. And
// an A that many tiles use is packed: rows a power of two apart evict each other from the cache.
static constexpr int many_columns = 512;

struct Rows {  // the first `whole` of them are read in place, the others packed, in panels
    View in_place;
    int whole;
    const float* packed;
};

static Rows prepare(View A, int columns, float* packed) {
    const int whole = columns >= many_columns ? 0 : A.rows / tile_rows * tile_rows;
    pack<tile_rows>(part(A, whole, 0, A.rows - whole, A.columns), packed);
    return {A, whole, packed};
}

static View panel(const Rows& A, int i) {  // rows i to i + tile_rows − 1
    const int depth = A.in_place.columns;
    return i < A.whole ? part(A.in_place, i, 0, tile_rows, depth)
                       : View{A.packed + (i - A.whole) * depth, tile_rows, depth, 1, tile_rows};
}

// At the right and lower edge a whole tile would reach outside of C. It is computed beside C, and
// the part that exists is added.
static void multiply_edge(View A, const float* b, MutableView C) {
    float tile[tile_rows * tile_columns] = {};
    multiply_tile(A, b, {tile, tile_rows, tile_columns, tile_columns, 1});
    for (int i = 0; i < C.rows; ++i)
        for (int j = 0; j < C.columns; ++j)
            C.data[i * C.row_step + j] += tile[i * tile_columns + j];
}

// A row of C may be in the main memory still. Asked for early, at both ends, it is there in time.
static void ask_for_rows(MutableView C) {
#if defined(__GNUC__)
    for (float* row = C.data; row < C.data + C.rows * C.row_step; row += C.row_step)
        __builtin_prefetch(row), __builtin_prefetch(row + C.columns - 1);
#endif
}

// All tiles of a block of C.
static void multiply_block(const Rows& A, const float* b, MutableView C) {
    for (int j = 0; j < C.columns; j += tile_columns, b += tile_columns * A.in_place.columns)
        for (int i = 0; i < C.rows; i += tile_rows) {
            const int height = std::min(tile_rows, C.rows - i);
            const int width = std::min(tile_columns, C.columns - j);
            const MutableView c = part(C, i, j, height, width);
            ask_for_rows(c);
            if (height < tile_rows || width < tile_columns) multiply_edge(panel(A, i), b, c);
            else multiply_tile(panel(A, i), b, c);
        }
}

// ## Blocks, and what is left over
//
// What the tiles ask for should be in a *cache*, a small fast memory beside the core. So the
// product is cut into blocks: at most block_k terms of the sums at a time, at most block_n columns
// of B, at most block_m rows of A. One panel of B (48 or 64 KiB of 1024 bytes) and the block of A
// (96 KiB) then stay in the second cache, the block of B (1.5 MiB) in that or the third. The tile
// *adds* to C, so a sum may come in parts; in few, since C is fetched and put back for each.
static constexpr int block_m = 48, block_n = 768, block_k = 512;
static_assert(block_m % tile_rows == 0 && block_n % tile_columns == 0, "blocks are whole tiles");

// ## Exercise 2.3 — Blocks, and what is left over
// *About 11 lines · difficulty 2 of 3 · 25 minutes*
//
// For every block of columns, beginning at column n, and every block of terms, beginning at k: pack
// that part of B; then for every block of rows, beginning at m: `prepare` that part of A in the
// buffer a, and call `multiply_block` for the part of C that begins at row m and column n. The last
// block of each kind is as long as what is left, and what is left is seldom a whole block: std::min
// is the word to remember. `part(B, k, n, depth, columns)` is the block of B that begins at row k
// and column n; B is packed by columns, so `pack<tile_columns>` gets it transposed.
static void require_product(View A, View B, MutableView C) {
    const bool inner = A.columns == B.rows, outer = A.rows == C.rows && B.columns == C.columns;
    if (inner && outer && C.column_step == 1) return;
    const auto size = [](View v) { return to_string(Shape{v.rows, v.columns}); };
    throw std::invalid_argument("multiply_add: " + size(C) + " += " + size(A) + " × " + size(B) +
                                ": the sizes do not agree, or C is transposed");
}

struct Packed {
    alignas(64) float a[block_m * block_k], b[block_n * block_k];
};

static void multiply_add_one_thread(View A, View B, MutableView C) {
    require_product(A, B, C);
    const int M = C.rows, K = A.columns, N = C.columns;
    // Every thread has buffers of its own, made when it first needs them.
    static thread_local const std::unique_ptr<Packed> packed(new Packed);
    float *a = packed->a, *b = packed->b;
    // TODO 2.3: about 11 lines
    todo("2.3");
}

Tensor matmul_tiled(const Tensor& a, const Tensor& b) {
    Tensor c = zeros_for_product("matmul_tiled", a, b);
    multiply_add_one_thread(view(a), view(b), view(c));
    return c;
}

// ## A pool of threads
//
// The other cores are still idle. Starting a thread takes longer than many of our products, so we
// start one per core, once, and let them wait for work. A *job* is one call of `parallel_for`: a
// function and how many times to call it. Whoever is free takes the next number that nobody has
// taken, until there are none.
struct Job {
    const std::function<void(int)>& body;
    const int count;
    std::atomic<int> next{0};    // the first number that nobody has taken
    int helpers = 0;             // workers inside this job; guarded by the pool's mutex
    std::exception_ptr error{};  // the first that a body threw; guarded too
};

// Checks for 0.2 ms without sleeping, because waking up takes some tens of microseconds.
template <class Condition>
static void spin_until(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(200);
    while (!holds() && std::chrono::steady_clock::now() < end) continue;
}

static thread_local bool inside_body = false;  // is this thread in the middle of a job?

// A *condition variable* is a bell and a mutex is the key to the room. A thread that waits must
// look around while it holds the key, and must look again whenever it wakes: the bell may have rung
// before it began to wait (then nobody rings again: a *lost wake-up*, and the program sleeps for
// ever), or it may ring for someone else. `wait(lock, condition)` does both, if what the condition
// reads changes only in hands that hold the key.
class ThreadPool {
public:
    explicit ThreadPool(int threads) {  // the caller of a job is one of them
        for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
    }

    ~ThreadPool() {
        announce(nullptr, true);
        for (std::thread& worker : workers_) worker.join();
    }

    int threads() const { return size_of(workers_) + 1; }

    void run(Job& job);

private:
    void announce(Job* job, bool stop) {
        const std::lock_guard<std::mutex> lock(mutex_);
        job_ = job;
        stop_ = stop;
        ++announced_;
        news_.notify_all();
    }

    void work(Job& job);
    void serve();

    std::mutex mutex_;
    std::condition_variable news_;      // rung when a job is announced
    std::condition_variable all_left_;  // rung when the last helper leaves a job
    std::atomic<int> announced_{0};
    Job* job_ = nullptr;  // what there is to do, if anything
    bool stop_ = false;
    std::vector<std::thread> workers_;
};

// Takes numbers until none is left. After an exception no further number is taken.
void ThreadPool::work(Job& job) {
    inside_body = true;
    try {
        for (int i; (i = job.next++) < job.count;) job.body(i);
    } catch (...) {
        job.next = job.count;
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!job.error) job.error = std::current_exception();
    }
    inside_body = false;
}

// The life of a worker: wait for news, join the job, work, leave.
void ThreadPool::serve() {
    for (int heard = 0;;) {
        spin_until([&] { return announced_ != heard; });
        std::unique_lock<std::mutex> lock(mutex_);
        news_.wait(lock, [&] { return announced_ != heard; });
        heard = announced_;
        if (stop_) return;
        if (!job_) continue;  // it is over already

        Job& job = *job_;
        ++job.helpers;
        lock.unlock();
        work(job);
        lock.lock();
        if (--job.helpers == 0) all_left_.notify_one();
    }
}

// ## Exercise 2.4 — A job, from the caller's side
// *About 6 lines · difficulty 3 of 3 · 30 minutes*
//
// The caller announces the job, works along, and must not return before the last helper has left:
// `job` lives in the caller's frame. When its own `work` ends, all numbers are taken but helpers
// may still be busy, and a worker that wakes late may be about to join. So, holding the mutex: take
// the job off the board (job_ = nullptr), so that nobody joins any more; wait for `all_left_` until
// there are no helpers. Then, if a body threw, throw its exception again
// (`std::rethrow_exception`). No check of results can see a race that happened not to happen: hold
// the mutex where it is needed, and know why.
void ThreadPool::run(Job& job) {
    // TODO 2.4: about 6 lines
    todo("2.4");
}

static std::atomic<int> wanted_threads{0};
static std::atomic<long> jobs{0};
static std::mutex pool_mutex;  // held by the caller whose job runs
static std::unique_ptr<ThreadPool> pool;

void set_threads(int count) {
    if (count < 0 || count > 1024)
        throw std::invalid_argument("set_threads: " + std::to_string(count) + " of 0 to 1024");
    wanted_threads = count;
}

int num_threads() {
    static const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return wanted_threads > 0 ? wanted_threads.load() : std::max(1, cores);
}

long shared_jobs() { return jobs; }

// Some calls are not worth sharing, and some must not be: a body that waited for other bodies of
// its own pool would wait for itself. They run where they are.
void parallel_for(int count, const std::function<void(int)>& body) {
    const int threads = num_threads();
    std::unique_lock<std::mutex> turn(pool_mutex, std::defer_lock);
    if (count < 2 || threads < 2 || inside_body || !turn.try_lock()) {
        for (int i = 0; i < count; ++i) body(i);
        return;
    }
    if (pool && pool->threads() != threads) pool.reset();
    if (!pool) pool = std::make_unique<ThreadPool>(threads);
    ++jobs;
    Job job{body, count};
    pool->run(job);
}

// ## The parallel product
//
// Two threads that add to the same number of C at once lose one of the sums, and not every time:
// this is a *data race*, the mistake that testing finds last. It cannot happen when every element
// of C belongs to one thread. Cut C into bands, of rows or of columns, whichever it has more of;
// each is a product of its own. An element is then the same terms added in the same order wherever
// it is computed: the result has the same bits for any number of threads.
//
// ## Exercise 2.5 — The parallel product
// *About 9 lines · difficulty 2 of 3 · 20 minutes*
//
// `length` is M or N and a band is `band` of them, a whole number of tiles. Band number `index`
// begins at index · band; the last one may be shorter. Call `multiply_add_one_thread` for each band
// from `parallel_for`. A band of rows takes those rows of A and of C, and all of B; a band of
// columns takes those columns of B and of C, and all of A. `part` cuts them out.
void multiply_add(View A, View B, MutableView C) {
    require_product(A, B, C);
    const int M = C.rows, K = A.columns, N = C.columns;
    // Below two million multiplications the threads cost more than they bring.
    const int threads = static_cast<double>(M) * N * K < 2e6 ? 1 : num_threads();
    const bool by_rows = M >= N;
    const int length = by_rows ? M : N, tile = by_rows ? tile_rows : tile_columns;
    const int tiles = (length + tile - 1) / tile;
    const int band = std::max(1, (tiles + threads - 1) / threads) * tile;
    // TODO 2.5: about 9 lines
    todo("2.5");
}

Tensor matmul(const Tensor& a, const Tensor& b) {
    Tensor c = zeros_for_product("matmul", a, b);
    multiply_add(view(a), view(b), view(c));
    return c;
}

// ## See it
//
// The demo climbs the ladder at 512 × 512; the dashed line is the most that one core can do. Before
// you run `make demo CHAPTER=02`, guess: which step brings most, and how near will tiled come?
static double gflops(Tensor (*product)(const Tensor&, const Tensor&), const Tensor& a,
                     const Tensor& b) {
    return 2e-9 * a.size() * b.shape[1] / median_seconds([&] { product(a, b); });
}

static const Demo demo("02", [] {
    const int n = 512;
    Tensor a({n, n}), b({n, n});
    for (int i = 0; i < n * n; ++i) a.data[i] = 0.01f * (i % 89), b.data[i] = 0.01f * (i % 97);
    const std::string threads = std::to_string(num_threads()) + " threads";
    const figure::Names names = {"naive", "loop order", "tiled", threads};
    const figure::Values ladder = {gflops(matmul_naive, a, b), gflops(matmul_reordered, a, b),
                                   gflops(matmul_tiled, a, b), gflops(matmul, a, b)};
    const double peak = measured_peak();

    std::printf("512 × 512, in billion operations a second (GFLOP/s):\n%s",
                figure::text_bars(names, ladder).c_str());
    std::printf("one core can do at most %.0f\n", peak);
    const std::string picture =
        figure::horizontal_bars({"The product of two 512 × 512 matrices", "GFLOP/s"}, names, ladder,
                                peak, "one core's peak");
    std::printf("\npicture: %s\n", figure::save("02_ladder", picture).c_str());
});

// ## What each rung bought
//
// The same ladder from `make bench`, at 512 × 512, where one core makes at most 100 GFLOP/s:
//
// - naive, 1: one number at a time, down a column where each step is far from the one before.
// - loop order, 17: 8 numbers at a time; but with each, C is read and written once more.
// - one tile, 23: the sums stay in registers; but every tile copies its part of B for itself.
// - tiled, 71: with blocks and packing, B is copied once, and read from a cache.
// - two threads, 115: a second core; larger products gain more by it (see question 3).
//
// Arithmetic is the limit now, since a product uses each number n times; a sum waits for memory.

// ## Questions
//
// 1. The naive product reads A along its rows and B down its columns. Would it help to transpose B
//    first and multiply row by row? Why does the compiler still not use wide instructions?
// 2. How many numbers does a tile of 4 × 24 bring in for each p, and how many multiplications does
//    it make? What would a tile of 1 × 96 have in common with it, and why is it worse?
// 3. Two threads give less than twice the speed on small products. Name two reasons.
