#!/bin/sh
# A file of weights comes from somewhere, and may hold anything. One that is cut, damaged or made on
# purpose is refused with its path, and with the tensor where there is one; and what PyTorch wrote in
# three formats (tests/pytorch/make_weights.py) is read as it was.
set -e
work=$BUILD/tests/weights
rm -rf "$work"
mkdir -p "$work"
cat > "$work/weights.cpp" << 'END'
#include "data/safetensors.hpp"
#include "kit/half.hpp"
#include "kit/whole_file.hpp"

#include <cmath>
#include <cstdio>

static int failures = 0;

static std::string little_endian(std::uint64_t number) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> 8 * i);
    return bytes;
}

// What is said of a file of these bytes, when tensor "w" is asked for.
static std::string said_of(const std::string& bytes) {
    const std::string path = FOLDER "/hostile.safetensors";
    write_file(path, bytes);
    try {
        safetensors::File(path).read("w");
        return "read";
    } catch (const std::runtime_error& error) {
        const std::string text = error.what();
        return text.compare(0, path.size(), path) == 0 ? text.substr(path.size()) : "no path: " + text;
    }
}

static void expect(const std::string& what, const std::string& bytes, const std::string& reason) {
    const std::string said = said_of(bytes);
    if (said.find(reason) != std::string::npos) return;
    std::printf("%s: said '%s', needs '%s'\n", what.c_str(), said.c_str(), reason.c_str());
    ++failures;
}

static std::string file(const std::string& header, std::size_t room) {
    return little_endian(header.size()) + header + std::string(room, '\0');
}

static std::string entry(const std::string& type, const std::string& shape, const std::string& at,
                         const std::string& name = "w") {
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + at + "}";
}

static void one(const std::string& what, const std::string& type, const std::string& shape,
                const std::string& at, std::size_t room, const std::string& reason) {
    expect(what, file("{" + entry(type, shape, at) + "}", room), reason);
}

static std::string deep(int depth) {
    return "{\"__metadata__\":" + std::string(depth, '[') + std::string(depth, ']') + "," +
           entry("F32", "[1]", "[0,4]") + "}";
}

struct Named {
    std::string name;
    Array array;
};

