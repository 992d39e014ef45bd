// Learning from preferences: a GPT that writes names learns which of them are liked.
#pragma once

namespace understanding {

// A GPT of chapter 18 learns names. From there on it learns to write those that are liked, once
// with this penalty for leaving the start, and once without: numbers, names and a picture. When
// chapter 18 is not done, it says so.
void show_preferences(double penalty);

}  // namespace understanding
