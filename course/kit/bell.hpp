// The bell of a pool of threads.
#pragma once

#include "kit/timing.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

// A condition variable at which one looks around for 0.2 ms before one sleeps, because waking up
// takes some tens of microseconds. One looks with the key in hand, and only now and then: others
// need it too.
class Bell : public std::condition_variable {
public:
    using std::condition_variable::wait;

    template <class Condition>
    void wait(std::unique_lock<std::mutex>& lock, Condition condition) {
        using std::chrono::microseconds;
        const auto end = std::chrono::steady_clock::now() + microseconds(200);
        while (!condition() && std::chrono::steady_clock::now() < end) {
            lock.unlock();
            do spin_until([] { return false; }, microseconds(1));
            while (!lock.try_lock());
        }
        std::condition_variable::wait(lock, condition);
    }
};
