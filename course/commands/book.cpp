// course-solved book: weaves the chapters into pages.

#include "book/book.hpp"
#include "commands/commands.hpp"

#include <filesystem>

namespace fs = std::filesystem;

namespace commands {

// Of this course, or of a copy with a build/ in it.
static int book(const Arguments& arguments) {
    const std::string& edition = arguments.edition;
    if (edition != "student" && edition != "instructor")
        throw UsageError("no edition '" + edition + "'; there are student and instructor");
    const bool own = arguments.course == root;
    const std::string programs = own ? build : arguments.course + "/build";
    if (!fs::exists(programs + "/course-solved"))
        throw UsageError("the book shows the solutions' demos; `make book` builds them first");
    return write_book({arguments.course, programs,
                       edition == "student" ? Edition::student : Edition::instructor});
}

static const Command book_command("book", book);

}  // namespace commands
