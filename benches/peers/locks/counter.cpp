// A counter that threads share: counter STRATEGY THREADS UPDATES
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

template <typename Work> static void on_threads(int threads, Work work) {
    std::vector<std::thread> all;
    for (int i = 0; i < threads; i++)
        all.emplace_back(work, i);
    for (auto &thread : all)
        thread.join();
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    std::string strategy = argv[1];
    int threads = std::stoi(argv[2]);
    uint64_t updates = std::stoull(argv[3]);
    uint64_t result = 0;
    if (strategy == "mutex") {
        std::mutex mutex;
        on_threads(threads, [&](int) {
            for (uint64_t i = 0; i < updates; i++) {
                std::lock_guard guard(mutex);
                result++;
            }
        });
    } else if (strategy == "atomic") {
        std::atomic<uint64_t> counter = 0;
        on_threads(threads, [&](int) {
            for (uint64_t i = 0; i < updates; i++)
                counter.fetch_add(1, std::memory_order_relaxed);
        });
        result = counter;
    } else if (strategy == "local") {
        std::vector<uint64_t> counts(threads);
        on_threads(threads, [&](int number) {
            uint64_t mine = 0;
            for (uint64_t i = 0; i < updates; i++) {
                mine++;
                // Or the compiler would make one addition of the loop.
                asm volatile("" : "+r"(mine));
            }
            counts[number] = mine;
        });
        for (uint64_t count : counts)
            result += count;
    } else {
        return 2;
    }
    std::printf("%llu\n", static_cast<unsigned long long>(result));
}
