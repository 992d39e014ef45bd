#include "kit/profile.hpp"

const char* const graph_work = "graph";

static thread_local Profile* at_work = nullptr;

Profile::Profile() : last_(std::chrono::steady_clock::now()), before_(at_work) { at_work = this; }

Profile::~Profile() { at_work = before_; }

bool Profile::alive() { return at_work != nullptr; }

void charge_time(const std::string& name) {
    if (!at_work) return;
    const auto now = std::chrono::steady_clock::now();
    at_work->seconds_[name] += std::chrono::duration<double>(now - at_work->last_).count();
    at_work->last_ = now;
}
