"""Two distributions install a package named `autograd`; pip lets one overwrite the other's files.

A mixture of both would fail later and far from the cause, so it is looked for here: the other
one, HIPS autograd, has a module `tracer`, and this one never will.
"""

from __future__ import annotations

import os

_HERE = os.path.dirname(__file__)

if os.path.exists(os.path.join(_HERE, "tracer.py")):
    raise ImportError(
        f"the folder {_HERE} mixes files of chainrule and of HIPS autograd, which has the same "
        "import name: the two cannot share one environment. To keep chainrule here: "
        "`pip uninstall autograd chainrule`, then `pip install chainrule`; to use both, give each "
        "a virtual environment of its own"
    )
