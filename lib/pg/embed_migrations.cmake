# Writes OUTPUT: the table kEmbeddedMigrations of the SQL files in FILES, in the order of their numbers.
list(SORT FILES)
set(rows "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  string(REGEX MATCH "^[0-9]+" number ${name})
  math(EXPR number "${number}")
  file(READ ${file} sql)
  string(APPEND rows "    {${number}, \"${name}\", R\"migration(${sql})migration\"},\n")
endforeach()
file(WRITE ${OUTPUT} "#include \"pg/migrate.h\"\n
namespace usher::pg {
namespace {\nconstexpr Migration kMigrations[] = {\n${rows}};\n}\n
std::span<const Migration> EmbeddedMigrations() { return kMigrations; }\n
}  // namespace usher::pg\n")
