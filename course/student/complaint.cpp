#include "course/student/complaint.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

// The line number in "…/01_tensors.cpp:103:5: …", 0 where the file is not named.
static int line_in(const std::string& text, const std::string& file_name) {
    const std::size_t place = text.find(file_name + ":");
    return place == std::string::npos ? 0 : std::atoi(text.c_str() + place + file_name.size() + 1);
}

// Below a message stand the code and a mark under it, indented; notes and what follows do not.
static std::string excerpt_below(const std::vector<std::string>& lines, std::size_t message) {
    std::string excerpt;
    for (std::size_t i = message + 1; i < lines.size() && i <= message + 3; ++i) {
        if (lines[i].empty() || lines[i][0] != ' ') break;
        excerpt += lines[i] + "\n";
    }
    return excerpt;
}

static Complaint first(const std::string& said, const std::string& file_name, const char* kind) {
    const std::vector<std::string> lines = lines_of(said);
    Complaint complaint;
    std::size_t place = lines.size();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t found = lines[i].find(kind);
        if (found == std::string::npos) continue;
        if (place < lines.size()) {
            ++complaint.others;
            continue;
        }
        place = i;
        const std::size_t word = lines[i].rfind(": ", found);  // "fatal error" begins earlier
        complaint.message = lines[i].substr(word == std::string::npos ? found : word + 2);
    }
    // Not in the chapter itself: which line of the chapter led there? It is named close by.
    for (std::size_t near = 0; place < lines.size() && near < 12 && complaint.line == 0; ++near)
        for (const std::size_t i : {place + near, place - near}) {
            if (i >= lines.size() || complaint.line > 0) continue;
            complaint.line = line_in(lines[i], file_name);
            if (complaint.line > 0) complaint.excerpt = excerpt_below(lines, i);
        }
    return complaint;
}

Complaint first_error(const std::string& said, const std::string& file_name) {
    Complaint complaint = first(said, file_name, "error: ");
    if (complaint.message.empty()) complaint.message = said.substr(0, said.find('\n'));
    return complaint;
}

Complaint first_warning(const std::string& said, const std::string& file_name) {
    return first(said, file_name, "warning: ");
}

std::map<int, std::string> compiler_complaints(const std::vector<Chapter>& chapters,
                                               const std::string& folder) {
    std::map<int, std::string> complaints;
    for (const Chapter& chapter : chapters) {
        std::ifstream file(folder + "/" + chapter.stem + ".txt");
        std::string text;
        for (std::string line; std::getline(file, line);) text += line + "\n";
        if (!text.empty()) complaints[chapter.number] = text;
    }
    return complaints;
}
