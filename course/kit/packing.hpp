// The numbers of a matrix in the order in which the fast product of chapter 2 uses them, and that
// product for one block, tile by tile.
#pragma once

#include "kit/view.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

// Room for so many packed numbers: every thread has its own, made when it first needs it.
template <int size>
float* room_of_thread() {
    struct Room {
        alignas(64) float numbers[size];
    };
    static thread_local const std::unique_ptr<Room> room(new Room);
    return room->numbers;
}

// Cuts the rows of a view into *panels* of `width` rows, each stored column by column. Where the
// rows end inside a panel, zeros fill it, so that every panel is whole.
template <int width>
void pack_rows(View v, float* to) {
    for (int first = 0; first < v.rows; first += width, to += width * v.columns) {
        const float* from = v.data + first * v.row_step;
        const int filled = std::min(width, v.rows - first);
        if (filled < width) std::fill_n(to, width * v.columns, 0.0f);
        const bool neighbours = filled == width && v.row_step == 1;
        for (int p = 0; p < v.columns; ++p) {
            const float* in = from + p * v.column_step;
            float* out = to + p * width;
            if (neighbours)
                std::memcpy(out, in, width * sizeof(float));
            else
                for (int i = 0; i < filled; ++i) out[i] = in[i * v.row_step];
        }
    }
}

// A row may still be in the main memory. Asked for early, at both ends, it is there in time.
inline void ask_for_rows(MutableView v) {
#if defined(__GNUC__)
    for (float* row = v.data; row < v.data + v.rows * v.row_step; row += v.row_step) {
        __builtin_prefetch(row);
        __builtin_prefetch(row + v.columns - 1);
    }
#endif
}

// At the right and at the lower edge a whole tile would reach outside of C. It is computed beside
// C, and the part that exists is added.
template <int tile_rows, int tile_columns, class Tile>
void multiply_edge(Tile one_tile, View A, const float* b, MutableView C) {
    float tile[tile_rows * tile_columns] = {};
    one_tile(A, b, MutableView{tile, tile_rows, tile_columns, tile_columns, 1});
    float* c = C.data;
    for (int i = 0; i < C.rows; ++i, c += C.row_step)
        for (int j = 0; j < C.columns; ++j) c[j] += tile[i * tile_columns + j];
}

// C += A B for a block, of which B is packed. A tile needs one number of A at a time, so A stays
// where it is, with two exceptions. The rows that are left over are packed, because a tile reads
// whole panels. And an A that serves many columns is packed whole: rows that lie a power of two
// apart fall into the same cache set and push each other out. With a transposed A this pays sooner,
// for its numbers are all far apart. `packed` has room for all of A, in whole panels.
template <int tile_rows, int tile_columns, class Tile>
void multiply_in_tiles(Tile one_tile, View A, const float* b, MutableView C, float* packed) {
    const int many_columns = A.row_step == 1 ? 128 : 512;
    const int depth = A.columns;
    const int in_place = C.columns >= many_columns ? 0 : A.rows / tile_rows * tile_rows;
    pack_rows<tile_rows>(part(A, in_place, 0, A.rows - in_place, depth), packed);
    const auto panel = [&](int i) {  // rows i to i + tile_rows − 1
        if (i < in_place) return part(A, i, 0, tile_rows, depth);
        return View{packed + (i - in_place) * depth, tile_rows, depth, 1, tile_rows};
    };
    for (int j = 0; j < C.columns; j += tile_columns, b += tile_columns * depth)
        for (int i = 0; i < C.rows; i += tile_rows) {
            const int rows = std::min(tile_rows, C.rows - i);
            const int columns = std::min(tile_columns, C.columns - j);
            const MutableView c = part(C, i, j, rows, columns);
            ask_for_rows(c);
            if (rows < tile_rows || columns < tile_columns)
                multiply_edge<tile_rows, tile_columns>(one_tile, panel(i), b, c);
            else one_tile(panel(i), b, c);
        }
}
