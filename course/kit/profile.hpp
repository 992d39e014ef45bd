// Where does the time of a training step go? While a `Profile` is alive, the thread that made it
// charges the time between one event and the next to a name. Each operation of the graph is an
// event when its value is there and when its backward function has run; `charge_time` makes others.
// What is done between two operations, such as making a mask, counts to the later one.
#pragma once

#include <chrono>
#include <map>
#include <string>

class Profile {
public:
    Profile();
    ~Profile();
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    const std::map<std::string, double>& seconds() const { return seconds_; }

    static bool alive();

private:
    friend void charge_time(const std::string& name);

    std::map<std::string, double> seconds_;
    std::chrono::steady_clock::time_point last_;
    Profile* before_;  // the one that is alive again when this one is gone
};

// Charges the time since the last event; without a profile, nothing happens.
void charge_time(const std::string& name);

// What is charged between the backward functions: freeing memory, and whatever else keeps the
// graph.
extern const char* const graph_work;