// Writes a file, each number as a half. The header is filled up with blanks, so that the numbers begin
// at a multiple of 8.
static void write_halves(const std::string& path, const std::vector<Named>& arrays) {
    std::string header = "{", data;
    for (const auto& [name, array] : arrays) {
        const std::size_t begin = data.size();
        for (float number : array.data) {
            const std::uint16_t half = half_of_float(number);
            data += static_cast<char>(half & 0xff);
            data += static_cast<char>(half >> 8);
        }
        std::string shape;
        for (int axis : array.shape) shape += (shape.empty() ? "" : ",") + std::to_string(axis);
        header += (header.size() > 1 ? ",\"" : "\"") + name + "\":{\"dtype\":\"F16\",\"shape\":[" +
                  shape + "],\"data_offsets\":[" + std::to_string(begin) + "," +
                  std::to_string(data.size()) + "]}";
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    std::string length;
    for (int i = 0; i < 8; ++i) length += static_cast<char>(std::uint64_t{header.size()} >> 8 * i);
    write_file(path, length + header + data);
}

// A file of one layer in the form of GPT-2, with all its tokens and as many features as a head has.
static void write_gpt2() {
    std::vector<Named> all;
    const auto add = [&](const std::string& name, const std::vector<int>& shape) {
        std::size_t count = 1;
        for (int axis : shape) count *= axis;
        Array array{shape, std::vector<float>(count)};
        for (std::size_t i = 0; i < count; ++i) array.data[i] = 0.05f * std::sin(1.0f * i * i);
        all.push_back({"transformer." + name, array});
    };
    add("wte.weight", {50257, 64}), add("wpe.weight", {40, 64}), add("h.0.attn.bias", {1, 1, 40, 40});
    for (const char* norm : {"h.0.ln_1", "h.0.ln_2", "ln_f"})
        add(std::string(norm) + ".weight", {64}), add(std::string(norm) + ".bias", {64});
    add("h.0.attn.c_attn.weight", {64, 192}), add("h.0.attn.c_attn.bias", {192});
    add("h.0.attn.c_proj.weight", {64, 64}), add("h.0.attn.c_proj.bias", {64});
    add("h.0.mlp.c_fc.weight", {64, 256}), add("h.0.mlp.c_fc.bias", {256});
    add("h.0.mlp.c_proj.weight", {256, 64}), add("h.0.mlp.c_proj.bias", {64});
    write_halves(FOLDER "/gpt2.safetensors", all);
    all.pop_back();
    write_halves(FOLDER "/gpt2_short.safetensors", all);
}

int main() {
    write_gpt2();
    const std::string good = "{" + entry("F32", "[2,3]", "[0,24]") + "}";
    expect("good", file(good, 24), "read");
    expect("metadata, blanks, another order",
           file(" { \"__metadata__\" : {\"format\": \"pt\", \"n\": [1, null, -2.5e3, {\"a\": true}]},"
                " \"w\" : {\"data_offsets\": [0, 4], \"extra\": {}, \"shape\": [ ], \"dtype\": \"F32\"}} ",
                4), "read");
    expect("no elements", file("{" + entry("F16", "[0,7]", "[0,0]") + "}", 0), "read");
    expect("a name in escapes", file("{" + entry("F32", "[1]", "[0,4]", "\\u0077") + "}", 4), "read");

    // The file as a whole.
    expect("empty", "", "less than 8 bytes");
    expect("7 bytes", "1234567", "less than 8 bytes");
    expect("no header", little_endian(0), "'{' is needed");
    expect("a text", "This is a text and holds no tensors.", "header would be longer than the file");
    for (std::uint64_t length : {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1000}})
        expect("a long header", little_endian(length) + good, "header would be longer");
    for (std::size_t cut = 1; cut < 8 + good.size() + 24; ++cut)
        if (said_of(file(good, 24).substr(0, cut)) == "read") expect("cut", "", "never read");
    expect("cut in the numbers", file(good, 23), "tensor 'w' ends 1 bytes behind the end of the file");
    expect("something behind", file(good, 25), "something behind the last tensor");

    // JSON.
    expect("cut header", file(good.substr(0, good.size() - 1), 24), "'}' is needed");
    expect("two headers", file(good + good, 24), "behind the header's last brace");
    expect("a list", file("[]", 0), "'{' is needed");
    expect("a string without end", file("{\"w", 0), "a string has no end");
    expect("a line end in a string", file("{\"w\n\":{}}", 0), "a string has a line end");
    expect("half a character", file("{\"\\ud800\":{}}", 0), "half of a character stands alone");
    expect("bad escape", file("{\"\\x\":{}}", 0), "what stands behind \\ is not known");
    expect("bad digits", file("{\"\\u12g4\":{}}", 0), "\\u needs four digits");
    expect("a zero byte", file(std::string("{\0}", 3), 0), "'\"' is needed");
    expect("20 deep", file(deep(20), 4), "read");
    expect("40 deep", file(deep(40), 4), "more than 32 deep");
    expect("a million deep", file(deep(1000000), 4), "more than 32 deep");
    expect("no end of depth", file("{\"__metadata__\":" + std::string(1000000, '{'), 0), "header, byte");
    expect("twice", file("{" + entry("F32", "[1]", "[0,4]") + "," + entry("F32", "[1]", "[4,8]") + "}", 8),
           "'w' is there twice");
    expect("a key twice", file("{\"w\":{\"shape\":[1],\"shape\":[1]}}", 4), "'shape' is there twice");
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
        std::string without = good;
        without.replace(without.find(key), 2, "XX");
        expect("a missing key", file(without, 24), std::string("tensor 'w' has no ") + key);
    }

    // Shapes and places.
    one("a negative axis", "F32", "[-1]", "[0,4]", 4, "a whole number from 0 on is needed");
    one("half an axis", "F32", "[1.5]", "[0,4]", 4, "a whole number is needed");
    one("an exponent", "F32", "[1e2]", "[0,4]", 4, "a whole number is needed");
    one("an axis in quotes", "F32", "[\"1\"]", "[0,4]", 4, "a whole number from 0 on is needed");
    one("a number of 30 digits", "F32", "[123456789012345678901234567890]", "[0,4]", 4, "too large");
    one("a large axis", "F32", "[4294967297]", "[0,4]", 4, "'w' has more than 2147483647 numbers");
    one("a product of 2⁶⁴", "F32", "[65536,65536,65536,65536]", "[0,0]", 0, "more than 2147483647");
    one("a product that overflows, times 0", "F32", "[2147483647,2147483647,0]", "[0,0]", 0, "more than");
    one("an octal", "F32", "[01]", "[0,4]", 4, "begins with 0");
    one("one place", "F32", "[1]", "[0]", 4, "tensor 'w' needs two data_offsets");
    one("three places", "F32", "[1]", "[0,4,8]", 4, "tensor 'w' needs two data_offsets");
    one("backwards", "F32", "[1]", "[4,0]", 4, "tensor 'w' ends before it begins");
    one("out of range", "F32", "[1]", "[4,8]", 4, "tensor 'w' ends 4 bytes behind the end");
    one("far out of range", "I99", "[1]", "[0,18446744073709551615]", 4, "tensor 'w' ends 1844");
    one("not its size", "F32", "[2]", "[0,4]", 4, "'w' has 4 bytes; its shape and F32 need 8");
    one("a hole", "F32", "[1]", "[4,8]", 8, "tensor 'w' leaves a hole in front of it");
    expect("overlap", file("{" + entry("F32", "[2]", "[0,8]", "v") + "," +
           entry("F32", "[2]", "[4,12]") + "}", 12), "tensor 'w' overlaps with the one before it");
    expect("inside", file("{" + entry("F32", "[4]", "[0,16]", "v") + "," +
           entry("F32", "[1]", "[4,8]") + "}", 16), "tensor 'w' overlaps with the one before it");

    // What is asked for.
    one("a type that nobody knows", "F7", "[1]", "[0,4]", 4, "tensor 'w' is of type 'F7'; F32, F16 and");
    one("whole numbers", "I64", "[1]", "[0,8]", 8, "tensor 'w' is of type 'I64'");
    expect("another name", file("{" + entry("F32", "[1]", "[0,4]", "v") + "}", 4), "'w' is not there");
    expect("another, unknown, that nobody needs", file("{" + entry("F32", "[1]", "[0,4]") + "," +
           entry("Q4", "[9]", "[4,9]", "v") + "}", 9), "read");
    expect("a name that clears the screen", file("{" + entry("F32", "[1]", "[0,9]", "\\u001b[2J") + "}", 9),
           "tensor '?[2J' has 9 bytes");

    // What PyTorch wrote, and in the end what we write ourselves.
    const safetensors::File from_pytorch("tests/pytorch/weights.safetensors");
    for (const char* type : {"F32", "F16", "BF16"}) {
        const Array read = from_pytorch.read(type), bits = from_pytorch.read(std::string(type) + " as F32");
        bool same = read.shape == bits.shape && read.data.size() == bits.data.size();
        for (std::size_t i = 0; same && i < read.data.size(); ++i)
            same = bits_of_float(read.data[i]) == bits_of_float(bits.data[i]);
        if (!same) std::printf("%s of PyTorch is read wrong\n", type), ++failures;
        if (std::string(type) != "F16") continue;
        write_halves(FOLDER "/own.safetensors", {{"a", read}, {"b", {{}, {0.1f}}}});
        const safetensors::File own(FOLDER "/own.safetensors");
        if (own.read("a").data != read.data || own.read("b").data[0] != 0.0999755859375f)
            std::printf("what was written is read wrong\n"), ++failures;
    }
    try {
        safetensors::File(FOLDER "/missing.safetensors");
        std::puts("a missing file is read"), ++failures;
    } catch (const std::runtime_error& error) {
        if (std::string(error.what()).find("cannot read " FOLDER "/missing") != 0) ++failures;
    }
    std::printf("%d files of weights are read wrong, or not refused\n", failures);
    return failures != 0;
}
END
"$CXX" -std=c++17 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Icourse \
    -DFOLDER="\"$work\"" -o "$work/weights" "$work/weights.cpp" course/data/safetensors.cpp
"$work/weights"

failures=0
says() {  # FILE PATTERN: what the demo says of such weights
    found=$(WEIGHTS="$work/$1" "$BUILD/course-solved" demo 18 2>&1 < /dev/null) || true
    echo "$found" | grep -q "$2" || {
        echo "$1: found '$found', needs $2"
        failures=$((failures + 1))
    }
}
says gpt2.safetensors '3269120 parameters: 50257 tokens, a context of 40, 64 features, 1 heads, 1 layers'
says gpt2.safetensors '"My favourite movie is"  → 3666 12507 3807 318  as published'
says gpt2.safetensors 'NOT as published of the smallest'
says gpt2_short.safetensors 'gpt2_short.safetensors: h.0.mlp.c_proj.bias is not there'
says missing.safetensors 'cannot read .*/missing.safetensors: '
head -c 1000000 "$work/gpt2.safetensors" > "$work/cut.safetensors"
says cut.safetensors "cut.safetensors: tensor 'transformer.wte.weight' ends .* bytes behind the end of the file"
echo "$failures files of weights are not run, or not refused, by the demo"
[ $failures = 0 ]
