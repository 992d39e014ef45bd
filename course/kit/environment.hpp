// What the environment may ask of a demo, the same in every chapter:
//
//   FULL=1           the long run, in the place of the one of minutes
//   TRAINED=1        what a long run has come to, from data/, in the place of any run
//   LEARNT=folder    a run whose end lies there is not made again; the end of another is left there
//   DEMO_STEPS=n     another number of steps
//   DEMO_SECONDS=s   an early end
//   DEMO_WORDS=n     a sample of so many words to be tested on, for the demos that count words
//   THREADS=n        so many threads, in the place of one for each core
#pragma once

#include <cstdlib>
#include <string>

inline double from_environment(const char* name, double otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::atof(text);
}

inline bool asked_for(const char* name) { return from_environment(name, 0) != 0; }

// All that was asked, as it is typed before a command: "FULL=1 DEMO_STEPS=60 ".
inline std::string typed_environment() {
    std::string all;
    for (const char* name :
         {"FULL", "TRAINED", "LEARNT", "DEMO_STEPS", "DEMO_SECONDS", "DEMO_WORDS"})
        if (const char* text = std::getenv(name)) all += name + ("=" + std::string(text)) + " ";
    return all;
}
