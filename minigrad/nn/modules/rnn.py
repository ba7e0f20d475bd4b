"""Recurrent networks, and their cells alone. Mirrors torch.nn.modules.rnn."""
from __future__ import annotations

import math
import warnings
from typing import Any

from ... import ops
from ...tensor import Tensor
from .. import functional as F
from .. import init
from ..functional import recurrent
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .module import Module

__all__ = ["GRU", "GRUCell", "LSTM", "LSTMCell", "RNN", "RNNBase", "RNNCell", "RNNCellBase"]

CELLS = {"RNN_TANH": recurrent.rnn_tanh, "RNN_RELU": recurrent.rnn_relu, "LSTM": recurrent.lstm, "GRU": recurrent.gru}
GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


class _Recurrent(Module):
    """Weights that start as U(-1/sqrt(hidden_size), 1/sqrt(hidden_size))."""

    hidden_size: int

    def reset_parameters(self) -> None:
        """Draw new weights."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)


class RNNBase(_Recurrent):
    """Layers of cells over sequences (L, N, input_size), or (N, L, input_size) if `batch_first`, or (L, input_size).

    Weights start as U(-1/sqrt(hidden_size), 1/sqrt(hidden_size)).
    """

    def __init__(self, mode: str, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
                 batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, proj_size: int = 0,
                 device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        check_settings(input_size, hidden_size, num_layers, bias, batch_first, dropout, proj_size)
        if mode not in CELLS:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        self._all_weights: list[list[str]] = []
        gates, out = GATES[mode] * hidden_size, proj_size or hidden_size
        for layer in range(num_layers):
            features = out * (1 + bidirectional) if layer else input_size
            for suffix in ("", "_reverse")[: 1 + bidirectional]:
                shapes: dict[str, Any] = {"weight_ih": (gates, features), "weight_hh": (gates, out)}
                if bias:
                    shapes.update(bias_ih=(gates,), bias_hh=(gates,))
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                names = {f"{name}_l{layer}{suffix}": shape for name, shape in shapes.items()}
                for name, shape in names.items():
                    self.register_parameter(name, Parameter(ops.empty(shape, device=device, dtype=dtype)))
                self._all_weights.append(list(names))
        self.reset_parameters()

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """The parameters of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights(self) -> list[Parameter]:
        return [weight for weights in self.all_weights for weight in weights]

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_weights for name in names]

    def flatten_parameters(self) -> None:
        """For CUDA; here there is nothing to do."""

    def _run(self, input: Any, start: Any) -> tuple[Any, tuple[Tensor, ...]]:
        """The outputs and the last state, in the form in which the input came. `start` is None or a tuple."""
        if isinstance(input, PackedSequence):
            data, sizes, order, undo = input.data, input.batch_sizes.tolist(), input.sorted_indices, input.unsorted_indices
            self._check_input(data, 2)
            state = self._start(start, data, sizes[0])
            if order is not None and start is not None:
                state = tuple([s.index_select(1, order) for s in state])
            out, state = self._layers(data, sizes, state)
            if undo is not None:
                state = tuple([s.index_select(1, undo) for s in state])
            return PackedSequence(out, input.batch_sizes, order, undo), state
        batched = input.dim() == 3
        if not batched:
            input = input.unsqueeze(0 if self.batch_first else 1)
            start = None if start is None else tuple([s.unsqueeze(1) for s in start])
        self._check_input(input, 3)
        if self.batch_first:
            input = input.transpose(0, 1)
        length, n = input.shape[:2]
        if not length:
            raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
        state = self._start(start, input, n)
        out, state = self._layers(input.reshape(length * n, self.input_size), [n] * length, state)
        out = out.reshape(length, n, out.shape[1])
        if self.batch_first:
            out = out.transpose(0, 1)
        if not batched:
            return out.squeeze(0 if self.batch_first else 1), tuple([s.squeeze(1) for s in state])
        return out, state

    def _layers(self, data: Tensor, sizes: list[int], state: Any) -> tuple[Tensor, tuple[Tensor, ...]]:
        return recurrent.layers(CELLS[self.mode], data, sizes, state, self.all_weights, self.bias, 1 + self.bidirectional,  # type: ignore[arg-type]
                                lambda x: F.dropout(x, self.dropout, self.training))

    def _start(self, start: Any, like: Tensor, n: int) -> tuple[Tensor, ...]:
        """The first state, zeros unless given: h, and for an LSTM c."""
        count = self.num_layers * (1 + self.bidirectional)
        sizes = {"hidden[0]": self.proj_size or self.hidden_size, "hidden[1]": self.hidden_size}
        if start is None:
            wanted = list(sizes.values())[: 1 + (self.mode == "LSTM")]
            return tuple([ops.zeros(count, n, size, dtype=like.dtype) for size in wanted])
        for s, (name, size) in zip(start, sizes.items()):
            if tuple(s.shape) != (count, n, size):
                which = f"{name} " if self.mode == "LSTM" else "hidden "
                raise RuntimeError(f"Expected {which}size {(count, n, size)}, got {list(s.shape)}")
        return tuple(start)

    def _check_input(self, input: Tensor, dims: int) -> None:
        dtype = self.all_weights[0][0].dtype
        if input.dtype != dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({dtype}). Convert input: input.to({dtype}), or "
                f"convert model: model.to({input.dtype})"
            )
        if input.dim() != dims:
            raise RuntimeError(f"input must have {dims} dimensions, got {input.dim()}")
        if self.input_size != input.size(-1):
            raise RuntimeError(
                f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.size(-1)}"
            )

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        for name, default in (("proj_size", 0), ("num_layers", 1), ("bias", True), ("batch_first", False), ("dropout", 0),
                              ("bidirectional", False)):
            if getattr(self, name) != default:
                shown += f", {name}={getattr(self, name)}"
        return shown


