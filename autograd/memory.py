"""Freed memory is kept for the next array instead of going back to the system each time.

The C library's allocator (glibc's) hands blocks above a threshold back to the system when they
are freed, and takes them, zeroed page by page, again for the next array: for arrays of 100 KB to
16 MB that costs several times what computing with them does. The threshold grows with the largest
such block a program has ever freed, up to 32 MB. So one is taken and freed here; its pages are
never touched, which makes it a matter of microseconds. Other allocators do not mind.
"""

import numpy as np

LARGEST = 32 << 20
"""Bytes: the largest block that counts (DEFAULT_MMAP_THRESHOLD_MAX in glibc's malloc.c)."""


def keep_freed_memory() -> None:
    """Let the allocator keep up to 64 MB of freed memory for further arrays."""
    np.empty(LARGEST - (1 << 16), np.uint8)
