// Notices when a file of a folder is saved with another content. A new time stamp on the same
// content is no news; a file that is gone or empty is, when it stays so for a second: editors
// write a file anew, or put another in its place.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

class Saves {
public:
    explicit Saves(const std::string& folder);  // what is there now is known

    // The names of the .cpp and .hpp files whose content is new, gone files among them. Waits a
    // moment when there are some, until nothing changes any more: editors write in several steps.
    std::vector<std::string> look();

    // When the newest of them was written, in seconds since 1970.
    double newest() const { return newest_; }

private:
    struct Seen {
        std::string stamp;  // says whether a file must be read at all
        std::uint64_t content = 0;
        double missing = 0;  // since when it is gone or empty; 0: it is not
    };
    std::vector<std::string> changed();

    std::string folder_;
    std::map<std::string, Seen> files_;
    double newest_ = 0;  // seconds since 1970
};

double seconds_now();  // since 1970
