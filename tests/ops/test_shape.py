"""Shapes and views beside PyTorch's: ops/shape.py."""
from __future__ import annotations

import pickle

import numpy as np
import pytest
from beside import DTYPES, beside, draw, program, table

X = draw(2, 3, 4)
VIEWS = """
x.view(24)
x.view(6, 4)
x.view(-1)
x.view(2, -1, 2)
x.view((4, 6))
x.view([4, -1])
x.view(t.Size([4, 6]))
x.view(t.tensor(4), 6)
x.transpose(0, 1).view(3, 2, 2, 2)
x[:, :, ::2].view(2, 3, 2, 1)
x[0].view(12)
x[0, 0, 0].view(1, 1)
x[:1, 0, 0].view(())
x.reshape(24)
x.reshape(4, -1)
x.reshape((4, 6))
x.reshape(shape=(4, 6))
x.transpose(0, 1).reshape(3, 2, 4)
x[:, :, ::2].reshape(2, 3, 2, 1)
t.reshape(x, (4, 6))
x.view_as(t.zeros(4, 6))
x.reshape_as(t.zeros(4, 6))
x.flatten()
x.flatten(1)
x.flatten(0, 1)
x.flatten(-2)
x.flatten(start_dim=1, end_dim=2)
x[0, 0, 0].flatten()
x.ravel()
x.unflatten(2, (2, 2))
x.unflatten(-1, (2, -1))
x.unflatten(1, (3,))
t.unflatten(x, 0, (1, 2))
x[0].t()
x[0, 0].t()
x[0, 0, 0].t()
x.T
x[0].T
x[0, 0].T
x.mT
x[0].mT
x.transpose(0, 1)
x.transpose(0, -1)
x.transpose(1, 1)
x.transpose(dim0=0, dim1=1)
x[0, 0, 0].transpose(0, -1)
x.swapaxes(0, 1)
x.swapdims(-1, 1)
x.permute(2, 0, 1)
x.permute((-1, 0, 1))
x.permute(dims=(2, 1, 0))
x[0, 0, 0].permute(())
t.permute(x, (2, 0, 1))
x.movedim(0, 2)
x.movedim((0, 1), (1, 2))
x.movedim((0, -1), (1, 0))
t.moveaxis(x, -1, 0)
x.unsqueeze(0)
x.unsqueeze(3)
x.unsqueeze(-1)
x.unsqueeze(dim=1)
x[0, 0, 0].unsqueeze(-1)
x.transpose(0, 1).unsqueeze(1)
x.squeeze()
x.view(1, 24, 1).squeeze()
x.view(1, 24, 1).squeeze(0)
x.view(1, 24, 1).squeeze(-1)
x.view(1, 24, 1).squeeze(1)
x.view(1, 24, 1).squeeze((0, 2))
x.view(1, 24, 1).squeeze([0, 1])
x.view(1, 24, 1).squeeze(())
x.view(1, 24, 1).squeeze(dim=2)
x[0, 0, 0].squeeze()
x[0, 0, 0].squeeze(0)
x[:, :1].expand(2, 5, 4)
x[:, :1].expand(2, -1, 4)
x[:, :1].expand(6, 2, 5, 4)
x[:, :1].expand((2, 3, 4))
x[:, :1].expand(size=(2, 3, 4))
x[:, :1].transpose(0, 2).expand(4, 3, 2)
x[:, :, 1:2].expand(2, 3, 5)
x[0, 0, 0].expand(2, 3)
x[0, 0, 0].expand(())
x[:, :1].expand_as(x)
x[:, :1].broadcast_to((2, 3, 4))
x[:, :1].broadcast_to(2, 3, 4)
t.broadcast_to(x[:, :1], (2, 3, 4))
t.broadcast_tensors(x[:, :1], x[0])
t.meshgrid(x[0, 0], x[0, 1, :3], indexing='ij')
t.meshgrid(x[0, 0], x[0, 1, :3], indexing='xy')
t.meshgrid([x[0, 0], x[0, 1, :3], x[0, 1, :2]], indexing='xy')
t.meshgrid(x[0, 0], x[0, 1, 0], indexing='ij')
t.meshgrid(x[0, 0], indexing='xy')
"""
COPIES = """
x.transpose(0, 1).reshape(24)
x.transpose(0, 1).reshape(3, 8)
x.transpose(0, 2).flatten()
x.transpose(0, 2).flatten(0, 1)
x.transpose(0, 1).ravel()
x.contiguous()
x.transpose(0, 1).contiguous()
x[:, ::2].contiguous()
"""
ERRORS = """
x.view(5, 5)
x.view(-1, -1)
x.view(-2, 12)
x.view(5, -1)
x.view(0, -1)
x[:0].view(0, -1)
x.view(1.5)
x.view()
x.transpose(0, 1).view(24)
x[:, ::2].view(8, 2)
x.reshape(5, 5)
x.reshape(())
x.reshape(4, 1.5)
x.reshape('ab')
x.flatten(2, 1)
x.flatten(3)
x.unflatten(1, ())
x.unflatten(1, (2, 2))
x.unflatten(1, (2, -1))
x.unflatten(5, (2, 2))
x.t()
x[0, 0].mT
x.transpose(0, 3)
x.transpose(-4, 0)
x[0, 0, 0].transpose(0, 1)
x.permute(0, 1)
x.permute(0, 0, 1)
x.permute(0, 1, 3)
x.permute()
x.movedim((0, 1), (1,))
x.movedim(0, 3)
x.movedim((0, 0), (1, 2))
x.movedim((0, 1), (2, 2))
x.unsqueeze(4)
x.unsqueeze(-5)
x.squeeze(3)
x.squeeze((0, 0))
x.expand(2, 3, 5)
x.expand(3)
x[:, :1].expand(-1, 2, -1, -1)
t.broadcast_tensors(x, x[:, 0])
t.broadcast_shapes((3,), (4,))
t.meshgrid()
t.meshgrid(x[0, 0], t.arange(3), indexing='ij')
t.meshgrid(x[0, 0], indexing='foo')
"""
PLAIN = """
x.shape, x.size(), x.size(0), x.size(-1), x.size(dim=1), t.numel(x)
x.size(3)
x.shape + (1,), (1,) + x.shape, x.shape[1:], x.shape[-1], x.shape * 2, 2 * x.shape
x.shape.numel(), x.shape == (2, 3, 4), x.shape == [2, 3, 4], tuple(x.shape), x.shape.index(3)
repr(x.shape), repr(t.Size([])), repr(t.Size((3,))), str(t.Size([1]) + t.Size([2]))
t.Size([1.5])
t.Size([t.tensor(1), True, 2])
t.Size(), hash(t.Size([1, 2])) == hash((1, 2))
t.broadcast_shapes((3, 1), (4,), 1), t.broadcast_shapes()
x.stride(), x.stride(0), x.stride(-1), x.stride(dim=1), x[0, 0, 0].stride(), x.T.stride()
x.stride(3)
x[1].storage_offset(), x[:, 1:, ::2].storage_offset(), x[1, 1, 1:][1:].storage_offset(), x.T.storage_offset()
x.is_contiguous(), x.T.is_contiguous(), x[:, 0].is_contiguous(), x[0].is_contiguous()
x.data_ptr() == x.view(-1).data_ptr(), x[1].data_ptr() - x.data_ptr(), x.clone().data_ptr() == x.data_ptr()
t.zeros(0, 3).view(-1, 0).shape, t.zeros(0, 3).reshape(3, -1).shape, t.zeros(2, 0, 3).flatten().shape
t.zeros(0).stride(), t.zeros(2, 0, 3).stride()
"""


