"""The recipe of Sennit for Conan 2. It packs the sources that it stands in: conan create packaging/conan"""

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir
from conan.tools.gnu import PkgConfigDeps


class SennitConan(ConanFile):
    name = "sennit"
    license = "MIT"
    description = ".NET's Socket class for C programs"
    topics = ("socket", "networking", "asynchronous", "io_uring", "epoll")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "io_uring": [True, False]}
    default_options = {"shared": False, "fPIC": True, "io_uring": True}

    @property
    def _project(self):
        return os.path.join(self.recipe_folder, os.pardir, os.pardir)

    def set_version(self):
        text = load(self, os.path.join(self._project, "include", "sennit", "types.h"))
        parts = re.findall(r"^#define SN_VERSION_(?:MAJOR|MINOR|PATCH)\s+(\d+)", text, re.MULTILINE)
        self.version = ".".join(parts)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "*.md", "include/*", "src/*", "docs/*", "examples/*",
                        "tls/*"):
            copy(self, pattern, src=self._project, dst=self.export_sources_folder)

    def config_options(self):
        self.settings.rm_safe("compiler.cppstd")
        self.settings.rm_safe("compiler.libcxx")

    def configure(self):
        if self.options.shared:
            self.options.rm_safe("fPIC")

    def validate(self):
        if self.settings.os != "Linux":
            raise ConanInvalidConfiguration("Sennit is for Linux")

    def requirements(self):
        if self.options.io_uring:
            self.requires("liburing/[>=2.3 <3]")

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.22]")
        if self.options.io_uring:
            self.tool_requires("pkgconf/[>=1.8]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["SENNIT_IO_URING"] = "ON" if self.options.io_uring else "OFF"
        for part in ("TESTS", "TOOLS", "BENCH", "TLS"):
            toolchain.cache_variables["SENNIT_" + part] = False
        toolchain.generate()
        CMakeDeps(self).generate()
        PkgConfigDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", src=self.source_folder, dst=os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        # Conan makes these for whoever requires the package.
        for folder in ("cmake", "pkgconfig"):
            rmdir(self, os.path.join(self.package_folder, "lib", folder))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.libs = ["sennit"]
        self.cpp_info.set_property("cmake_file_name", "sennit")
        self.cpp_info.set_property("cmake_target_name", "sennit::sennit")
        self.cpp_info.set_property("pkg_config_name", "sennit")
        self.cpp_info.system_libs = ["pthread"]
