"""The version of the package: that of the library whose headers it was written for."""

VERSION = "0.2.0"
