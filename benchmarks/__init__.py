"""Speed of chainrule beside its peers and hand-written NumPy: ``python -m benchmarks``."""
