"""`numpy.fft` on Tensors: its functions, under its names.

>>> from autograd import Tensor, fft
>>> t = Tensor([1.0, 2.0, 3.0], requires_grad=True)
>>> fft.irfft(fft.rfft(t), n=3).sum().backward()
>>> t.grad.round(12).tolist()
[1.0, 1.0, 1.0]
"""

from .ops.fourier import (
    fft,
    fft2,
    fftfreq,
    fftn,
    fftshift,
    hfft,
    ifft,
    ifft2,
    ifftn,
    ifftshift,
    ihfft,
    irfft,
    irfft2,
    irfftn,
    rfft,
    rfft2,
    rfftfreq,
    rfftn,
)

__all__ = [
    "fft", "fft2", "fftfreq", "fftn", "fftshift", "hfft", "ifft", "ifft2", "ifftn", "ifftshift",
    "ihfft", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftfreq", "rfftn",
]  # fmt: skip
