# What surrounds serving and needs no gRPC headers, so that it compiles and tests quickly.
add_library(usher_periphery STATIC
  access_copy_metrics.cc
  auth_metrics.cc
  connection_metrics.cc
  flags.cc
  limits.cc
  listener.cc
  log.cc
  metrics.cc
  options.cc
  process_metrics.cc
  signals.cc
  tls_files.cc)
target_include_directories(usher_periphery PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(usher_periphery
  PUBLIC usher_options usher_mail usher_model usher_pg absl::status absl::strings absl::time
         prometheus-cpp::core prometheus-cpp::pull
  PRIVATE usher_warnings OpenSSL::Crypto)
