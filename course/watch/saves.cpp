#include "watch/saves.hpp"

#include "kit/hash.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/stat.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

static double seconds(const struct timespec& time) {
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double seconds_now() {
    using namespace std::chrono;
    return duration<double>(system_clock::now().time_since_epoch()).count();
}

static std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

Saves::Saves(const std::string& folder) : folder_(folder) { changed(); }

std::vector<std::string> Saves::changed() {
    static const std::uint64_t empty = fnv1a("");
    std::map<std::string, Seen> now;
    std::vector<std::string> names;
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, gone)) {
        const std::string path = entry.path().string(), name = entry.path().filename().string();
        const std::string kind = entry.path().extension().string();
        struct stat about;
        if ((kind != ".cpp" && kind != ".hpp") || name[0] == '.' || name[0] == '#' ||
            stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode))
            continue;
        const auto found = files_.find(name);
        const Seen before = found == files_.end() ? Seen{} : found->second;
        if (about.st_size == 0 && before.content != 0 && before.content != empty) continue;
        std::ostringstream stamp;
        stamp.precision(20);
        stamp << about.st_ino << ' ' << about.st_size << ' ' << seconds(about.st_mtim) << ' '
              << seconds(about.st_ctim);
        now[name] = {stamp.str(), before.content};
        if (stamp.str() == before.stamp) continue;
        now[name].content = fnv1a(read_file(path));
        if (now[name].content == before.content) continue;
        names.push_back(name);
        newest_ = seconds(about.st_mtim);
    }
    for (const auto& [name, seen] : files_) {
        if (now.count(name) > 0 || seen.content == empty) continue;
        const double since = seen.missing > 0 ? seen.missing : seconds_now();
        const bool told = seconds_now() - since > 1;
        now[name] = {"", told ? empty : seen.content, since};
        if (!told) continue;
        names.push_back(name);
        newest_ = since;
    }
    files_ = now;
    return names;
}

std::vector<std::string> Saves::look() {
    std::vector<std::string> files = changed(), more = files;
    for (int round = 0; round < 10 && !more.empty(); ++round) {
        poll(nullptr, 0, 20);
        more = changed();
        files.insert(files.end(), more.begin(), more.end());
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    return files;
}
