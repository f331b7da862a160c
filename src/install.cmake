# What an installed Sennit consists of: headers, both libraries, a CMake package, a pkg-config file, licence and pages.
# The whole can be moved to another folder afterwards. Each part belongs to a component, as distributions split it:
# runtime, development, tool and documentation.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/sennit)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT development FILES_MATCHING PATTERN "*.h")
install(TARGETS sennit_static EXPORT sennit_static
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(EXPORT sennit_static NAMESPACE sennit:: FILE sennit_staticTargets.cmake DESTINATION ${package_folder}
  COMPONENT development)

# The two are exported apart, so that a program that links the shared library is not asked for the
# libraries that only the static one needs.
if(SENNIT_SHARED)
  set_target_properties(sennit_shared PROPERTIES EXPORT_NAME sennit)
  install(TARGETS sennit_shared EXPORT sennit
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
  install(EXPORT sennit NAMESPACE sennit:: FILE sennitTargets.cmake DESTINATION ${package_folder}
    COMPONENT development)
endif()
configure_package_config_file(sennitConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/sennitConfig.cmake
  INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/sennitConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/sennitConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/sennitConfigVersion.cmake
  DESTINATION ${package_folder} COMPONENT development)

# For gdb; see docs/guide/observing.md.
install(FILES ${PROJECT_SOURCE_DIR}/scripts/gdb/sennit-gdb.py DESTINATION ${CMAKE_INSTALL_DATADIR}/sennit
  COMPONENT development)

# pkg-config knows where it found the file, and the file knows how far up the prefix is from there. In /usr nothing is
# moved, and the plain path is what tools for another machine put theirs in front of.
file(RELATIVE_PATH prefix_to_lib ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH prefix_to_include ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
if(CMAKE_INSTALL_PREFIX STREQUAL /usr)
  set(pkgconfig_prefix /usr)
else()
  file(RELATIVE_PATH pkgconfig_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  string(REGEX REPLACE "/$" "" pkgconfig_to_prefix ${pkgconfig_to_prefix})
  set(pkgconfig_prefix "\${pcfiledir}/${pkgconfig_to_prefix}")
endif()
# Where there is no shared library, whoever links has the needs of the static one.
set(pkgconfig_private .private)
if(NOT SENNIT_SHARED)
  set(pkgconfig_private "")
endif()
set(pkgconfig_liburing "")
if(SENNIT_HAS_IO_URING)
  set(pkgconfig_liburing "liburing >= ${SENNIT_LIBURING_OLDEST}")
endif()
configure_file(sennit.pc.in ${CMAKE_CURRENT_BINARY_DIR}/sennit.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sennit.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
  COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  ${PROJECT_SOURCE_DIR}/SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
  COMPONENT documentation FILES_MATCHING PATTERN "*.md" PATTERN "*.c" PATTERN "*.h" PATTERN "*.tsv"
  PATTERN man EXCLUDE PATTERN site EXCLUDE)

# What ./dev docs has built, if it has: manual pages, and the site.
set(SENNIT_DOCS ${PROJECT_SOURCE_DIR}/build/docs CACHE PATH "Where the documentation was built")
# Not OPTIONAL, which makes an empty folder of what is not there.
foreach(part man site)
  if(IS_DIRECTORY ${SENNIT_DOCS}/${part})
    set(folder_of_man ${CMAKE_INSTALL_MANDIR})
    set(folder_of_site ${CMAKE_INSTALL_DOCDIR}/html)
    install(DIRECTORY ${SENNIT_DOCS}/${part}/ DESTINATION ${folder_of_${part}} COMPONENT documentation)
  endif()
endforeach()

# Takes away what the last `cmake --install` of this build folder has written, below DESTDIR if that is set.
if(PROJECT_IS_TOP_LEVEL)
  add_custom_target(uninstall
    COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -P ${CMAKE_CURRENT_SOURCE_DIR}/uninstall.cmake VERBATIM)
endif()
