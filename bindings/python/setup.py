"""What pyproject.toml cannot say: that a part of the package is compiled by cffi."""
from setuptools import setup

setup(cffi_modules=["src/sennit/_build.py:builder"])
