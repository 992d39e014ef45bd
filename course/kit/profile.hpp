// Where does the time of a training step go? While a `Profile` is alive, the thread that made it
// charges the time between one event and the next to a name. Each operation of the tape is an event
// when its value is there and when its rule has run; `charge` makes others. What is done between
// two operations, such as making a mask, counts to the later one.
#pragma once

#include "03_autodiff.hpp"

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

private:
    friend void charge(const std::string& name);

    std::map<std::string, double> seconds_;
    std::chrono::steady_clock::time_point last_;
    Profile* before_;  // the one that is alive again when this one is gone
};

// Charges the time since the last event; without a profile, nothing happens.
void charge(const std::string& name);

// What is charged between the rules: freeing memory, and whatever else keeps the tape.
extern const char* const tape_work;

// The rule, charged to the name of its operation; without a profile, the rule as it is. The time
// since the last event is charged to the name at once, because the value has just been made.
Rule watched(const std::string& name, Rule rule);
