#include "demos/05_order/order.hpp"
#include "demos/15_reading/reading.hpp"
#include "kit/chapter.hpp"

#include <cstdio>

namespace reading {

static const int cell_steps = 350, encoder_steps = 150;

static void add_cells(std::vector<order::Line>& lines) {
    const order::Kind kinds[] = {order::plain_cell(), order::lstm("LSTM", forget_bias_for(40))};
    for (const order::Kind& kind : kinds) {
        order::Line line{kind.name, {}};
        for (const order::Length& length : order::lengths())
            line.right.push_back(order::learn(kind, length, cell_steps)->right());
        lines.push_back(line);
    }
}

static void add_encoder(std::vector<order::Line>& lines) {
    const Part whole{"nothing", {32, 1, 32, 2}};
    const Task task{"order", temporal_order::symbols().size(), 4, false, encoder_steps, {}, {}};
    order::Line line{"encoder", {}};
    for (const order::Length& length : order::lengths()) {
        Random random(15);
        const Reader net(whole, task, random);
        const training::Outcome run = order::teach(net, net.parameters(), "encoder, " + length.name,
                                                   length.level, encoder_steps, 0.003, random);
        line.right.push_back(run.curve.back().right);
    }
    lines.push_back(line);
}

void show_lengths() {
    std::vector<order::Line> lines;
    try {
        add_cells(lines);
    } catch (const Todo& missing) {
        lines.clear();
        std::printf("Exercise %s is not done, so the cells of chapter 5 are not here.\n",
                    missing.what());
    }
    add_encoder(lines);
    order::show_lengths(lines, "15_length");
}

}  // namespace reading
