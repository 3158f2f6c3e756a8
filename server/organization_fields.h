#pragma once

#include "model/text.h"

// The rules of text in organizations, sites and site groups.
namespace usher::server {

// Of sites and site groups too.
inline constexpr model::TextRules kOrganizationName{.min = 1, .max = 100};
inline constexpr model::TextRules kDescription{.min = 0, .max = 1000, .multiline = true};
inline constexpr model::TextRules kAddress{.min = 0, .max = 300};

}  // namespace usher::server
