// The hash FNV-1a of Fowler, Noll and Vo, 64 bits: a few lines that give the same number on every
// machine, which std::hash does not promise. For splits and checksums, not against attackers.
#pragma once

#include <cstdint>
#include <string>

inline std::uint64_t fnv1a(const std::string& bytes, std::uint64_t seed = 0) {
    std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
    for (char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
    return hash;
}
