// # 2. Fast matrix products
//
// The three loops of exercise 1.5 are right, and use a hundredth of the machine. In this chapter
// you make the same product a hundred times as fast: first by the order of the loops, then by
// keeping numbers where the processor reaches them, then with all its cores. This is the ladder of
// one machine at 512 × 512, in billions of multiplications and additions a second, or *GFLOP/s*:
//
//        naive          1.0  ▎
//        loop order      19  █████▎
//        tiled           84  ███████████████████████▍
//        two threads    144  ████████████████████████████████████████
//
// You may skip this chapter on a first reading: until it is done, later chapters multiply with your
// loops of 1.5. Come back before you train something large.
//
// Needs: chapter 1.
// Check: `make check CHAPTER=02`.
// Letters: A is M × K, B is K × N, C is M × N; i counts rows of C, j columns, p runs along K.
// Minutes: about 70.

#include "02_fast_matmul.hpp"

#include "kit/bell.hpp"
#include "kit/chapter.hpp"
#include "kit/environment.hpp"
#include "kit/figure.hpp"
#include "kit/packing.hpp"
#include "kit/peak.hpp"
#include "kit/register.hpp"
#include "kit/sharing.hpp"
#include "kit/timing.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

static Tensor zeros_for_product(const char* function, const Tensor& a, const Tensor& b) {
    require_shapes(function, {{a.shape, "M K"}, {b.shape, "K N"}});
    return Tensor({a.shape[0], b.shape[1]});
}

// ## The order of the loops
//
// The product adds up the same terms, whichever way its three loops are nested:
//
//     C[i, j] += A[i, p] B[p, j]   for all i, j, p                                        (2.1)
//
// The memory is not indifferent. A processor fetches 16 floats that stand side by side at a time,
// and can multiply 4, 8 or 16 of them in one instruction. This is *SIMD*: single instruction,
// multiple data. Both help only if the innermost loop goes from each number to its neighbour.
//
// ## Exercise 2.1 — The same loops in another order
// *About 6 lines · difficulty 1 of 3 · 10 minutes*
//
// First take paper. Let A be 200 × 300 and B 300 × 500. When i grows by one, how far apart in
// memory, in numbers, are the old and the new element of A in (2.1)? Of B? Of C? And when j does,
// and when p does? Return nine steps in `steps_by_hand`: rows for i, j, p, columns for A, B, C.
//
// Your table shows which index has to run innermost. Write the product in such an order; C begins
// as zeros. The checks see results. What the order is worth, the demo shows.
Tensor matmul_reordered(const Tensor& a, const Tensor& b) {
    Tensor c = zeros_for_product("matmul_reordered", a, b);
    const int M = a.shape[0], K = a.shape[1], N = b.shape[1];
    // TODO 2.1: about 5 lines
    todo("2.1");
}

Tensor steps_by_hand() {
    // TODO 2.1: three rows of three
    todo("2.1");
}

// ## A tile that stays in registers
//
// For every multiplication the new order reads a number of B, reads a number of C and writes it
// back. A processor multiplies far faster than that. It also has a few places that cost nothing to
// reach, its *registers*: 16 or 32, each for 4, 8 or 16 floats. So compute a small *tile* of C from
// beginning to end, keep its sums in registers, and touch C once, when they are done:
//
//     tile[i, j] = Σ_(p=0)^(K − 1) A[i, p] B[p, j]   for a few i and j                    (2.2)
//
// With R rows and S columns, each p costs R + S numbers to read and buys R · S multiplications: the
// larger the tile, the better the bargain, until its sums no longer fit. The sizes below fill 12 of
// 16 registers, or 16 of 32, and leave the others to the numbers of A and B.
static constexpr int tile_rows = register_size == 16 ? 8 : 6;  // of those with 16 there are 32
static constexpr int tile_registers = 2, tile_columns = tile_registers * register_size;
Shape tile_shape() { return {tile_rows, tile_columns}; }

