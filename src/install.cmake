# What an installed Sennit consists of: headers, both libraries, a CMake package, a pkg-config file.
# The whole can be moved to another folder afterwards.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/sennit)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(TARGETS sennit_static EXPORT sennit_static
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT sennit_static NAMESPACE sennit:: FILE sennit_staticTargets.cmake DESTINATION ${package_folder})

# The two are exported apart, so that a program that links the shared library is not asked for the
# libraries that only the static one needs.
if(SENNIT_SHARED)
  set_target_properties(sennit_shared PROPERTIES EXPORT_NAME sennit)
  install(TARGETS sennit_shared EXPORT sennit
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT sennit NAMESPACE sennit:: FILE sennitTargets.cmake DESTINATION ${package_folder})
endif()
configure_package_config_file(sennitConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/sennitConfig.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/sennitConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/sennitConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/sennitConfigVersion.cmake
  DESTINATION ${package_folder})

# pkg-config knows where it found the file, and the file knows how far up the prefix is from there.
set(pkgconfig_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pkgconfig_to_prefix ${pkgconfig_folder} ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pkgconfig_to_prefix ${pkgconfig_to_prefix})
file(RELATIVE_PATH prefix_to_lib ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH prefix_to_include ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(sennit.pc.in ${CMAKE_CURRENT_BINARY_DIR}/sennit.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sennit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# What ./dev docs has built, if it has: manual pages, and the site.
set(SENNIT_DOCS ${PROJECT_SOURCE_DIR}/build/docs CACHE PATH "Where the documentation was built")
install(DIRECTORY ${SENNIT_DOCS}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT doc OPTIONAL)
install(DIRECTORY ${SENNIT_DOCS}/site/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/html COMPONENT doc OPTIONAL)
