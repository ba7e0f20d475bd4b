"""class Tensor beside PyTorch's: its attributes, Python's protocols, conversions, and NumPy around it. Operations: see ops/."""
from __future__ import annotations

import copy
import math
import pickle
import random
import warnings

import numpy as np
import pytest
import torch
from beside import DTYPES, beside, draw, program, table

import minigrad

ATTRIBUTES = """
x.shape, x.size(), x.ndim, x.dim(), x.ndimension(), x.numel(), x.nelement()
x.itemsize, x.element_size(), x.nbytes
repr(x.dtype), repr(x.device), repr(x.layout), x.get_device()
x.is_cpu, x.is_cuda, x.is_sparse, x.is_quantized, x.is_meta, x.is_mps, x.is_pinned()
x.is_floating_point(), x.is_complex(), x.is_signed(), x.is_contiguous(), x.mT.is_contiguous(), x.is_inference()
x.requires_grad, x.is_leaf, x.grad, x.grad_fn, x.output_nr, x._version, x._base, x._is_view()
(x * 2).requires_grad, (x * 2).is_leaf, (x * 2).output_nr, x[0]._base is x, x[0]._is_view(), x.detach()._is_view()
x.type(), x.long().type(), x.bool().type(), x.half().type()
x.is_nonzero()
x[0, 0].is_nonzero()
type(x).__name__, isinstance(x, t.Tensor), repr(t.Tensor).split('.')[-1], t.Tensor.__module__ == t.__name__
x.cpu() is x, x.contiguous() is x
"""
PYTHON = """
x[0, 0].item(), x[:1, :1].item()
x.item()
x[:0].item()
x.tolist(), x[0].tolist(), x[0, 0].tolist(), x[:0].tolist()
bool(x[0, 0]), bool(x[:1, :1] * 0)
bool(x)
bool(x[:0])
int(x[0, 0].detach()), float(x[0, :1].detach())
float(x[0, 0])
float(x)
int(x)
complex(x[0, 0].detach())
int(t.tensor(float('nan')))
[1, 2, 3][t.tensor(1)], [1, 2, 3][t.tensor([1])], [1, 2, 3][t.tensor(True)], list(range(t.tensor(3))), hex(t.tensor(255))
[1, 2, 3][t.tensor(1.)]
[1, 2, 3][t.tensor([0, 1])]
len(x), len(x[:0])
len(x[0, 0])
list(x)
list(x[:0])
list(x[0, 0])
[y for y in x[0]]
x[0, 0].item() in x, 77 in x, x[0, 0] in x, x[:1, :1] in x, np.float64(5) in x
'a' in x
None in x
[1] in x
f'{x[0, 0]:.2f}', f'{x[0, 0].long():5d}', '{:>8.3}'.format(x[0, 0]), '%d' % t.tensor(2), '%s' % t.tensor(2), '%.1f' % t.tensor(2.5)
f'{x[0, 0].detach()}', f'{x.detach()}', str(t.tensor([1, 2])), f'{t.tensor(True)}'
f'{x:.2f}'
f'{x[0, :1]:.2f}'
abs(x), -x, +x, ~t.tensor([1, 2]), ~t.tensor(True)
sum([x[0], x[1]])
max(x[0, 0], x[0, 1]), sorted([t.tensor(3), t.tensor(1)]), min(t.tensor([3, 1]))
x == None, x != None
x == 'a', x != 'a', x == [1, 2]
{x: 1}[x], len({x, x * 1}), hash(x) == hash(x)
divmod(t.tensor(7), 2)
x.foo
"""
CONVERSIONS = """
x.to(t.float64) is x, x.to('cpu') is x, x.to(t.device('cpu')) is x, x.to(x) is x, x.to('cpu', t.float64) is x, x.to() is x
x.to(t.float32)
x.to('cpu', t.float32)
x.to(device='cpu', dtype=t.float32)
x.to(dtype=t.int64)
x.to(t.tensor([1], dtype=t.int32))
x.to(t.float64, copy=True) is x, x.to(t.float64, False, True) is x, x.to(t.float64, True) is x, x.to('cpu', non_blocking=True) is x
x.to(float) is x, x.to(int)
x.float(), x.double() is x, x.half()
x.long(), x.int(), x.short(), x.char(), x.bool(), x.abs().byte()
x.type(t.float32), x.type('torch.FloatTensor'), x.type('torch.LongTensor'), x.type(t.IntTensor), x.type_as(t.tensor([1]))
x.type('torch.foo')
x.to('cuda')
x.to('cuda:1')
x.to('foo')
x.to('float32')
x.to(0)
x.cuda()
x.cuda(0)
"""
DATA = """
x.data, x.data.requires_grad, x.data is x
x = x * 1; x.data[0] = 5; x, x._version
x = x.detach(); y = x.detach(); y[0] = 5; x, x._version, y._version
x = x.detach(); y = x.data; y[0] = 5; x, x._version, y._version
x.data = t.zeros(3); x, x.requires_grad
x.data = t.zeros(3).double(); x.is_leaf, x.requires_grad, x.shape
x.data = t.zeros(3, dtype=t.int64); x
x.data = [1, 2]; x
x = x.detach(); y = t.zeros(2); x.data = y; y[0] = 5; x
x.data.mul_(3); x, x._version
y = x * 2; y.detach_(); y, y.requires_grad
x.detach_(); x.requires_grad
(x * 2)[0].detach_()
x.detach()[0].detach_()
x.detach().requires_grad_().requires_grad, x.requires_grad_(False).requires_grad
t.ones(2, dtype=t.int64).requires_grad_()
x = x.detach(); x.requires_grad = True; x.requires_grad
y = x * 2; y.requires_grad = False; y
(x * 2).requires_grad_(False)
x.grad = t.ones(3).double(); x.grad
x.grad = t.ones(2, 3, dtype=t.float64); x.grad
x.foo = 3; x.foo
"""