// ## Exercise 2.2 — One tile of C
// *About 9 lines · difficulty 2 of 3 · 15 minutes*
//
// A `View` is a matrix read in place: a pointer, its size, and the steps to the next row and to the
// next column. A(i, p) is `A.data[i * A.row_step + p * A.column_step]`, so A may be a part of
// another matrix, or its transpose; likewise C(i, j). Both are as large as a tile. The numbers of B
// stand in the order in which a tile uses them: row after row, `tile_columns` of each.
//
// A compiler does not always find SIMD by itself. A `Register` asks for it: it is `register_size`
// floats, and +, += and `float * Register` treat them all at once. `load(p)` fetches as many from p
// on, `store(r, p)` puts them back. Compute (2.2) in the array `sum`, with K = `A.columns`. Then
// add `sum` to C, whose rows are `C.row_step` numbers apart.
void multiply_tile(View A, const float* b, MutableView C) {
    Register sum[tile_rows][tile_registers] = {};
    // TODO 2.2: about 9 lines
    todo("2.2");
}

// ## Blocks, and what is left over
//
// What the tiles ask for should be in a *cache*, a small fast memory beside the core. So cut the
// product into *blocks* that fit there: at most `block_m` rows of A, `block_n` columns of B and
// `block_k` terms of the sums. Two functions are given; their bodies stand under "Faster".
static constexpr int block_m = 48, block_n = 768, block_k = 512;
static_assert(block_m % tile_rows == 0 && block_n % tile_columns == 0, "blocks are whole tiles");

// Copies a block of B into the order in which the tiles use it. This *packing* seems a waste, and
// pays for itself: each copied number serves many rows of A.
static void pack_block(View B, float* b);

// C += A B for a block, with B packed: calls your `multiply_tile` for every tile of C.
static void multiply_block(View A, const float* b, MutableView C);

// ## Exercise 2.3 — Blocks, and what is left over
// *About 9 lines · difficulty 2 of 3 · 15 minutes*
//
// A first draft; `part(B, k, n, rows, columns)` is the part of B that begins at row k, column n:
//
//        for (int m = 0; m < M; m += block_m)
//          for (int n = 0; n < N; n += block_n)
//            for (int k = 0; k < K; k += block_k) {
//              pack_block(part(B, k, n, block_k, block_n), b);
//              multiply_block(part(A, m, k, block_m, block_k), b,
//                             part(C, m, n, block_m, block_n));
//            }
//
// Find its two faults. The first makes it wrong: what happens at M = 50? (A block that is not whole
// is allowed. `std::min` is the word to remember.) The second makes it slow: at M = 512, how often
// is the same block of B packed? In which order must the loops stand, and where among them the
// packing, so that it happens once? Write it without both.
void multiply_add_one_thread(View A, View B, MutableView C) {
    require_product("multiply_add", A, B, C);
    const int M = C.rows, K = A.columns, N = C.columns;
    float* const b = room_of_thread<block_n * block_k>();
    // TODO 2.3: about 9 lines
    todo("2.3");
}

Tensor matmul_tiled(const Tensor& a, const Tensor& b) {
    Tensor c = zeros_for_product("matmul_tiled", a, b);
    multiply_add_one_thread(view(a), view(b), view(c));
    return c;
}

// ## A pool of threads
//
// The other cores are still idle. To start a thread takes longer than many of our products, so we
// start one per core, once, and let them wait for work. A *job* is one call of `parallel_for`: a
// function and how many times to call it. A free thread takes the next number, until all are gone.
struct Job {
    const std::function<void(int)>& body;
    const int count;
    std::atomic<int> next{0};    // the first number that nobody has taken
    int helpers = 0;             // workers inside this job; guarded by the pool's mutex
    std::exception_ptr error{};  // the first that a body threw; guarded too
};

static thread_local bool inside_body = false;  // is this thread in the middle of a job?

// A *condition variable* is a bell and a mutex is the key to the room. A thread that waits must
// look around with the key in hand, and again whenever it wakes. The bell may have rung before it
// began to wait: then nobody rings again, and it sleeps for ever (a *lost wake-up*). Or it wakes
// though nobody rang (a *spurious wake-up*). `wait(lock, condition)` looks both times, and gives
// the key away while it sleeps; what the condition reads may change only in hands that hold it.
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
    std::condition_variable news_;  // rung when a job is announced
    Bell all_left_;                 // a condition variable too: the last helper leaves a job
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

