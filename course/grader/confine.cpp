#include "grader/confine.hpp"
#include "kit/places.hpp"

#include <cstdlib>

std::vector<std::string> system_and(const std::vector<std::string>& more) {
    std::vector<std::string> all = {"/bin", "/lib", "/lib64", "/etc/ld.so.cache"};
    for (const char* folder : {"bin", "lib", "lib64", "lib32", "libexec", "include", "share"}) {
        all.push_back(std::string("/usr/") + folder);
        all.push_back(std::string("/usr/local/") + folder);
    }
    const std::string compiler = places::compiler_file;  // with libraries of its own: /opt/gcc-13
    if (compiler.rfind("/opt/", 0) == 0) all.push_back(compiler.substr(0, compiler.find('/', 5)));
    for (const char* file : {"/sys/devices/system/cpu", "/proc/self", "/dev/null", "/dev/urandom"})
        all.push_back(file);
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

SmallEnvironment::SmallEnvironment(std::vector<std::string> kept) {
    for (const char* name : {"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}) kept.push_back(name);
    for (const std::string& name : kept)
        if (const char* value = std::getenv(name.c_str())) texts_.push_back(name + "=" + value);
    for (std::string& text : texts_) variables_.push_back(&text[0]);
    variables_.push_back(nullptr);
}

#ifdef __linux__

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
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

// ## Alone: a filter of the calls to the kernel (seccomp)

#if defined(__x86_64__)
static const std::uint32_t processor = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const std::uint32_t processor = AUDIT_ARCH_AARCH64;
#else
static const std::uint32_t processor = 0;
#endif

// The calls that are refused. Younger ones than the header that the course is built with have the
// same number on every processor.
static const long refused[] = {
#ifdef SYS_fork
    SYS_fork, SYS_vfork, SYS_chmod, SYS_chown, SYS_lchown,
#endif
    SYS_fchmod, SYS_fchmodat, 452 /* fchmodat2 */, SYS_fchown, SYS_fchownat,
    // Of the grader, too:
    SYS_setpriority, SYS_ioprio_set, SYS_sched_setaffinity, SYS_sched_setscheduler,
    SYS_sched_setparam, SYS_sched_setattr, SYS_socket, SYS_tkill, SYS_ptrace,
    // These would outlive it:
    SYS_shmget, SYS_semget, SYS_msgget, SYS_mq_open, SYS_add_key,
    // Other people's keys, and memory that no limit counts:
    SYS_keyctl, SYS_request_key, SYS_memfd_create, 447 /* memfd_secret */, SYS_userfaultfd,
    SYS_unshare, SYS_setns, SYS_bpf, SYS_perf_event_open, 425 /* io_uring_setup */,
    434 /* pidfd_open */};
static const long clone3 = 435;

namespace {

class Filter {
public:
    void add(int code, std::uint32_t number, int if_so = 0, int if_not = 0) {
        steps_.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(if_so),
                          static_cast<std::uint8_t>(if_not), number});
    }
    void load(std::size_t place) {
        add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(place));
    }
    void answer(std::uint32_t what) { add(BPF_RET | BPF_K, what); }

    void refuse(long call, int error = EPERM) {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1);
        answer(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error));
    }

    // The call may be made when its first argument passes the test, or when it does not.
    void refuse_unless(long call, int test, std::uint32_t number, bool passes = true) {
        add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4);
        load(offsetof(seccomp_data, args));
        add(BPF_JMP | test | BPF_K, number, passes ? 0 : 1, passes ? 1 : 0);
        answer(SECCOMP_RET_ALLOW);
        answer(SECCOMP_RET_ERRNO | EPERM);
    }

    void install() {
        const sock_fprog program = {static_cast<unsigned short>(steps_.size()), steps_.data()};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    }

private:
    std::vector<sock_filter> steps_;
};

}  // namespace

// What the superuser may do, but for reading files that belong to others.
static void drop_privileges() {
    struct __user_cap_header_struct who = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct held[2] = {};
    const std::uint32_t kept = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_capget, &who, held) != 0) return;
    held[0] = {held[0].effective & kept, held[0].permitted & kept, 0};
    held[1] = {0, 0, 0};
    syscall(SYS_capset, &who, held);
}

void be_alone() {
    drop_privileges();
    if (processor == 0) return;
    Filter filter;
    filter.load(offsetof(seccomp_data, arch));
    filter.add(BPF_JMP | BPF_JEQ | BPF_K, processor, 1, 0);
    filter.answer(SECCOMP_RET_KILL);  // the calls of another processor have other numbers
    filter.load(offsetof(seccomp_data, nr));
    filter.add(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);  // and so do these
    filter.answer(SECCOMP_RET_KILL);
    for (long call : refused) filter.refuse(call);
    filter.refuse(clone3, ENOSYS);  // then the older call is tried, whose arguments can be seen
    filter.refuse_unless(SYS_clone, BPF_JSET, CLONE_THREAD);
    const std::uint32_t self = static_cast<std::uint32_t>(getpid());
    for (long call : {SYS_kill, SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo})
        filter.refuse_unless(call, BPF_JEQ, self);
    filter.refuse_unless(SYS_prlimit64, BPF_JEQ, 0);  // its own, which it can only lower
    filter.refuse_unless(SYS_prctl, BPF_JEQ, PR_SET_PDEATHSIG, false);  // it dies with its grader
    filter.answer(SECCOMP_RET_ALLOW);
    filter.install();
}

#else

bool confine(const Allowed&) { return false; }

void be_alone() {}

#endif
