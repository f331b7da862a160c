# Another C library on this processor.
set(sennit_machine musl)
set(sennit_processor ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(sennit_triplet "")
set(CMAKE_C_COMPILER musl-gcc)
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)
# The kernel's headers.
set(CMAKE_C_STANDARD_INCLUDE_DIRECTORIES ${sennit_sysroot}/usr/include)
