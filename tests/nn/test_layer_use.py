"""What the layers refuse, how they behave in training and evaluation, and how they print."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor

from ..autograd.helpers import leaf, refuses
from ..autograd.numeric import spread

F32 = np.float32


def ones(*shape: int, dtype: Any = F32) -> Any:
    return np.ones(shape, dtype)


def attention(*shapes: tuple[int, ...], **keywords: Any) -> Any:
    return nn.MultiheadAttention(4, 2, batch_first=True)(*[ones(*s) for s in shapes], **keywords)


ERRORS: list[tuple[Any, type[Exception], tuple[str, ...]]] = [
    # arguments
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, ("Conv2d", "3 to 4", "2 groups")),
    (lambda: nn.Conv2d(2, 4, (3, 3, 3)), ValueError, ("kernel_size=(3, 3, 3)", "2 of them")),
    (lambda: nn.Conv2d(2, 4, 0), ValueError, ("kernel_size=0", "at least 1")),
    (lambda: nn.Conv2d(2, 4, 3, padding="full"), ValueError, ("padding='full'", "'same'")),
    (lambda: nn.Conv2d(2, 4, 3, 2, "same"), ValueError, ("'same'", "stride 1")),
    (lambda: nn.Conv2d(2, 4, 3, padding_mode="mirror"), ValueError, ("'mirror'", "'reflect'")),
    (lambda: nn.Conv2d(2, 4, 3, generator=1), TypeError, ("int", "default_rng")),
    (lambda: nn.ConvTranspose2d(2, 4, 3, padding="same"), ValueError, ("ConvTranspose2d",)),
    (lambda: nn.ConvTranspose1d(2, 4, 3, padding_mode="reflect"), ValueError, ("'zeros'",)),
    (lambda: nn.MaxPool2d(2, return_indices=True), NotImplementedError, ("return_indices",)),
    (lambda: nn.GroupNorm(3, 4), ValueError, ("4 channels", "3 groups")),
    (lambda: nn.Embedding(4, 2, padding_idx=4), ValueError, ("padding_idx=4", "4 rows")),
    (lambda: nn.Embedding.from_pretrained([1, 2]), ValueError, ("(2,)", "(rows, features)")),
    (lambda: nn.RNN(2, 3, nonlinearity="relu6"), ValueError, ("'relu6'", "'tanh'")),
    (lambda: nn.LSTM(2, 0), ValueError, ("LSTM", "hidden_size=0")),
    (lambda: nn.GRU(2, 3, dropout=2.0), ValueError, ("GRU", "2.0", "probability")),
    (lambda: nn.MultiheadAttention(4, 3), ValueError, ("embed_dim=4", "3 heads")),
    (lambda: nn.MultiheadAttention(4, 2, add_bias_kv=True), NotImplementedError, ("append",)),
    (lambda: nn.TransformerEncoderLayer(4, 2, activation="selu"), ValueError, ("'selu'", "'gelu'")),
    # inputs
    (lambda: nn.Conv2d(2, 4, 3)(ones(1, 3, 5, 5)), ValueError, ("(1, 3, 5, 5)", "2 channels")),
    (lambda: nn.Conv2d(2, 4, 3)(ones(5, 5)), ValueError, ("conv2d", "height, width")),
    (lambda: nn.Conv2d(2, 4, 3)(ones(1, 2, 5, 5, dtype=float)), TypeError,
     ("float64", "float32", "astype('float32')")),
    (lambda: nn.Conv2d(2, 4, 7)(ones(1, 2, 5, 5)), ValueError, ("(7, 7)", "(5, 5)")),
    (lambda: nn.Conv1d(2, 4, 3, padding=1, padding_mode="circular")(ones(4)), ValueError,
     ("Conv1d", "(4,)", "length")),
    *[(lambda mode=mode: nn.Conv2d(1, 1, 3, padding=(1, 4), padding_mode=mode)(ones(1, 3, 3)),
       ValueError, (mode, "(4, 4)", "3 entries")) for mode in ("reflect", "circular")],
    (lambda: nn.ConvTranspose2d(2, 4, 3, 2)(ones(1, 2, 3, 3), output_size=(9, 7)), ValueError,
     ("(9, 7)", "(7, 7)", "(8, 8)")),
    (lambda: nn.MaxPool2d(2)(ones(4, 4)), ValueError, ("max_pool2d", "(4, 4)")),
    (lambda: nn.MaxPool2d(3, padding=2)(ones(1, 1, 4, 4)), ValueError, ("padding=2", "half")),
    (lambda: nn.BatchNorm1d(3)(ones(1, 3)), ValueError, ("(1, 3)", "more than one")),
    (lambda: nn.BatchNorm2d(3)(ones(2, 3, 4)), ValueError,
     ("BatchNorm2d", "(2, 3, 4)", "(batch, 3, height, width)")),
    (lambda: nn.BatchNorm1d(3)(ones(2, 4)), ValueError, ("(2, 4)", "(batch, 3)")),
    (lambda: nn.BatchNorm1d(3)(ones(2, 3, dtype=float)), TypeError, ("float64",)),
    (lambda: nn.LayerNorm((2, 3))(ones(3, 2)), ValueError, ("(3, 2)", "(2, 3)")),
    (lambda: nn.RMSNorm(3)(ones(3, 2)), ValueError, ("rms_norm", "(3, 2)", "(3,)")),
    (lambda: nn.GroupNorm(2, 4)(ones(3, 2)), ValueError, ("GroupNorm", "(3, 2)", "4")),
    (lambda: nn.GroupNorm(4, 4)(ones(1, 4)), ValueError, ("(1, 4)", "4 groups", "fewer")),
    (lambda: nn.GroupNorm(4, 4).eval()(ones(1, 4, 1)), ValueError, ("one value", "fewer")),
    (lambda: nn.functional.batch_norm(ones(2, 3), None, None), ValueError, ("running",)),
    (lambda: nn.functional.batch_norm(ones(2, 3), ones(2), ones(3)), ValueError,
     ("running_mean", "(2,)", "3 channels")),
    (lambda: nn.functional.layer_norm(ones(2, 3), 3, ones(2)), ValueError, ("weight", "(2,)")),
    (lambda: nn.Embedding(4, 2)([4]), IndexError, ("4", "0 to 3")),
    (lambda: nn.Embedding(4, 2)([-1]), IndexError, ("-1", "0 to 3")),
    (lambda: nn.Embedding(4, 2)([0.5]), TypeError, ("float64", "astype(int)")),
    (lambda: nn.Bilinear(2, 3, 4)(ones(5, 2), ones(6, 3)), ValueError, ("(5, 2)", "(6, 3)")),
    (lambda: nn.LSTM(2, 3)(ones(4, 5, 3)), ValueError, ("(4, 5, 3)", "(steps, batch, 2)")),
    (lambda: nn.LSTM(2, 3)(ones(4, 5, 2), ones(1, 5, 3)), TypeError, ("(h_0, c_0)",)),
    (lambda: nn.GRU(2, 3)(ones(4, 5, 2), ones(1, 4, 3)), ValueError, ("(1, 4, 3)", "(1, 5, 3)")),
    (lambda: nn.GRU(2, 3)(ones(4, 5, 2, dtype=float)), TypeError, ("float64", "float32")),
    (lambda: nn.GRU(2, 3)(ones(0, 5, 2)), ValueError, ("(0, 5, 2)", "one step")),
    (lambda: attention((1, 3, 4), (1, 3, 4), (1, 2, 4)), ValueError, ("as many steps",)),
    (lambda: attention((1, 3, 5), (1, 3, 4), (1, 3, 4)), ValueError, ("(1, 3, 5)", "features")),
    (lambda: attention(*[(1, 3, 4)] * 3, attn_mask=np.ones((2, 3), bool)), ValueError,
     ("attn_mask", "(2, 3)", "(3, 3)", "(2, 3, 3)")),
    (lambda: attention(*[(1, 3, 4)] * 3, attn_mask=np.ones((3, 3), int)), TypeError,
     ("int64", "booleans")),
    (lambda: attention(*[(2, 3, 4)] * 3, key_padding_mask=np.ones((3,), bool)), ValueError,
     ("key_padding_mask", "(2, 3)")),
    (lambda: nn.functional.scaled_dot_product_attention(ones(3, 2), ones(3, 4), ones(3, 4)),
     ValueError, ("attention", "(3, 2)", "(3, 4)")),
    (lambda: nn.functional.scaled_dot_product_attention(
        ones(3, 2), ones(3, 2), ones(3, 2), ones(3, 3), is_causal=True), ValueError, ("both",)),
    (lambda: nn.functional.scaled_dot_product_attention(
        ones(2, 3, 4), ones(2, 3, 4), ones(2, 3, 4), ones(2, 2)), ValueError,
     ("attention", "(2, 2)", "(2, 3, 3)")),
    (lambda: nn.functional.scaled_dot_product_attention(
        ones(3, 4), ones(3, 4), ones(3, 4), ones(2, 3, 3)), ValueError, ("(2, 3, 3)", "(3, 3)")),
    (lambda: nn.Linear(3, 2, bias=False)(ones(2, 4)), ValueError,
     ("linear", "(2, 4)", "(2, 3)", "in_features, 3")),
    (lambda: nn.Linear(1, 2)(1.0), ValueError, ("linear", "()", "rows of 1")),
    (lambda: nn.SinusoidalPositionalEncoding(4, 3)(ones(4, 4)), ValueError, ("3 steps",)),
    (lambda: nn.SinusoidalPositionalEncoding(4, 3)(ones()), ValueError, ("()", "3 steps")),
    (lambda: nn.TransformerEncoder(3, 2), TypeError,  # type: ignore[arg-type]
     ("TransformerEncoder", "3", "no module")),
    (lambda: nn.LearnedPositionalEncoding(4, 3)(ones(2, 5)), ValueError, ("4 features",)),
]  # fmt: skip

WIDE: list[tuple[Any, tuple[str, ...]]] = [
    (lambda x: nn.Linear(4, 2)(x), ("linear: input",)),
    (lambda x: nn.Linear(4, 2, bias=False)(x), ("linear: input",)),
    (lambda x: nn.Conv1d(3, 2, 1)(x), ("conv1d: input",)),
    (lambda x: nn.Conv1d(3, 2, 3, padding=1, padding_mode="reflect")(x), ("Conv1d: input",)),
    (lambda x: nn.BatchNorm1d(3)(x), ("BatchNorm1d: input",)),
    (lambda x: nn.LayerNorm(4)(x), ("LayerNorm: input",)),
    (lambda x: nn.GroupNorm(1, 3)(x), ("GroupNorm: input",)),
    (lambda x: nn.LSTM(4, 2)(x), ("LSTM: input",)),
    (lambda x: nn.GRU(4, 4)(ones(2, 2, 4), x[:1, :2]), ("GRU: h_0",)),
    (lambda x: nn.LSTM(4, 4)(ones(2, 2, 4), (ones(1, 2, 4), x[:1, :2])), ("LSTM: c_0",)),
    (lambda x: nn.MultiheadAttention(4, 2)(ones(2, 3, 4), x, x), ("MultiheadAttention: key",)),
    (lambda x: nn.TransformerEncoderLayer(4, 2)(x), ("TransformerEncoderLayer: src",)),
    (lambda x: nn.SinusoidalPositionalEncoding(4)(x), ("SinusoidalPositionalEncoding: input",)),
    (lambda x: nn.Bilinear(4, 4, 2)(ones(2, 3, 4), x), ("bilinear: input2",)),
    (lambda x: nn.PReLU()(x), ("PReLU: input",)),
]


@pytest.mark.parametrize("number", range(len(WIDE)))
def test_the_operand_of_another_dtype_is_named(number: int) -> None:
    call, words = WIDE[number]
    with refuses(TypeError, *words, "float64", "float32", ".astype('float32')"):
        call(np.ones((2, 3, 4)))


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors(number: int) -> None:
    call, kind, words = ERRORS[number]
    with refuses(kind, *words):
        call()


# --- training and evaluation --------------------------------------------------------------


def test_batch_norm_keeps_running_moments() -> None:
    layer = nn.BatchNorm1d(2, momentum=0.5, dtype=float)
    x = np.array([[0.0, 1.0], [2.0, 5.0]])
    before = layer.running_mean
    layer(x)
    assert layer.running_mean is before  # updated in place, as PyTorch's
    np.testing.assert_allclose(layer.running_mean, [0.5, 1.5])
    np.testing.assert_allclose(layer.running_var, [1.5, 4.5])  # of one degree of freedom less
    assert layer.num_batches_tracked == 1
    layer.eval()
    out = layer(x)
    np.testing.assert_allclose(out.numpy(), (x - [0.5, 1.5]) / np.sqrt(np.array([1.5, 4.5]) + 1e-5))
    np.testing.assert_allclose(layer.running_mean, [0.5, 1.5])
    layer.reset_running_stats()
    assert layer.running_mean is not None
    assert layer.running_mean.tolist() == [0, 0]
    with refuses(ValueError, "more than one"):
        layer.train()(x[:1])
    assert layer.num_batches_tracked == 0


def test_batch_norm_without_momentum_averages_all_batches() -> None:
    layer = nn.BatchNorm1d(1, momentum=None, dtype=float)
    for k in range(4):
        layer(np.array([[k - 1.0], [k + 1.0]]))
    np.testing.assert_allclose(layer.running_mean, [1.5])
    np.testing.assert_allclose(layer.running_var, [2.0])


def test_the_state_of_batch_norm_goes_with_or_without_the_count() -> None:
    state = nn.BatchNorm1d(2).state_dict()
    assert set(state) == {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}
    del state["num_batches_tracked"]
    nn.BatchNorm1d(2).load_state_dict(state)
    assert set(nn.BatchNorm1d(2, track_running_stats=False).state_dict()) == {"weight", "bias"}


def test_an_error_leaves_the_running_moments() -> None:
    layer = nn.BatchNorm1d(2)
    with refuses(ValueError, "more than one"):
        layer(ones(1, 2))
    assert layer.running_mean is not None
    assert layer.running_mean.tolist() == [0, 0]


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_batch_of_no_sequences(kind: str) -> None:
    layer = getattr(nn, kind)(2, 3, num_layers=2, bidirectional=True, batch_first=True)
    x = Tensor(ones(0, 4, 2), requires_grad=True)
    output, state = layer(x)
    assert output.shape == (0, 4, 6)
    assert np.shape(state[0] if kind == "LSTM" else state) == (4, 0, 3)
    output.sum().backward()
    assert np.shape(x.grad) == (0, 4, 2)
    assert all(not p.grad.any() for p in layer.parameters())
    for no_steps in (ones(5, 0, 2), ones(0, 2)):
        with pytest.raises(ValueError, match="at least one step"):
            layer(no_steps)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers_leave_numpys_buffers_as_they_were(kind: str) -> None:
    before = np.getbufsize()
    output, _ = getattr(nn, kind)(2, 3)(spread((4, 2, 2), 1).astype(F32))
    output.sum().backward()
    assert np.getbufsize() == before


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_dropout_between_recurrent_layers(kind: str) -> None:
    def run(seed: int, training: bool) -> Any:
        nn.manual_seed(0)
        layer = getattr(nn, kind)(2, 8, 2, dropout=0.5, generator=np.random.default_rng(5))
        layer.generator = np.random.default_rng(seed)
        return layer.train(training)(spread((3, 2, 2), 1).astype(F32))[0].numpy()

    np.testing.assert_array_equal(run(1, True), run(1, True))
    assert (run(1, True) != run(2, True)).any()
    np.testing.assert_array_equal(run(1, False), run(2, False))
    assert (run(1, True) != run(1, False)).any()


def test_dropout_of_attention() -> None:
    x = spread((2, 5, 8), 1)
    layer = nn.MultiheadAttention(8, 2, dropout=0.5, batch_first=True, dtype=float)
    first, second = (layer(x, x, x, need_weights=False)[0].numpy() for _ in range(2))
    assert (first != second).any()
    layer.eval()
    first, second = (layer(x, x, x, need_weights=flag)[0].numpy() for flag in (True, False))
    # Two ways to the same sums of eight numbers below 1, rounded to 1e-16 each.
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-14)


def test_attention_that_sees_nothing_gathers_zeros() -> None:
    layer = nn.MultiheadAttention(4, 2, batch_first=True, dtype=float)
    x = leaf(spread((2, 3, 4), 1))
    hidden = np.array([[True] * 3, [False, False, True]])
    for need_weights in (True, False):
        out, _ = layer(x, x, x, key_padding_mask=hidden, need_weights=need_weights)
        np.testing.assert_array_equal(out.numpy()[0], np.zeros((3, 4)))
        (out * 2).sum().backward()
        assert np.isfinite(x.grad).all()


def test_a_causal_encoder_does_not_see_ahead() -> None:
    nn.manual_seed(0)
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2)
    encoder.eval()
    x = spread((1, 6, 8), 1).astype(F32)
    y = x.copy()
    y[0, 4:] += 1
    before, after = (encoder(z, is_causal=True).numpy() for z in (x, y))
    np.testing.assert_array_equal(before[0, :4], after[0, :4])  # what is hidden adds 0
    assert np.abs(before[0, 4:] - after[0, 4:]).max() > 1e-3
    mask = nn.generate_square_subsequent_mask(6)
    np.testing.assert_array_equal(before, encoder(x, mask=mask).numpy())


def test_a_mask_that_is_trained() -> None:
    layer = nn.MultiheadAttention(4, 2, batch_first=True, dtype=float)
    bias = leaf(spread((3, 3), 2))
    x = spread((2, 3, 4), 1)
    out, _ = layer(x, x, x, need_weights=False, attn_mask=bias)
    out.sum().backward()
    assert bias.grad.shape == (3, 3)
    assert bias.grad.any()


def test_layers_of_an_encoder_are_copies() -> None:
    first = nn.TransformerEncoderLayer(4, 2, 8)
    encoder = nn.TransformerEncoder(first, 3)
    weights = [layer.linear1.weight for layer in encoder.layers]
    assert len({id(w) for w in [first.linear1.weight, *weights]}) == 4
    for w in weights:
        np.testing.assert_array_equal(w.data, first.linear1.weight.data)


def test_positions_by_the_formula() -> None:
    layer = nn.SinusoidalPositionalEncoding(5, 7, batch_first=True, dtype=float)
    found = layer(np.zeros((2, 7, 5)))
    for p, i in [(0, 0), (3, 2), (6, 4)]:
        assert found[1, p, i] == pytest.approx(np.sin(p / 10000 ** (i / 5)))
        if i < 4:
            assert found[1, p, i + 1] == pytest.approx(np.cos(p / 10000 ** (i / 5)))
    assert layer.state_dict() == {}
    other = nn.SinusoidalPositionalEncoding(5, 7, dtype=float)(np.zeros((7, 2, 5)))
    np.testing.assert_array_equal(other[:, 1], found[1])


def test_the_padding_row_of_an_embedding_stays() -> None:
    layer = nn.Embedding(5, 3, padding_idx=-2)
    assert layer.padding_idx == 3
    layer([3, 1]).sum().backward()
    assert layer.weight.grad.tolist() == [[0] * 3, [1] * 3, [0] * 3, [0] * 3, [0] * 3]
    frozen = nn.Embedding.from_pretrained(np.eye(2))
    assert not frozen.weight.requires_grad
    assert frozen.weight.dtype == float


def test_empty_batches() -> None:
    assert nn.Conv2d(2, 3, 3)(ones(0, 2, 5, 5)).shape == (0, 3, 3, 3)
    assert nn.MaxPool2d(2)(ones(0, 2, 4, 4)).shape == (0, 2, 2, 2)
    assert nn.Embedding(3, 2)(np.zeros((0, 4), int)).shape == (0, 4, 2)
    assert nn.LayerNorm(3)(ones(0, 3)).shape == (0, 3)


def test_lists_are_taken_in_the_layers_dtype() -> None:
    given: list[tuple[Any, Any]] = [
        (nn.Linear(2, 3), [1, 2]),
        (nn.Linear(2, 3), [[1.0, 2.0], [3.0, 4.0]]),
        (nn.Conv1d(1, 2, 2), [[[1, 2, 3]]]),
        (nn.LayerNorm(2), [[1, 2]]),
        (nn.Sequential(nn.GRU(2, 3), lambda pair: pair[0]), [[[1, 2]]]),
    ]
    for layer, x in given:
        out = layer(x)
        assert out.dtype == F32
        np.testing.assert_array_equal(out.data, layer(np.array(x, F32)).data)


def test_nothing_but_plain_arrays_comes_back_from_what_has_no_parameters() -> None:
    assert isinstance(nn.MaxPool1d(2)(ones(1, 1, 4)), np.ndarray)
    assert isinstance(nn.AvgPool1d(2)(Tensor(ones(1, 1, 4))), Tensor)


REPRS = {
    "Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)":
        lambda: nn.Conv2d(1, 2, 3, padding=1, bias=False),
    "ConvTranspose1d(1, 2, kernel_size=(3,), stride=(2,), output_padding=(1,))":
        lambda: nn.ConvTranspose1d(1, 2, 3, 2, output_padding=1),
    "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)":
        lambda: nn.MaxPool2d(2),
    "BatchNorm1d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)":
        lambda: nn.BatchNorm1d(3),
    "LayerNorm((3,), eps=1e-05, elementwise_affine=True)": lambda: nn.LayerNorm(3),
    "Embedding(4, 2, padding_idx=0)": lambda: nn.Embedding(4, 2, 0),
    "LSTM(2, 3, num_layers=2, batch_first=True)": lambda: nn.LSTM(2, 3, 2, batch_first=True),
}  # fmt: skip


@pytest.mark.parametrize("text", REPRS)
def test_reprs_are_pytorchs(text: str) -> None:
    assert repr(REPRS[text]()) == text


def test_multiply_adds_and_copies() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, 2))
    found = nn.summary(model, ones(2, 1, 4, 4))
    assert found.multiply_adds == 2 * 4 * 4 * 9 + 2 * 16 * 2
    twin = copy.deepcopy(model)
    x = ones(2, 1, 4, 4)
    np.testing.assert_array_equal(model(x).numpy(), twin(x).numpy())
    assert twin[1].running_mean is not model[1].running_mean
