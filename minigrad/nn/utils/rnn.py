"""Sequences of different lengths, padded or packed. Mirrors torch.nn.utils.rnn."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...autograd.variable import wrap
from ...dtypes import int64
from ...tensor import Tensor

__all__ = [
    "PackedSequence", "invert_permutation", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "pad_sequence",
    "unpack_sequence", "unpad_sequence",
]


class PackedSequence_(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(PackedSequence_):
    """Sequences, longest first: the first elements of all, the second elements of all that have one, ... in one tensor `data`.

    `batch_sizes` says how many at each step, `sorted_indices` how the sequences were sorted. Mirrors torch.nn.utils.rnn.PackedSequence.
    """

    def __new__(cls, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None) -> Any:
        if batch_sizes is None:
            if not (isinstance(data, (list, tuple)) and len(data) == 2):
                raise AssertionError("Expected data to be a list or tuple of length 2")
            data, batch_sizes = data
        undo = invert_permutation(sorted_indices) if unsorted_indices is None else unsorted_indices
        return super().__new__(cls, data, batch_sizes, sorted_indices, undo)

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """With the data in another dtype."""
        return type(self)(self.data.to(*args, **kwargs), *self[1:])

    def cpu(self) -> PackedSequence:
        """Itself."""
        return self

    def double(self) -> PackedSequence:
        """In double precision."""
        return type(self)(self.data.double(), *self[1:])

    def float(self) -> PackedSequence:
        """In single precision."""
        return type(self)(self.data.float(), *self[1:])

    @property
    def is_cuda(self) -> bool:
        """False: there is only the CPU."""
        return False


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another."""
    return None if permutation is None else wrap(np.argsort(permutation.array))


def pack_padded_sequence(input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True) -> PackedSequence:
    """Padded sequences (L, N, *) of some lengths, packed; they must come longest first if `enforce_sorted`."""
    lengths = ops.as_tensor(lengths, dtype=int64)
    order = None
    if not enforce_sorted:
        lengths, order = ops.sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, order)
    if batch_first:
        input = input.transpose(0, 1)
    given = lengths.tolist()
    if not given or input.size(1) != len(given):
        raise RuntimeError(
            f"Expected `len(lengths)` to be equal to batch_size, but got {len(given)} (batch_size={input.size(1)})"
        )
    if given[-1] <= 0:
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    if given != sorted(given, reverse=True):
        raise RuntimeError(
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you do not "
            "need ONNX exportability."
        )
    sizes = [sum([length > step for length in given]) for step in range(given[0])]
    data = ops.cat([input[step, :size] for step, size in enumerate(sizes)])
    return PackedSequence(data, ops.tensor(sizes), order, None)


def pad_packed_sequence(sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0,
                        total_length: int | None = None) -> tuple[Tensor, Tensor]:
    """Packed sequences as (L, N, *) again, with their lengths."""
    sizes = sequence.batch_sizes.tolist()
    longest = len(sizes)
    if total_length is not None:
        if total_length < longest:
            raise ValueError(
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={total_length} and max sequence length being {longest}"
            )
        longest = total_length
    shape = sequence.data.shape[1:]
    steps = []
    for part in sequence.data.split_with_sizes(sizes):
        missing = sizes[0] - len(part)
        filler = [ops.full((missing, *shape), padding_value, dtype=part.dtype)] if missing else []
        steps.append(ops.cat([part, *filler]) if filler else part)
    steps += [ops.full((sizes[0], *shape), padding_value, dtype=sequence.data.dtype)] * (longest - len(sizes))
    padded = ops.stack(steps, 1 if batch_first else 0)
    lengths = ops.tensor([sum([size > i for size in sizes]) for i in range(sizes[0])])
    undo = sequence.unsorted_indices
    if undo is not None:
        return padded.index_select(0 if batch_first else 1, undo), lengths[undo]
    return padded, lengths


def pad_sequence(sequences: Any, batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right") -> Tensor:
    """Sequences (L_i, *) as one tensor (L, N, *), the shorter ones padded."""
    if not isinstance(sequences, Iterable):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    if padding_side not in ("left", "right"):
        raise RuntimeError(f"Expected padding_side to be one of left or right, but got {padding_side}.")
    sequences = list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    longest = max([len(sequence) for sequence in sequences])
    rows = []
    for sequence in sequences:
        missing = longest - len(sequence)
        if missing:
            filler = ops.full((missing, *sequence.shape[1:]), padding_value, dtype=sequence.dtype)
            sequence = ops.cat([sequence, filler] if padding_side == "right" else [filler, sequence])
        rows.append(sequence)
    return ops.stack(rows, 0 if batch_first else 1)


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """The sequences, without what they were padded with."""
    rows = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    return [row[:length] for row, length in zip(rows, lengths.tolist())]


def pack_sequence(sequences: list[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (L_i, *), packed."""
    lengths = ops.tensor([len(sequence) for sequence in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """The sequences (L_i, *) of a packed sequence."""
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)
