// Where pictures go.
#include "kit/figure.hpp"
#include "kit/whole_file.hpp"

#include <filesystem>

namespace figure {

static std::string folder = "build/figures";

void set_folder(const std::string& path) { folder = path; }

std::string save(const std::string& name, const std::string& svg) {
    const std::string path = folder + "/" + name + ".svg";
    std::error_code ignored;  // without the folder, the file cannot be written
    std::filesystem::create_directories(folder, ignored);
    write_file(path, svg);
    return path;
}

}  // namespace figure
