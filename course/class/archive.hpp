// What was handed in, looked into: a folder and an archive look the same from here. Nothing is ever
// written by the names that an archive proposes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

enum class Kind { file, folder, link };

struct Entry {
    std::string name;  // with its folders, "homework/chapters/01_tensors.cpp"
    Kind kind;
    std::string own_name;  // as the archive has it, perhaps with the backslashes of Windows
    std::size_t size = 0;  // of a file in a zip, in bytes
    bool encrypted = false;
    int times = 1;  // that the name stands in the archive; the last file counts, as after tar -r
};

// ".tar.gz" of "Work.TAR.GZ"; empty when the name is not one of an archive. An archive of a kind
// that is not opened here has its ending too.
std::string archive_ending(const std::string& name);

// Throws GraderFault when this machine cannot read it, std::runtime_error when it is broken.
std::vector<Entry> entries_of(const std::filesystem::path& folder_or_archive);

const std::size_t most_entries = 20000;  // more of them are not looked at

// The text of a file in it, at most one byte more than `largest`; empty when it cannot be read.
std::string text_of(const std::filesystem::path& folder_or_archive, const Entry& entry,
                    std::size_t largest);
