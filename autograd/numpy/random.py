"""`numpy.random` for programs written as `import autograd.numpy as np`."""

import numpy as _numpy

from ._bridge import names as _names

globals().update(_names(_numpy.random))
