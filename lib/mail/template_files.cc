#include "mail/template_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/text.h"

namespace usher::mail {
namespace {

namespace fs = std::filesystem;

absl::Status Fault(const std::string& path, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", std::string(what)));
}

bool IsPassedOver(const std::string& name) {
  return absl::StartsWith(name, ".") || absl::StartsWith(name, "README");
}

bool IsTemplate(const std::string& name) {
  return absl::EndsWith(name, ".phrases") || absl::EndsWith(name, ".mustache");
}

absl::StatusOr<TemplateFile> ReadTemplate(const fs::path& path) {
  TemplateFile file{path.filename(), path, ""};
  if (!IsTemplate(file.name)) return Fault(file.path, "is no .mustache and no .phrases file");
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) return Fault(file.path, "cannot be read");
  file.text = text.str();
  if (!model::IsValidUtf8(file.text)) return Fault(file.path, "is not UTF-8");
  return file;
}

}  // namespace

absl::StatusOr<std::vector<TemplateFile>> ReadTemplates(const std::string& folder) {
  std::vector<TemplateFile> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    if (IsPassedOver(entries->path().filename())) continue;
    auto file = ReadTemplate(entries->path());
    if (!file.ok()) return file.status();
    files.push_back(*std::move(file));
  }
  if (error) return Fault(folder, error.message());
  std::sort(files.begin(), files.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return files;
}

absl::Status TemplateFault(const TemplateFile& file, int line, const std::string& what) {
  return Fault(absl::StrCat(file.path, ":", line), what);
}

}  // namespace usher::mail
