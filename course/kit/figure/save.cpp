// Where pictures go.
#include "kit/figure.hpp"

#include <cstdio>
#include <ctime>
#include <filesystem>
#include <stdexcept>

using Text = std::string;

namespace figure {

static Text folder = "build/figures";

void set_folder(const Text& path) { folder = path; }

Text save(const Text& name, const Text& svg) {
    std::timespec now = {};
    std::timespec_get(&now, TIME_UTC);
    const Text path = folder + '/' + name + ".svg";
    const Text draft = path + '.' + std::to_string(now.tv_nsec) + ".part";
    std::error_code error, ignored;
    std::filesystem::create_directories(folder, error);
    std::FILE* const file = error ? nullptr : std::fopen(draft.c_str(), "wb");
    bool written = file && std::fwrite(svg.data(), 1, svg.size(), file) == svg.size();
    if (file) written = std::fclose(file) == 0 && written;
    if (written) std::filesystem::rename(draft, path, error);
    if (written && !error) return path;
    if (file) std::filesystem::remove(draft, ignored);
    throw std::runtime_error("figure::save: cannot write " + path + ": " +
                             (error  ? error.message()
                              : file ? "the disk may be full"
                                     : "the folder is not writable"));
}

}  // namespace figure
