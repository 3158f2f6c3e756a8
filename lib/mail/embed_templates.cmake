# Writes OUTPUT: the table of the files in FOLDER.
file(GLOB files RELATIVE ${FOLDER} ${FOLDER}/*.mustache ${FOLDER}/*.phrases)
list(SORT files)
set(rows "")
foreach(file ${files})
  file(READ ${FOLDER}/${file} text)
  string(APPEND rows "    {\"${file}\", \"${file}\", R\"template(${text})template\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"mail/template_files.h\"\n
namespace usher::mail {\n
std::vector<TemplateFile> EmbeddedTemplates() {\n  return {\n${rows}  };\n}\n
}  // namespace usher::mail\n")
