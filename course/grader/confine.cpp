#include "course/grader/confine.hpp"

#ifdef __linux__

#include <cstdint>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The numbers of Linux's Landlock calls are the same on every processor. They stand here because
// the header is younger than the compilers that the course is built with.
static const long create_ruleset = 444, add_rule = 445, restrict_self = 446;
static const unsigned ask_version = 1;

struct Rules {
    std::uint64_t files, network, scopes;
};

struct __attribute__((packed)) FolderRule {
    std::uint64_t rights;
    std::int32_t folder;
};

static const std::uint64_t run_and_read = 1u << 0 | 1u << 2 | 1u << 3;
static const std::uint64_t rights_on_files = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 14;

static std::uint64_t all_rights(long version) {
    const int count = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    return (std::uint64_t{1} << count) - 1;
}

static void allow(int rules, const std::vector<std::string>& paths, std::uint64_t rights) {
    for (const std::string& path : paths) {
        const int file = open(path.c_str(), O_PATH | O_CLOEXEC);
        struct stat status;
        if (file >= 0 && fstat(file, &status) == 0) {
            const bool folder = S_ISDIR(status.st_mode);
            const FolderRule rule = {folder ? rights : rights & rights_on_files, file};
            syscall(add_rule, rules, 1, &rule, 0);
        }
        if (file >= 0) close(file);
    }
}

bool confine(const Allowed& allowed) {
    const long version = syscall(create_ruleset, nullptr, std::size_t{0}, ask_version);
    if (version < 1) return false;
    const std::uint64_t all = all_rights(version);
    const Rules wanted = {all, version >= 4 ? 3u : 0u, version >= 6 ? 3u : 0u};
    const int rules = static_cast<int>(syscall(create_ruleset, &wanted, sizeof wanted, 0));
    if (rules < 0) return false;
    allow(rules, allowed.read, all & run_and_read);
    allow(rules, allowed.write, all);
    const bool done =
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(restrict_self, rules, 0) == 0;
    close(rules);
    return done;
}

#else

bool confine(const Allowed&) { return false; }

#endif
