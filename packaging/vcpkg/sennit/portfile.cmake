# An overlay port, which builds the sources that it stands in: vcpkg install sennit --overlay-ports=packaging/vcpkg
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

set(io_uring OFF)
if("io-uring" IN_LIST FEATURES)
    set(io_uring ON)
endif()
set(tool OFF)
if("tool" IN_LIST FEATURES)
    set(tool ON)
endif()

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DSENNIT_IO_URING=${io_uring}
        -DSENNIT_TOOLS=${tool}
        -DSENNIT_TESTS=OFF
        -DSENNIT_BENCH=OFF
        -DSENNIT_TLS=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME sennit CONFIG_PATH lib/cmake/sennit)
vcpkg_fixup_pkgconfig()
if(tool)
    vcpkg_copy_tools(TOOL_NAMES sennit AUTO_CLEAN)
endif()

# The pages are installed once, by the name of the port, and no header twice.
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
