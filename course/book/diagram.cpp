// The transformer in one picture, from the words at the bottom to those at the top: each block is a
// link to the chapter that builds it.
#include "book/pieces.hpp"

#include "kit/text.hpp"

namespace book {

namespace {

class Diagram {
public:
    Diagram(const Links& links, int now) : links_(links), now_(now) {}
    std::string html();

private:
    static const int width = 320, height = 446, block_width = 132, side = 10;

    // The left column reads, the right one writes. Both grow upwards from `bottom_`.
    void begin_column(int x, const std::string& words);
    void block(int chapter, const std::string& label, int tall = 22, int apart = 8);
    void sublayer(int chapter, const std::string& label, const std::string& inner = "");
    void frame(int chapter, const std::string& label);
    void end_column();

    std::string state(int chapter) const;
    void rect(int x, int y, int wide, int tall);
    void text(int x, int y, const std::string& words, const std::string& extra = "");
    void link(int chapter, const std::string& label, int x, int y, int wide, int tall);
    void line(const std::string& steps) { lines_ += "<path d=\"" + steps + "\"/>\n"; }

    const Links& links_;
    int now_, x_ = 0, bottom_ = 0, layers_ = 0;
    std::string frames_, lines_, blocks_;  // as they lie on each other
};

std::string at(int x, int y) { return std::to_string(x) + " " + std::to_string(y); }
std::string is(const char* name, int value) {
    return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}
const char* const arrow_up = "m-4 5l4 -5l4 5";
const char* const arrow_right = "m-5 -4l5 4l-5 4";

std::string Diagram::state(int chapter) const {
    if (chapter == now_) return "now";
    return !links_.has_chapter(chapter) || (now_ > 0 && chapter > now_) ? "later" : "built";
}

void Diagram::rect(int x, int y, int wide, int tall) {
    blocks_ +=
        "<rect" + is("x", x) + is("y", y) + is("width", wide) + is("height", tall) + " rx=\"4\"/>";
}

void Diagram::text(int x, int y, const std::string& words, const std::string& extra) {
    blocks_ += "<text" + is("x", x) + is("y", y) + extra + ">" + as_html(words) + "</text>";
}

void Diagram::link(int chapter, const std::string& label, int x, int y, int wide, int tall) {
    const std::string number = std::to_string(chapter), href = links_.find("chapter " + number);
    blocks_ += "<a class=\"" + state(chapter) + "\"" +
               (href.empty() ? "" : " href=\"" + href + "\"") +
               (chapter == now_ ? " aria-current=\"page\"" : "") +
               (wide < block_width ? " font-size=\"11\">" : ">");
    rect(x, y, wide, tall);
    text(x + wide / 2 - 7, y + (tall < 30 ? tall / 2 : 11) + 4, label);
    text(x + wide - 11, y + (tall < 30 ? tall / 2 : 11) + 4, number, " class=\"chapter-number\"");
    blocks_ += "</a>\n";
}

void Diagram::begin_column(int x, const std::string& words) {
    x_ = x;
    bottom_ = height - 36;
    text(x + block_width / 2, bottom_ - 2, words, " class=\"words\"");
    bottom_ -= 22;
    block(17, "embedding");
    block(13, "positions", 22, 22);
    layers_ = bottom_ + 13;
}

void Diagram::block(int chapter, const std::string& label, int tall, int apart) {
    link(chapter, label, x_, bottom_ - tall, block_width, tall);
    bottom_ -= tall + apart;
}

// With the path that leads past it, on the outer side, and the norm behind it.
void Diagram::sublayer(int chapter, const std::string& label, const std::string& inner) {
    const int from = bottom_ + 6, middle = x_ + block_width / 2, tall = inner.empty() ? 22 : 46;
    const bool left = x_ < width / 2;
    block(chapter, label, tall);
    if (!inner.empty()) link(11, inner, x_ + 4, bottom_ + 30, block_width - 8, 20);
    line("M" + at(middle, from) + "H" + std::to_string(left ? x_ - 6 : x_ + block_width + 6) + "V" +
         std::to_string(bottom_ - 10) + "H" + std::to_string(left ? x_ : x_ + block_width));
    block(14, "add & norm", 20, 14);
}

void Diagram::frame(int chapter, const std::string& label) {
    bottom_ += 6;
    frames_ += "<rect class=\"frame " + state(chapter) + "\"" + is("x", x_ - side) +
               is("y", bottom_ - 20) + is("width", block_width + 2 * side) +
               is("height", layers_ - bottom_ + 20) + " rx=\"6\"/>\n";
    link(chapter, label, x_ - side, bottom_ - 20, block_width + 2 * side, 20);
    bottom_ -= 32;
}

void Diagram::end_column() {
    const int middle = x_ + block_width / 2;
    lines_ = "<path d=\"M" + at(middle, height - 54) + "V" + std::to_string(bottom_ + 4) +
             "\"/>\n" + lines_;
}

std::string Diagram::html() {
    const char* const ground[] = {"tensors", "products", "gradients", "networks"};
    for (int i = 0; i < 4; ++i) link(i + 1, ground[i], 1 + 80 * i, height - 23, 78, 22);

    begin_column(side + 1, "thought");
    sublayer(12, "multi-head", "attention");
    sublayer(14, "feed-forward");
    frame(15, "encoder layer × N");
    const int top = bottom_ + 12, reads = x_ + block_width / 2;
    bottom_ = top - 4;
    end_column();

    begin_column(width - side - 1 - block_width, "begin TH AO");
    sublayer(12, "multi-head", "masked attention");
    const int asks = bottom_ - 16;
    sublayer(12, "multi-head", "cross-attention");
    sublayer(14, "feed-forward");
    frame(16, "decoder layer × N");
    block(17, "softmax");
    end_column();
    text(x_ + block_width / 2, bottom_ - 2, "TH AO T", " class=\"words\"");
    line("M" + at(x_ + block_width / 2, bottom_ + 4) + arrow_up);
    const char* const states[][2] = {
        {"built", "built"}, {"now", "this chapter"}, {"later", "to come"}};
    for (int i = 0; i < 3 && now_ > 0; ++i) {
        blocks_ += std::string("<g class=\"") + states[i][0] + "\">";
        rect(side + 1, 20 + 22 * i, 14, 14);
        blocks_ += "</g>";
        text(side + 22, 31 + 22 * i, states[i][1], " class=\"legend\"");
    }
    line("M" + at(reads, top) + "V" + std::to_string(top - 8) + "H160V" + std::to_string(asks) +
         "H" + std::to_string(x_) + arrow_right);

    return "<figure class=\"diagram\">\n<svg viewBox=\"0 0 " + at(width, height) +
           "\" role=\"group\" aria-label=\"The transformer, and the chapter of each block\">\n" +
           frames_ + lines_ + blocks_ + "</svg>\n</figure>\n";
}

}  // namespace

std::string diagram_html(const Links& links, int chapter) { return Diagram(links, chapter).html(); }

}  // namespace book
