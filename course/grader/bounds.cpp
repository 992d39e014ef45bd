// Behind each piece of memory lie four more numbers, π each. Who writes one past the end of a
// tensor changes them, and the program ends when the piece is given back, in place of going on as
// if nothing had happened, because nothing of importance happened to lie there; who reads one
// gets π.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

#ifndef SANITIZED  // sanitizers see more by themselves

static const float behind[] = {3.1415927f, 3.1415927f, 3.1415927f, 3.1415927f};

// A crash is looked at once more with sanitizers in the chapter (course/student/crash.cpp).
static std::size_t room_behind() {
    static const std::size_t room = std::getenv("ASAN_OPTIONS") ? 0 : sizeof behind;
    return room;
}

void* operator new(std::size_t size) {
    const std::size_t room = room_behind();
    const std::size_t whole = size + room > 0 ? size + room : 1;
    char* piece = whole < size ? nullptr : static_cast<char*>(std::malloc(whole));
    if (!piece) throw std::bad_alloc();
    std::memcpy(piece + size, behind, room);
    return piece;
}

void operator delete(void* piece) noexcept { std::free(piece); }

void operator delete(void* piece, std::size_t size) noexcept {
    if (piece && std::memcmp(static_cast<char*>(piece) + size, behind, room_behind()) != 0) {
        std::fputs("a number was written behind the end of a tensor or a vector\n", stderr);
        std::abort();
    }
    std::free(piece);
}

#endif
