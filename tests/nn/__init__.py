"""Tests of nn, file by file as the package is laid out."""
