# Writes OUTPUT: the table of the templates in FOLDER, as "locale/name" with their text.
file(GLOB_RECURSE files RELATIVE ${FOLDER} ${FOLDER}/*.mustache)
list(SORT files)
set(rows "")
foreach(file ${files})
  get_filename_component(locale ${file} DIRECTORY)
  get_filename_component(name ${file} NAME)
  string(REGEX REPLACE "\\.mustache$" "" name ${name})
  file(READ ${FOLDER}/${file} text)
  string(APPEND rows "    {\"${locale}\", \"${name}\", R\"template(${text})template\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"mail/embedded_templates.h\"\n
namespace usher::mail {
namespace {\nconstexpr EmbeddedTemplate kTemplates[] = {\n${rows}};\n}\n
std::span<const EmbeddedTemplate> EmbeddedTemplates() { return kTemplates; }\n
}  // namespace usher::mail\n")
