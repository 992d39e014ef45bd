#include "07_words.hpp"
#include "compare.hpp"

// ## Chapter 7.

static int whole(const Value& value) { return FromValue<int>::get(value); }

static Values average(const Values& in) {  // table, texts, padding, dy
    const Variable table = parameter(in[0].tensor);
    const Variable x = average_of_words(table, FromValue<Sequences>::get(in[1]), whole(in[2]));
    backward(sum(x * in[3].tensor));
    return {to_value(x.value()), to_value(table.gradient())};
}

static Values noise(const Values& in) {  // counts
    const std::vector<double> up_to = noise_up_to(FromValue<std::vector<int>>::get(in[0]));
    return {to_value(Tensor({size_of(up_to)}, {up_to.begin(), up_to.end()}))};
}

static Values skip_gram(const Values& in) {  // words, contexts, word, others, rate
    Tensor words = in[0].tensor, contexts = in[1].tensor;
    const double loss = skip_gram_step(words, contexts, whole(in[2]),
                                       FromValue<Sequence>::get(in[3]), in[4].number);
    return {to_value(loss), to_value(words), to_value(contexts)};
}

static Values cosines(const Values& in) {  // table, direction: unit rows, and rows by their cosine
    const Sequence order = nearest(in[0].tensor, in[1].tensor, in[0].tensor.shape[0], {});
    return {to_value(unit_rows(in[0].tensor)),
            to_value(Tensor({size_of(order)}, {order.begin(), order.end()}))};
}

static Values components(const Values& in) {  // rows, count: directions, and places along them
    const Tensor found = principal_components(in[0].tensor, whole(in[1]));
    return {to_value(found), to_value(places_along(in[0].tensor, found))};
}

Answers answers_of_words() {
    return {{"average of words", average},
            {"noise", noise},
            {"skip-gram", skip_gram},
            {"cosines", cosines},
            {"principal components", components}};
}