def check_settings(input_size: Any, hidden_size: Any, num_layers: int, bias: Any, batch_first: Any, dropout: Any,
                   proj_size: int) -> None:
    if isinstance(dropout, bool) or not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1:
        raise ValueError("dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
    if dropout > 0 and num_layers == 1:
        warnings.warn(
            "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater "
            f"than 1, but got dropout={dropout} and num_layers={num_layers}",
            stacklevel=4,
        )
    for name, value, kind in (("bias", bias, bool), ("batch_first", batch_first, bool), ("input_size", input_size, int),
                              ("hidden_size", hidden_size, int)):
        if not isinstance(value, kind):
            raise TypeError(f"{name} should be of type {kind.__name__}, got: {type(value).__name__}")
        if kind is int and value <= 0:
            raise ValueError(f"{name} must be greater than zero")
    if num_layers <= 0:
        raise ValueError("num_layers must be greater than zero")
    if proj_size < 0:
        raise ValueError("proj_size should be a positive integer or zero to disable projections")
    if proj_size >= hidden_size:
        raise ValueError("proj_size has to be smaller than hidden_size")


class _OneState(RNNBase):
    """RNN and GRU, whose state is h alone."""

    def forward(self, input: Any, hx: Tensor | None = None) -> Any:
        if not isinstance(input, PackedSequence):
            if input.dim() not in (2, 3):
                name = type(self).__name__
                raise ValueError(f"{name}: Expected input to be 2D or 3D, got {input.dim()}D tensor instead"
                                 if name == "RNN" else f"{name}: Expected input to be 2D or 3D, got {input.dim()}D instead")
            if hx is not None and hx.dim() != input.dim():
                kind, dims = ("batched", "3") if input.dim() == 3 else ("unbatched", "2")
                raise RuntimeError(
                    f"For {kind} {dims}-D input, hx should also be {dims}-D but got {hx.dim()}-D tensor"
                )
        out, state = self._run(input, None if hx is None else (hx,))
        return out, state[0]


class RNN(_OneState):
    """h = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu. Mirrors torch.nn.RNN: Elman 1990."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        nonlinearity = args[3] if len(args) > 3 else kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{nonlinearity.upper()}", *args[:3], *args[4:], **kwargs)
        self.nonlinearity = nonlinearity


class GRU(_OneState):
    """Gated recurrent units; the formula stands in functional/recurrent.py. Mirrors torch.nn.GRU: Cho et al. 2014."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)


class LSTM(RNNBase):
    """Long short-term memory; the formula stands in functional/recurrent.py. Mirrors torch.nn.LSTM: Hochreiter & Schmidhuber 1997."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input: Any, hx: tuple[Tensor, Tensor] | None = None) -> Any:
        if not isinstance(input, PackedSequence):
            if input.dim() not in (2, 3):
                raise ValueError(f"LSTM: Expected input to be 2D or 3D, got {input.dim()}D instead")
            if hx is not None and any([s.dim() != input.dim() for s in hx]):
                kind, dims = ("batched", "3") if input.dim() == 3 else ("unbatched", "2")
                raise RuntimeError(
                    f"For {kind} {dims}-D input, hx and cx should also be {dims}-D but got ({hx[0].dim()}-D, "
                    f"{hx[1].dim()}-D) tensors"
                )
        return self._run(input, hx)


# ---- cells


class RNNCellBase(_Recurrent):
    """One step of one layer: weight_ih, weight_hh, bias_ih, bias_hh."""

    mode = "RNN_TANH"
    weight_ih: Parameter
    weight_hh: Parameter
    bias_ih: Parameter | None
    bias_hh: Parameter | None

    def __init__(self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None,
                 dtype: Any = None) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        gates = num_chunks * hidden_size
        for name, shape in (("weight_ih", (gates, input_size)), ("weight_hh", (gates, hidden_size)), ("bias_ih", (gates,)),
                            ("bias_hh", (gates,))):
            wanted = bias or name.startswith("weight")
            self.register_parameter(name, Parameter(ops.empty(shape, device=device, dtype=dtype)) if wanted else None)
        self.reset_parameters()

    def _step(self, input: Tensor, state: Any) -> tuple[Tensor, ...]:
        """The next state."""
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead")
        for i, s in enumerate(state or ()):
            if s.dim() not in (1, 2):
                which = f"hx[{i}]" if self.mode == "LSTM" else "hidden"
                raise ValueError(f"{name}: Expected {which} to be 1D or 2D, got {s.dim()}D instead")
        batched = input.dim() == 2
        input = input if batched else input.unsqueeze(0)
        if state is None:
            state = (ops.zeros(input.size(0), self.hidden_size, dtype=input.dtype),) * (1 + (self.mode == "LSTM"))
        elif not batched:
            state = tuple([s.unsqueeze(0) for s in state])
        check_step(input, state, self.input_size, self.hidden_size)
        projected = ops.linear(input, self.weight_ih, self.bias_ih)
        state = CELLS[self.mode](projected, state, self.weight_hh, self.bias_hh)
        return state if batched else tuple([s.squeeze(0) for s in state])

    def extra_repr(self) -> str:
        shown = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            shown += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            shown += f", nonlinearity={self.nonlinearity}"
        return shown


def check_step(input: Tensor, state: tuple[Tensor, ...], input_size: int, hidden_size: int) -> None:
    if input.size(1) != input_size:
        raise RuntimeError(f"input has inconsistent input_size: got {input.size(1)} expected {input_size}")
    for i, s in enumerate(state):
        if input.size(0) != s.size(0):
            raise RuntimeError(f"Input batch size {input.size(0)} doesn't match hidden{i} batch size {s.size(0)}")
        if s.size(1) != hidden_size:
            raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {s.size(1)}, expected {hidden_size}")


class RNNCell(RNNCellBase):
    """One step of an RNN: h from x and h. Mirrors torch.nn.RNNCell."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None,
                 dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        self.mode = f"RNN_{self.nonlinearity.upper()}"
        return self._step(input, None if hx is None else (hx,))[0]


class LSTMCell(RNNCellBase):
    """One step of an LSTM: (h, c) from x and (h, c). Mirrors torch.nn.LSTMCell."""

    mode = "LSTM"

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, ...]:
        return self._step(input, hx)


class GRUCell(RNNCellBase):
    """One step of a GRU: h from x and h. Mirrors torch.nn.GRUCell."""

    mode = "GRU"

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        return self._step(input, None if hx is None else (hx,))[0]
