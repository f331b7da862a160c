# What the toolchains share. The libraries are those of scripts/cross/sysroot, and none of this system.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${sennit_processor})
set(sennit_sysroot ${CMAKE_CURRENT_LIST_DIR}/../../build/sysroot/${sennit_machine})
get_filename_component(sennit_sysroot ${sennit_sysroot} ABSOLUTE)

set(CMAKE_FIND_ROOT_PATH ${sennit_sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${sennit_sysroot})
set(ENV{PKG_CONFIG_LIBDIR} ${sennit_sysroot}/usr/lib/${sennit_triplet}/pkgconfig:${sennit_sysroot}/usr/lib/pkgconfig)
# /usr/include is no folder of the system here.
set(ENV{PKG_CONFIG_ALLOW_SYSTEM_CFLAGS} 1)
set(ENV{PKG_CONFIG_ALLOW_SYSTEM_LIBS} 1)

# A shared library is looked for by what another one needs, too.
set(CMAKE_EXE_LINKER_FLAGS_INIT -Wl,-rpath-link,${sennit_sysroot}/usr/lib/${sennit_triplet})
set(CMAKE_SHARED_LINKER_FLAGS_INIT ${CMAKE_EXE_LINKER_FLAGS_INIT})
