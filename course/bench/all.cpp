#include "bench/parts.hpp"
#include "kit/places.hpp"
#include "kit/whole_file.hpp"

#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <thread>

std::string formatted(const char* format, ...) {
    char text[512];
    va_list values;
    va_start(values, format);
    std::vsnprintf(text, sizeof text, format, values);
    va_end(values);
    return text;
}

static std::string date() {
    char text[32];
    const std::time_t now = std::time(nullptr);
    std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
    return text;
}

void bench_all(const std::string& program, const std::string& file) {
    std::string json = formatted(
        "{\"date\": \"%s\", \"compiler\": \"%s\", \"flags\": \"%s\", \"cores\": %u", date().c_str(),
        places::compiler, COURSE_FLAGS, std::thread::hardware_concurrency());
    const std::vector<std::string> profiled = {"a", "gpt", "b", "c"};
    json += ",\n" + machine_part();
    json += ",\n" + products_part();
    json += ",\n" + steps_part(program);
    json += ",\n" + chapters_part(program);
    json += ",\n" + profile_part(bench_quickly() ? std::vector<std::string>{"a"} : profiled);
    json += ",\n" + growth_part(program);
    json += ",\n" + writing_part();
    json += ",\n" + attention_part();
    write_file(file, json + "}\n");
    std::printf("\nwritten to %s\n", file.c_str());
}
