"""Tests of pictures, file by file as the package is laid out."""
