#include "class/archive.hpp"

#include "class/command.hpp"
#include "kit/text.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

namespace fs = std::filesystem;

static const int deepest_folder = 5;

// ## Kinds of archives

namespace {

struct Format {
    const char* ending;
    const char* program;  // that opens it; of tar's, the one that tar needs for it
};

}  // namespace

static const Format formats[] = {{".zip", "unzip"},     {".tar.gz", "gzip"},  {".tgz", "gzip"},
                                 {".tar.bz2", "bzip2"}, {".tbz2", "bzip2"},   {".tar.xz", "xz"},
                                 {".txz", "xz"},        {".tar.zst", "zstd"}, {".tar", "tar"},
                                 {".rar", nullptr},     {".7z", nullptr},     {".gz", nullptr},
                                 {".bz2", nullptr},     {".xz", nullptr}};

static const Format* format_of(const std::string& name) {
    std::string small = name;
    for (char& letter : small) letter = std::tolower(static_cast<unsigned char>(letter));
    for (const Format& format : formats) {
        const std::string end = format.ending;
        if (small.size() > end.size() && small.substr(small.size() - end.size()) == end)
            return &format;
    }
    return nullptr;
}

std::string archive_ending(const std::string& name) {
    const Format* format = format_of(name);
    return format ? name.substr(name.size() - std::string(format->ending).size()) : "";
}

static bool is_zip(const fs::path& path) {
    return format_of(path.filename().string())->ending == std::string(".zip");
}

static bool gnu_tar() {
    static const bool gnu = run({{"tar", "--version"}}).output.find("GNU") != std::string::npos;
    return gnu;
}

// GNU's tar starts other programs, without a word of those that are missing.
static void require_opener(const fs::path& path) {
    const Format& format = *format_of(path.filename().string());
    if (!format.program)
        throw std::runtime_error("cannot be opened: hand in a .zip or .tar.gz, not a " +
                                 std::string(format.ending));
    const std::string program = is_zip(path) || gnu_tar() ? format.program : "tar";
    if (run({{program, "--help"}}).status == 127)
        throw GraderFault(program + " is not installed: make doctor says how to install it");
}

// ## Folders

static std::vector<Entry> entries_of_folder(const fs::path& folder) {
    std::vector<Entry> entries;
    std::error_code error;
    const fs::directory_iterator top(folder, error);  // may it be read at all?
    if (error) throw GraderFault(folder.string() + " cannot be read: " + error.message());
    const auto options = fs::directory_options::skip_permission_denied;
    fs::recursive_directory_iterator at(folder, options, error), end;
    for (; !error && at != end && entries.size() < most_entries; at.increment(error)) {
        std::error_code unknown;
        const fs::file_status status = at->symlink_status(unknown);
        if (at.depth() >= deepest_folder) at.disable_recursion_pending();
        const Kind kind = fs::is_directory(status)      ? Kind::folder
                          : fs::is_regular_file(status) ? Kind::file
                                                        : Kind::link;
        const std::string name = at->path().lexically_relative(folder).string();
        entries.push_back({name, kind, name});
    }
    if (error) throw GraderFault(folder.string() + " cannot be read: " + error.message());
    return entries;
}

// ## Archives

// unzip takes the last part of an archive's name for a pattern, where a letter in brackets stands
// for itself.
static std::string for_unzip(const fs::path& path) {
    std::string pattern;
    for (char letter : path.filename().string()) {
        const bool special = std::string("*?[\\").find(letter) != std::string::npos;
        const std::string once = letter == '\\' ? "\\\\" : std::string(1, letter);
        pattern += special ? "[" + once + "]" : once;
    }
    return (path.parent_path() / pattern).string();
}

static std::vector<std::string> listing_of(const std::vector<std::string>& words) {
    const Outcome listing = run({words, 60, 16u << 20, nullptr});
    if (listing.too_long)
        throw std::runtime_error("cannot be opened: " + words[0] + " did not end within a minute");
    const bool warned = words[0] == "unzip" && listing.status == 1;
    if (listing.status != 0 && !warned)
        throw std::runtime_error("cannot be opened: " + words[0] + " cannot read it");
    return lines_of(listing.output);
}