def tier(source):
    """The gradient of an expanded tensor is a sum, which is not taken in PyTorch's order."""
    return "T3" if any(word in source for word in ("expand", "broadcast", "meshgrid")) else None


@table(VIEWS)
def test_view(source):
    """Values, gradients, the graph; strides, and where in memory the view begins."""
    f = program(source)
    beside(f, X, order=0)
    beside(f, X, tier=tier(source))

    def layout(t, x):
        found = f(t, x)
        views = found if isinstance(found, tuple) else (found,)
        return [(y.stride(), y.storage_offset(), y._is_view(), y._base is x, y.data_ptr() - x.data_ptr()) for y in views]

    beside(layout, X)


@table(VIEWS)
def test_view_shares_memory(source):
    f = program(source)

    def write(t, x):
        x = x.detach()
        found = f(t, x)
        for y in found if isinstance(found, tuple) else (found,):
            y.mul_(2).add_(1)
        return x, x._version, found

    beside(write, X)


@table(VIEWS)
def test_view_changed_in_place_under_grad(source):
    f = program(source)

    def change(t, x, w):
        y = x * 1
        v = f(t, y)
        v = v[0] if isinstance(v, tuple) else v
        v.mul_(w)
        return y, v

    beside(change, X, np.array(1.5), tier=tier(source))


@table(VIEWS + COPIES)
def test_other_dtypes(source):
    for dtype in DTYPES[1:]:
        beside(program(source), X.astype(dtype), order=1, tier=tier(source))


@table(COPIES)
def test_copy(source):
    f = program(source)
    beside(f, X)
    beside(lambda t, x: (f(t, x).stride(), f(t, x) is x, f(t, x)._is_view()), X)


@table(ERRORS)
def test_error(source):
    beside(program(source), X)


@table(PLAIN)
def test_size(source):
    beside(program(source), X)


def test_bits():
    """The same memory, read as another dtype: outside the graph."""

    def run(t, x, dtype):
        y = x.view(getattr(t, dtype))
        return y, y.requires_grad, y.stride(), y.data_ptr() == x.data_ptr()

    for dtype in DTYPES[:-1]:
        beside(run, X, dtype, order=0)


def test_size_pickles():
    beside(lambda t: [repr(copy) for copy in (pickle.loads(pickle.dumps(t.Size([1, 2]))),)])


IN_PLACE = """
x.t_()
x.t_().t_()
x.transpose_(0, 1)
x.transpose_(0, 2)
x.swapaxes_(0, 1)
x.unsqueeze_(1)
x.unsqueeze_(9)
x.squeeze_()
x.squeeze_(0)
x.squeeze_((0, 1))
x.squeeze_().t_().unsqueeze_(0)
"""


@table(IN_PLACE)
@pytest.mark.parametrize("before", ["x * 1", "x.detach()", "x", "(x * 1)[0:1]"])
def test_in_place(source, before):
    f, g = program(source), program(before)

    def run(t, x):
        x = g(t, x)
        y = f(t, x)
        return y, y is x, y.stride(), y._version, y.is_leaf, y * 2

    for data in (draw(3, 4), draw(1, 3, 1)):
        beside(run, data)


def test_in_place_without_grad():
    def run(t, x):
        with t.no_grad():
            x.t_()
        return x * 2, x.is_leaf

    beside(run, draw(3, 4), order=0)