@table(ATTRIBUTES + PYTHON + CONVERSIONS)
def test_program(source):
    beside(program(source), draw(2, 3), order=0)


@table(CONVERSIONS)
def test_gradient_of_conversions(source):
    if "is x" not in source:
        beside(program(source), draw(2, 3), order=1)


@table(DATA)
def test_data(source):
    beside(program(source), draw(2, 3), order=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_python_numbers(dtype):
    def run(t, x):
        number = x[0].item()
        return type(number).__name__, number, x.tolist(), int(x[0]), float(x[0].detach()), bool(x[0]), x[0].tolist()

    beside(run, np.array([3, 0, 1]).astype(dtype), order=0)


# ---- copies and pickles


def test_deepcopy():
    def run(t, x):
        x.foo = [1]
        x.grad = t.ones(2, 3, dtype=t.float64)
        y = copy.deepcopy(x)
        return y, y is x, y.requires_grad, y.foo, y.foo is x.foo, y.grad, y.grad is x.grad, y.data_ptr() == x.data_ptr(), y.is_leaf

    beside(run, draw(2, 3), order=0)
    beside(lambda t, x: copy.deepcopy(x * 2), draw(2, 3))
    beside(lambda t, x: copy.deepcopy(x.detach().mT[1:]).stride(), draw(2, 3))


def test_deepcopy_of_several():
    """What shared memory shares it again."""

    def run(t, x):
        x = x.detach()
        a, b, c = copy.deepcopy([x, x, x[:, 1:]])
        a[0] = 5
        return a is b, c, x

    beside(run, draw(2, 3))


def test_shallow_copy():
    def run(t, x):
        x = x.detach()
        y = copy.copy(x)
        y[0] = 5
        return x, y is x

    beside(run, draw(2, 3))


@table("x\nx.detach()\nx.detach().mT\nx.detach()[1:]\nx * 2\nx.long()\nx.bool()\nx[0, 0].detach()\nx.detach()[:0]")
def test_pickle(source):
    def run(t, x):
        y = pickle.loads(pickle.dumps(program(source)(t, x)))
        return y.detach(), y.requires_grad, y.is_leaf, y.stride()

    beside(run, draw(2, 3), order=0)


def test_pickle_of_names():
    beside(lambda t: [pickle.loads(pickle.dumps(t.float32)) is t.float32, pickle.loads(pickle.dumps(t.Tensor)) is t.Tensor])


# ---- Python's and NumPy's functions on tensors, and tensors beside arrays

ARRAYS = """
x.numpy()
x.detach().numpy().tolist(), x.numpy(force=True).tolist(), str(x.half().detach().numpy().dtype), type(x.detach().numpy()).__name__
y = x.detach(); y.numpy()[0] = 9; y
np.array(x)
np.asarray(x)
y = x.detach(); np.asarray(y)[0] = 5; y
y = x.detach(); np.array(y)[0] = 5; y
np.asarray(x.detach(), dtype='float32').tolist(), np.array(x.detach(), dtype=np.int32).tolist(), np.array(t.tensor(3)).tolist()
np.array([x[0, 0].detach(), x[0, 1].detach()]).tolist()
type(np.stack([x.detach(), x.detach()])).__name__, np.concatenate([x.detach(), x.detach()]).tolist()
x.detach() * np.ones(3), x.detach() + np.ones((2, 1)), x.detach() - np.ones(3), x.detach() / np.full(3, 2.)
x.detach().float() * np.ones(3), x.detach() * np.ones(3, 'float32'), x.long() * np.ones(3)
x * np.float64(2), x * np.float32(2), x * np.int64(2), x + np.bool_(True), x ** np.float64(2)
np.float64(2) * x.detach(), np.float32(2) * x.detach(), np.int64(2) * x.detach(), np.float64(2) ** x.detach(), np.float64(2) - x.detach()
x.detach() == np.ones(3)
np.add(x.detach(), 1), np.multiply(x.detach(), x.detach()), np.negative(x.detach()), np.abs(x.detach()), np.square(x.detach())
np.floor(x.detach()), np.maximum(x.detach(), 2), np.minimum(x.detach(), x.detach() * 2), np.subtract(1, x.detach())
np.matmul(x.detach(), x.detach().mT)
np.reshape(x.detach(), (3, 2)), np.transpose(x.detach()), np.squeeze(x.detach()[:1])
np.expand_dims(x.detach(), 0).shape, np.zeros_like(x.detach()).tolist(), np.vstack([x.detach()]).tolist()
np.allclose(x.detach(), x.detach()), np.array_equal(x.detach(), x.detach()), np.isclose(x.detach(), 0).tolist()
np.linalg.norm(x.detach()).round(9), np.dot(x[0].detach(), x[1].detach())
np.zeros(3)[t.tensor(1)], np.arange(6)[t.tensor([0, 2])].tolist()
math.sqrt(t.tensor(4.)), math.floor(t.tensor(2.5)), math.ceil(t.tensor(2.5)), math.isnan(t.tensor(4.)), math.exp(t.tensor([0.]))
np.random.default_rng(0).choice(t.arange(3)), np.mean([t.tensor(1.), t.tensor(2.)])
"""


@table(ARRAYS)
def test_arrays(source):
    f = program(f"import math; {source}")

    def run(t, x):
        with warnings.catch_warnings():
            if t is torch:  # NumPy warns of what PyTorch's side of this protocol lacks
                warnings.filterwarnings("ignore", "__array_wrap__|__array__ implementation")
            return f(t, x)

    beside(run, draw(2, 3), order=0, tier="T1")


def test_python_random():
    for choose in (lambda x: random.choice(x), lambda x: random.sample(list(x), 2)):

        def run(t, choose=choose):
            random.seed(0)
            return choose(t.arange(5))

        beside(run)


def test_numpy_functions_are_recorded():
    """PyTorch refuses these on tensors that require a gradient. Here they are how gradient rules run on tensors."""
    x = minigrad.tensor([1.0, 2.0], requires_grad=True)
    for y, node in [(np.sin(x), "SinBackward0"), (np.ones(2) * x, "MulBackward0"), (np.sum(x), "SumBackward0"),
                    (np.concatenate([x, x]), "CatBackward0"), (np.where(x > 1, x, 0.0), "WhereBackward0")]:  # fmt: skip
        assert y.grad_fn.name() == node
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad"):
        np.sinh(x)
    assert isinstance(np.sinh(x.detach()), minigrad.Tensor)
    assert math.isclose(np.sinh(x.detach())[1].item(), math.sinh(2), rel_tol=1e-6)


@pytest.mark.parametrize("name", ["shape", "dtype", "device", "ndim", "is_leaf", "grad_fn", "T"])
def test_read_only(name):
    for t in (torch, minigrad):
        with pytest.raises(AttributeError):
            setattr(t.ones(2, 2), name, 3)


def test_subclass():
    def run(t):
        class Named(t.Tensor):
            pass

        x = Named([1.0, 2.0])
        y = t.ones(2).as_subclass(Named)
        return type(x).__name__, type(y).__name__, isinstance(y, t.Tensor), x.tolist()

    beside(run)


def test_typename():
    def run(t):
        class Named(t.nn.Module):
            pass

        things = [3, "s", None, int, len, [1].append, np.ones(2), np.ndarray, t.ones(2), t.ones(2, dtype=t.int64), t.Tensor, t.nn.Linear,
                  t.nn.Linear(1, 1), t.nn.Parameter(t.ones(1)), Named, Named(), lambda: 0, copy.copy]  # fmt: skip
        return [t.typename(x).replace("minigrad", "torch") for x in things]

    beside(run)


@pytest.mark.parametrize("enabled", [True, False])
def test_float_of_what_requires_grad_warns_where_a_graph_is_made(enabled):
    torch.set_warn_always(True)
    for t in (torch, minigrad):
        x = t.ones(1, requires_grad=True) * 2
        with t.set_grad_enabled(enabled), warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            assert float(x) == 2.0
        assert ["Converting a tensor" in str(w.message) for w in seen] == [True] * enabled
