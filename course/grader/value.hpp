// A Value is anything that crosses between the grader and a worker, or lies in tests/recorded/: a
// number, a text, a tensor, or a list of these. As text it has two forms, both exact for float32:
// decimals, for what people read, and bits, sooner written and read.
#pragma once

#include "01_tensors.hpp"

#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

struct Value {
    enum class Kind { number, text, tensor, list };

    Kind kind = Kind::list;  // an empty list is also the answer of a function that returns nothing
    double number = 0;
    std::string text;
    Tensor tensor;
    std::vector<Value> list;
};

enum class Form { decimals, bits };
std::string encode(const Value& value, Form form = Form::decimals);

// Throws std::runtime_error when the text is not the encoding of exactly one value.
Value decode(const std::string& text);

// "number", "text", "list", or for a tensor its shape: what a reader is told when kinds differ.
std::string describe(const Value& value);

// ## From C++ to values

template <class Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
Value to_value(Number number) {
    Value value;
    value.kind = Value::Kind::number;
    value.number = static_cast<double>(number);
    return value;
}

inline Value to_value(const std::string& text) {
    Value value;
    value.kind = Value::Kind::text;
    value.text = text;
    return value;
}

inline Value to_value(const Tensor& tensor) {
    Value value;
    value.kind = Value::Kind::tensor;
    value.tensor = tensor;
    return value;
}

template <class First, class Second>
Value to_value(const std::pair<First, Second>& pair);
template <class... Items>
Value to_value(const std::tuple<Items...>& items);

template <class Item>
Value to_value(const std::vector<Item>& items) {
    Value value;
    for (const auto& item : items) value.list.push_back(to_value(static_cast<Item>(item)));
    return value;
}

template <class First, class Second>
Value to_value(const std::pair<First, Second>& pair) {
    Value value;
    value.list = {to_value(pair.first), to_value(pair.second)};
    return value;
}

template <class... Items>
Value to_value(const std::tuple<Items...>& items) {
    Value value;
    std::apply([&](const auto&... item) { value.list = {to_value(item)...}; }, items);
    return value;
}

// ## And back
//
// Each reader throws std::runtime_error when the value is of another kind.

void require_kind(const Value& value, Value::Kind kind);

template <class Type>
struct FromValue {
    static_assert(std::is_arithmetic_v<Type>, "this type does not travel between processes");
    static Type get(const Value& value) {
        require_kind(value, Value::Kind::number);
        return static_cast<Type>(value.number);
    }
};

template <>
struct FromValue<std::string> {
    static std::string get(const Value& value) {
        require_kind(value, Value::Kind::text);
        return value.text;
    }
};

template <>
struct FromValue<Tensor> {
    static Tensor get(const Value& value) {
        require_kind(value, Value::Kind::tensor);
        return value.tensor;
    }
};

template <class Item>
struct FromValue<std::vector<Item>> {
    static std::vector<Item> get(const Value& value) {
        require_kind(value, Value::Kind::list);
        std::vector<Item> items;
        for (const Value& item : value.list) items.push_back(FromValue<Item>::get(item));
        return items;
    }
};

template <class... Items>
struct FromValue<std::tuple<Items...>> {
    static std::tuple<Items...> get(const Value& value) {
        require_kind(value, Value::Kind::list);
        if (value.list.size() != sizeof...(Items)) throw std::runtime_error("unexpected length");
        return get(value, std::index_sequence_for<Items...>());
    }
    template <std::size_t... I>
    static std::tuple<Items...> get(const Value& value, std::index_sequence<I...>) {
        return {FromValue<Items>::get(value.list[I])...};
    }
};

template <class First, class Second>
struct FromValue<std::pair<First, Second>> {
    static std::pair<First, Second> get(const Value& value) {
        const auto [first, second] = FromValue<std::tuple<First, Second>>::get(value);
        return {first, second};
    }
};