// The life of a worker: wait for news, join the job, work, leave. To be woken takes some tens of
// microseconds, so it looks out for 0.2 ms before it sleeps, and so does the caller at a `Bell`.
void ThreadPool::serve() {
    for (int heard = 0;;) {
        spin_until([&] { return announced_ != heard; }, std::chrono::microseconds(200));
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

// ## Exercise 2.4 — A race to find
// *About 6 lines · difficulty 3 of 3 · 15 minutes*
//
// `run` is a job from the caller's side: announce it, work along, and wait for the helpers.
//
//        announce(&job, false);
//        work(job);
//        while (job.helpers > 0) std::this_thread::yield();
//        if (job.error) std::rethrow_exception(job.error);
//
// This works for a while. Then, once, the program crashes in a job that is over. (`job` lives in
// the caller's frame, and is gone when `run` returns.) Draw two columns, the caller and a worker
// who wakes late, and find the moment. Who may still read `job_`, and when? Which of the four lines
// reads what only a holder of the key may read? Let neither happen, and let the caller wait asleep.
//
// A *race* is two threads at one place, with nothing that says who comes first. No check of results
// can see a race that happened not to happen. Here only your drawing counts.
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
    static const double cores = from_environment("THREADS", std::thread::hardware_concurrency());
    static const int all = static_cast<int>(std::clamp(cores, 1.0, 1024.0));
    return wanted_threads > 0 ? wanted_threads.load() : all;
}

long shared_jobs() { return jobs; }

// Some calls are not worth sharing, and some must not be: a body that waited for other bodies of
// its own pool would wait for itself. They run where they are.
void fast::parallel_for(int count, const std::function<void(int)>& body) {
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
// Two threads that add to the same number of C at once lose one of the sums, and not every time.
// This is a *data race*, the mistake that testing finds last. It cannot happen when every element
// of C belongs to one thread. So cut C into bands, of rows or of columns, whichever it has more of;
// each is a product of its own. An element is the sum of the same terms in the same order, wherever
// it is computed: the result has the same bits for any number of threads.
//
// ## Exercise 2.5 — The parallel product
// *About 11 lines · difficulty 2 of 3 · 15 minutes*
//
// How long is a band? There are at most as many as threads. Each is a whole number of tiles, at
// least one; all are equally long, but the last may be shorter; and they are as short as that
// allows, so that nobody waits for long. First do it on paper, for 100 rows, tiles of 4 rows and 3
// threads. Then find `band_length` for all sizes. (In C++, 25/3 is 8.)
int band_length(int length, int tile, int threads) {
    // TODO 2.5: about 3 lines
    todo("2.5");
}

// Then call `multiply_add_one_thread` for each band, from `parallel_for`. Which part of A does a
// band of rows need, which of B, which of C? And a band of columns? `part` cuts them out.
void fast::multiply_add(View A, View B, MutableView C) {
    require_product("multiply_add", A, B, C);
    const int M = C.rows, K = A.columns, N = C.columns;
    // What is too small to share? The first product for which that is in doubt tries it out.
    static WorthSharing worth_sharing;  // in course/kit/sharing.hpp
    const int all = inside_body ? 1 : num_threads();
    const int threads = all > 1 && worth_sharing(1.0 * M * N * K, fast::multiply_add) ? all : 1;
    const bool by_rows = M >= N;
    const int length = by_rows ? M : N;
    const int band = band_length(length, by_rows ? tile_rows : tile_columns, threads);
    // TODO 2.5: about 8 lines; band number `index` begins at index · band
    todo("2.5");
}

// ## What later chapters call
//
// They call `multiply_add` and `parallel_for` without `fast::`. These try yours once, on something
// tiny. If that meets a TODO they do the plain thing: the product of chapter 1, and a loop.
static bool is_done(void (*attempt)()) {
    try { attempt(); return true; } catch (const Todo&) { return false; }
}

static Tensor copied(View v) {
    Tensor x({v.rows, v.columns});
    for (int i = 0; i < x.size(); ++i) x.data[i] = v(i / v.columns, i % v.columns);
    return x;
}

void multiply_add(View A, View B, MutableView C) {
    static const bool done = is_done([] {
        Tensor x({1, 1});
        fast::multiply_add(view(x), view(x), view(x));
    });
    if (done) return fast::multiply_add(A, B, C);
    require_product("multiply_add", A, B, C);
    const Tensor product = matmul_naive(copied(A), copied(B));
    for (int i = 0; i < product.size(); ++i) C(i / C.columns, i % C.columns) += product.data[i];
}

Tensor matmul(const Tensor& a, const Tensor& b) {
    Tensor c = zeros_for_product("matmul", a, b);
    multiply_add(view(a), view(b), view(c));
    return c;
}

void parallel_for(int count, const std::function<void(int)>& body) {
    static const bool done = is_done([] { fast::parallel_for(2, [](int) {}); });
    if (done) return fast::parallel_for(count, body);
    for (int i = 0; i < count; ++i) body(i);
}

// ## See it
//
// The demo climbs the ladder of the first page; the dashed line in its picture is the most that one
// core can do. Before you run `make demo CHAPTER=02`, guess: which step multiplies the speed most,
// and how near will the tiles come to the line?
//
// ## Experiment
//
// Change `n` from 512 to 64. How many GFLOP/s does the last rung make then?
static const int n = 512;
static const double predicted = NAN;  // your number, such as 110.0

static const Demo demo("02", [] {
    Tensor a({n, n}), b({n, n});
    for (int i = 0; i < n * n; ++i) a.data[i] = 0.01f * (i % 89), b.data[i] = 0.01f * (i % 97);
    const auto gflops = [&](Tensor (*product)(const Tensor&, const Tensor&)) {
        return 2.0 * n * n * n / median_seconds([&] { product(a, b); }) / 1e9;
    };
    const std::string threads = std::to_string(num_threads()) + " threads";
    const figure::Names names = {"naive", "loop order", "tiled", threads};
    const figure::Values ladder = {gflops(matmul_naive), gflops(matmul_reordered),
                                   gflops(matmul_tiled), gflops(matmul)};
    const double peak = measured_peak();

    std::printf("%d × %d, in billions of operations a second (GFLOP/s):\n%s", n, n,
                figure::text_bars(names, ladder).c_str());
    std::printf("one core can do at most %.0f\n", peak);
    compare("GFLOP/s of the last rung", predicted, ladder.back());
    const std::string picture =
        figure::horizontal_bars({"The product of two square matrices", "GFLOP/s"}, names, ladder,
                                peak, "one core's peak");
    std::printf("\npicture: %s\n", figure::save("02_ladder", picture).c_str());
});

// ## Faster
//
// What each rung bought, where one core can make 104 GFLOP/s; your numbers will differ, their order
// should not. Naive, 1.0: one number at a time, down a column. Loop order, 19: SIMD, but C is read
// and written each time. Tiled, 84: the sums stay in registers, and B comes from a cache.
//
// What brings the tiles to 84 is in course/kit/packing.hpp. `pack_rows` cuts a view into *panels*,
// each of as many rows as a tile has. B goes by columns, so its transpose is packed. A panel of B
// (32 or 64 KiB) then stays in the second cache, the block of B (1.5 MiB) in that or in the third.
static void pack_block(View B, float* b) { pack_rows<tile_columns>(transposed(B), b); }

// At the edges of C a whole tile is computed beside it, and its part added. An A that serves many
// columns is packed as well. `flatten`: with the tiles inside, no view goes through memory.
[[gnu::flatten]] static void multiply_block(View A, const float* b, MutableView C) {
    float* const packed = room_of_thread<block_m * block_k>();
    const auto tile = [](View a, const float* from, MutableView c) { multiply_tile(a, from, c); };
    multiply_in_tiles<tile_rows, tile_columns>(tile, A, b, C, packed);
}

// ## Questions
//
// 1. How many numbers does a tile of 6 × 16 read for each p, and how many multiplications does it
//    make with them? How many does a tile of 1 × 96, which needs as many registers?
// 2. What breaks if two threads share the *terms* of the sums, each adding its half to all of C?
//    What is still lost if a mutex guards every addition?
// 3. Look at the demo's picture. Two threads reach less than twice what one does. Name two reasons.
// 4. Would it help the naive product to transpose B first and multiply row by row? Think of the
//    memory, and of the order in which floats are added. May a compiler change that order?
//
// ## Where it comes from
//
// - Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): blocks,
//   packing and one small tile, as nearly all fast products have been made since.
// - Dijkstra, "Cooperating sequential processes" (1965): how programs share one thing without a
//   race. Hoare, "Monitors" (1974): the condition variable.
//
// ## What you have now
//
// The product on which everything else stands, at four fifths of what a core can do, and
// `parallel_for`. Chapter 3 finds the product's gradients, with two more products.
