"""Convolution as products of matrices: two ways to lay out the windows of some images.

Images x are (N, groups x channels, *size), y is (N, groups, out, windows). `filters` are the weight as each way wants it.
"""
from __future__ import annotations

import math
from functools import reduce
from operator import iadd

import numpy as np

from .windows import Ints, add_windows, corners, windows

HIGH = 24  # so many elements of a window in a product make it worth while


class Whole:
    """Windows with all their elements are the columns of a matrix, and an image takes one product."""

    def __init__(self, groups: int, channels: int, size: Ints, kernel: Ints, stride: Ints, dilation: Ints, count: Ints) -> None:
        self.groups, self.channels, self.size, self.count = groups, channels, size, count
        self.kernel, self.stride, self.dilation = kernel, stride, dilation
        self.height, self.windows = channels * math.prod(kernel), math.prod(count)
        self.elements = groups * self.height * self.windows

    def filters(self, weight: np.ndarray) -> np.ndarray:
        return weight.reshape(self.groups, -1, self.height)

    def weight(self, filters: np.ndarray) -> np.ndarray:
        return filters.reshape(-1, self.channels, *self.kernel)

    def columns(self, x: np.ndarray) -> np.ndarray:
        return windows(x, self.kernel, self.stride, self.dilation, self.count).reshape(len(x), self.groups, self.height, self.windows)

    def correlate(self, x: np.ndarray, filters: np.ndarray, y: np.ndarray) -> None:
        np.matmul(filters, self.columns(x), out=y)

    def overlap(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.add.reduce(np.matmul(y, self.columns(x).swapaxes(-1, -2)))

    def spread(self, y: np.ndarray, filters: np.ndarray) -> np.ndarray:
        total = np.zeros((len(y), self.groups * self.channels, *self.size), y.dtype)
        values = np.matmul(filters.swapaxes(-1, -2), y).reshape(*total.shape[:2], *self.kernel, *self.count)
        add_windows(total, values, self.kernel, self.stride, self.dilation)
        return total


class ByRows(Whole):
    """Only the rows of windows are laid out, and each row of the kernel is multiplied with those of them that it meets.

    That is so many times less to copy as a window has rows, and it is copied in long pieces, for the channels are innermost.
    """

    def __init__(self, groups: int, channels: int, size: Ints, kernel: Ints, stride: Ints, dilation: Ints, count: Ints) -> None:
        super().__init__(groups, channels, size, kernel, stride, dilation, count)
        self.row = kernel[-1], channels
        self.shape = groups, *size[:-1], count[-1], *self.row
        self.elements = math.prod(self.shape)

    def filters(self, weight: np.ndarray) -> np.ndarray:
        parts = weight.reshape(self.groups, -1, self.channels, math.prod(self.kernel[:-1]), self.kernel[-1]).transpose(3, 0, 4, 2, 1)
        return np.ascontiguousarray(parts).reshape(len(parts), self.groups, math.prod(self.row), -1)

    def weight(self, filters: np.ndarray) -> np.ndarray:
        parts = filters.reshape(len(filters), self.groups, *self.row, -1).transpose(1, 4, 3, 0, 2)
        return parts.reshape(-1, self.channels, *self.kernel)

    def rows(self, x: np.ndarray) -> np.ndarray:
        last = np.ascontiguousarray(np.moveaxis(x.reshape(len(x), self.groups, self.channels, *self.size), 2, -1))
        seen = windows(last.swapaxes(-1, -2), self.kernel[-1:], self.stride[-1:], self.dilation[-1:], self.count[-1:])
        return np.ascontiguousarray(seen.swapaxes(-1, -3))

    def met(self, rows: np.ndarray) -> list[np.ndarray]:
        """For each row of the kernel, those that it meets."""
        places = corners(self.kernel[:-1], self.stride, self.dilation, self.count[:-1])
        return [rows[(slice(None), slice(None)) + where[1:]] for _, where in places]

    def matrices(self, x: np.ndarray) -> list[np.ndarray]:
        return [rows.reshape(len(x), self.groups, self.windows, -1) for rows in self.met(self.rows(x))]

    def correlate(self, x: np.ndarray, filters: np.ndarray, y: np.ndarray) -> None:
        total = reduce(iadd, map(np.matmul, self.matrices(x), filters))
        y[...] = total.swapaxes(-1, -2)

    def overlap(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return np.stack([np.add.reduce(np.matmul(y, rows)).swapaxes(-1, -2) for rows in self.matrices(x)])

    def spread(self, y: np.ndarray, filters: np.ndarray) -> np.ndarray:
        rows = np.zeros((len(y), *self.shape), y.dtype)
        for part, target in zip(filters, self.met(rows)):
            target += np.matmul(y.swapaxes(-1, -2), part.swapaxes(-1, -2)).reshape(target.shape)
        return np.moveaxis(self.joined(rows), -1, 2).reshape(len(y), -1, *self.size)

    def joined(self, rows: np.ndarray) -> np.ndarray:
        """The elements of rows of windows (..., windows, kernel, channels) added up where they overlap, (..., size, channels).

        Each place of the kernel, with zeros behind, is added at its distance to the whole sum, which is one piece of memory: NumPy
        copies others first.
        """
        total = np.zeros((*rows.shape[:-3], self.size[-1], self.channels), rows.dtype)
        place = np.zeros_like(total)
        flat, added = total.reshape(-1), place.reshape(-1)
        ((_, where),) = corners((1,), self.stride[-1:], (1,), self.count[-1:])
        for j in range(self.kernel[-1]):
            place[where + (slice(None),)] = rows[..., j, :]
            distance = j * self.dilation[-1] * self.channels
            flat[distance:] += added[: flat.size - distance]
        return total


def lowering(groups: int, channels: int, size: Ints, kernel: Ints, stride: Ints, dilation: Ints, count: Ints) -> Whole:
    """By rows, where windows have several and these are long."""
    kind = ByRows if math.prod(kernel[:-1]) > 1 and channels * kernel[-1] >= HIGH else Whole
    return kind(groups, channels, size, kernel, stride, dilation, count)