// Of names that have line breaks in them, only GNU's tar can make one line.
static std::vector<std::string> listing_of_tar(const std::string& style, const std::string& option,
                                               const std::string& path) {
    if (!gnu_tar()) return listing_of({"tar", option, path});
    return listing_of({"tar", "--quoting-style=" + style, option, path});
}

static Kind kind_of(char letter) {
    return letter == 'd' ? Kind::folder : letter == '-' || letter == '?' ? Kind::file : Kind::link;
}

// "-rw-r--r--  3.0 unx    12345 Tx defN …": the size, and a capital T or B for what is encrypted.
static void read_details(const std::string& line, Entry& entry) {
    std::istringstream words(line);
    std::string skipped, type;
    words >> skipped >> skipped >> skipped >> entry.size >> type;
    entry.encrypted = !type.empty() && std::isupper(static_cast<unsigned char>(type[0]));
    if (entry.name.find('/') == std::string::npos)
        std::replace(entry.name.begin(), entry.name.end(), '\\', '/');
}

// Two lists of the same entries: their names, and lines that begin with a letter for their kind.
static std::vector<Entry> entries_of_archive(const fs::path& archive) {
    require_opener(archive);
    const std::string path = fs::absolute(archive).string();
    std::vector<std::string> names, kinds;
    if (is_zip(archive)) {
        for (const std::string& line : listing_of({"unzip", "-Zs", for_unzip(path)}))
            if (line.size() > 10 && std::string("-dl?").find(line[0]) != std::string::npos)
                kinds.push_back(line);
        if (kinds.empty()) throw std::runtime_error("is empty");
        names = listing_of({"unzip", "-Z1", for_unzip(path)});
    } else {
        names = listing_of_tar("literal", "-tf", path);
        kinds = listing_of_tar("escape", "-tvf", path);
    }
    if (names.size() != kinds.size())
        throw std::runtime_error("has names in it that no file should have");
    std::vector<Entry> entries;
    std::map<std::string, std::size_t> place;
    for (std::size_t i = 0; i < std::min(names.size(), most_entries); ++i) {
        Entry entry{names[i], kind_of(kinds[i][0]), names[i]};
        if (is_zip(archive)) read_details(kinds[i], entry);
        const auto [before, is_new] = place.emplace(entry.own_name, entries.size());
        if (is_new) entries.push_back(entry);
        else {
            entry.times = entries[before->second].times + 1;
            entries[before->second] = entry;
        }
    }
    return entries;
}

// ## Both

std::vector<Entry> entries_of(const fs::path& folder_or_archive) {
    return fs::is_directory(folder_or_archive) ? entries_of_folder(folder_or_archive)
                                               : entries_of_archive(folder_or_archive);
}

static std::string text_in_zip(const std::string& path, const Entry& entry, std::size_t largest) {
    std::string pattern = entry.own_name;  // unzip takes its names for patterns
    for (char& letter : pattern)
        if (std::string("*?[]\\").find(letter) != std::string::npos) letter = '?';
    const Outcome read =
        run({{"unzip", "-p", for_unzip(path), pattern}, 60, largest * entry.times, nullptr});
    const bool whole = read.status == 0 || read.status == 1;  // a warning
    if (read.too_much) return std::string(largest + 1, ' ');
    if (!whole || read.output.size() < entry.size) return "";
    return read.output.substr(read.output.size() - entry.size);  // the last of that name
}

std::string text_of(const fs::path& folder_or_archive, const Entry& entry, std::size_t largest) {
    if (fs::is_directory(folder_or_archive)) {
        std::string text(largest + 1, '\0');
        std::ifstream file(folder_or_archive / entry.own_name, std::ios::binary);
        file.read(&text[0], text.size());
        text.resize(file.gcount());
        return text;
    }
    const std::string path = fs::absolute(folder_or_archive).string();
    if (is_zip(folder_or_archive)) return text_in_zip(path, entry, largest);
    std::vector<std::string> words = {"tar", "-xOf", path, "--", entry.own_name};
    if (entry.times > 1 && gnu_tar())
        words.insert(words.begin() + 1, "--occurrence=" + std::to_string(entry.times));
    const Outcome read = run({words, 60, largest, nullptr});
    return read.status == 0 || read.too_much ? read.output : "";
}
