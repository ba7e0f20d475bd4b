"""Tensors from data, beside PyTorch: ops/data.py and ops/devices.py."""
from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from beside import DTYPES, beside, program, table

import minigrad

DATA = """
1
True
1.5
[]
[[]]
[[], []]
[[], [1]]
[[], 1]
[1, 2.5, True]
[True, 2]
[True, False]
(1, 2)
range(4)
((1, 2), [3, 4])
[[[[[1]]]]]
[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]
[float('inf'), -float('inf'), float('nan'), -0.0]
2**63 - 1
-2**63
1e400
1e39
np.float64(1.5)
np.float32(1.5)
np.float16(1.5)
np.int32(3)
np.bool_(True)
[np.float64(1.5)]
[np.float32(1.5)]
[np.float16(1.5), 2]
[np.float16(1.5), 2.0]
[np.int8(3), True]
[np.int16(3), np.uint8(2)]
[np.float64(1.5), np.float32(2)]
np.array([1.5, 2])
np.array(1.5)
np.array([[1, 2], [3, 4]], np.int16)
np.array([True])
np.zeros((2, 0))
np.asfortranarray(np.ones((2, 3)))
np.ones((2, 3, 4)).transpose(2, 0, 1)
np.arange(6)[::-2]
[t.tensor(1.), t.tensor(2.)]
[t.tensor(1, dtype=t.int32), 2]
[t.tensor(1, dtype=t.int8), t.tensor(2., dtype=t.float64)]
[t.tensor([1.]), t.tensor([[2.]])]
[[t.tensor(1), 2], [3, 4]]
2**63
-2**63 - 1
[2**63]
[[1, 2], [3]]
[[1, 2], 3]
[1, [2]]
[1.0, [2.0]]
[[1], [2, 3]]
[[[1, 2], [3, 4]], [[5, 6], [7]]]
[[[1, 2], [3, 4]], [[5, 6]]]
None
[None]
[1, None]
'a'
['a']
[1, 'a']
b'ab'
{1: 2}
{1, 2}
object
iter([1])
(n for n in [1])
[t.tensor([1., 2.]), t.tensor([2., 3.])]
[np.array(1.5), 2.0]
"""
OF_A_DTYPE = """
2
-1
300
-300
128
40000
2**31
2**40
2**63 - 1
[1, -1, 100]
[0, 0.5, 2]
1.5
[1.9, -1.9]
1e10
70000.
float('inf')
float('nan')
True
None
[None]
['1']
'1'
[[1, 2], [3]]
[t.tensor(300), 1]
[1, t.tensor(2.5)]
np.array([1.7, -2.7, 300.])
np.array([1, 0, 255], np.uint8)
"""


@table(DATA)
def test_tensor(source):
    beside(program(f"t.tensor({source})"))


@table(OF_A_DTYPE)
@pytest.mark.parametrize("dtype", DTYPES)
def test_tensor_of_a_dtype(source, dtype):
    beside(program(f"t.tensor({source}, dtype=t.{dtype})"))


OTHERS = """
t.tensor([1., 2.], requires_grad=True)
t.tensor([1, 2], requires_grad=True)
t.tensor([True], requires_grad=True)
t.tensor([1, 2], dtype=t.float64, requires_grad=True)
t.tensor([1], dtype=float), t.tensor([1.5], dtype=int), t.tensor([1], dtype=bool)
t.tensor(t.tensor([1., 2.]))
t.tensor(t.tensor([1., 2.], requires_grad=True)).requires_grad
t.tensor(t.tensor(3), dtype=t.float32)
t.tensor([2., t.tensor(1., requires_grad=True)])
t.tensor([1], device='cpu', pin_memory=False)
t.tensor([1], device=t.device('cpu'))
t.tensor([1], device='cuda')
t.tensor([1], device='cuda:1')
t.tensor([1], device='gpu')
t.tensor([1], device=0)
t.tensor([1], device=1.5)
a = [1]; a.append(a); t.tensor(a)
a = []; a.append(a); t.tensor(a)
t.as_tensor([1, 2])
t.as_tensor(3.5)
t.as_tensor([1, 2], dtype=t.float32)
t.as_tensor(np.array([1, 2.]), dtype=t.float32)
a = np.array([1., 2]); x = t.as_tensor(a); a[0] = 5; x
a = np.array([1., 2]); x = t.tensor(a); a[0] = 5; x
x = t.tensor([1., 2]); t.as_tensor(x) is x, t.as_tensor(x, dtype=t.float32) is x
x = t.tensor([1., 2], requires_grad=True); t.as_tensor(x, dtype=t.float64)
t.as_tensor([1], device='cuda')
t.as_tensor('a')
t.asarray([1, 2], dtype=t.float32, requires_grad=True)
a = np.array([1., 2]); x = t.asarray(a); y = t.asarray(a, copy=True); a[0] = 5; x, y
x = t.tensor([1., 2]); t.asarray(x) is x
t.asarray([1], copy=False)
t.from_numpy(np.array([1, 2])), t.from_numpy(np.array(1.))
a = np.zeros(3); x = t.from_numpy(a); x[0] = 4; a.tolist()
x = t.from_numpy(np.arange(6).reshape(2, 3)[:, ::2]); x, x.stride()
t.from_numpy([1])
t.from_numpy(np.float64(2))
t.from_numpy(np.arange(6)[::-1])
t.from_numpy(np.arange(6, dtype='>i4'))
t.scalar_tensor(3), t.scalar_tensor(3.5, dtype=t.float64), t.scalar_tensor(True)
t.ones(2, dtype=t.int64).new_tensor([1.5, 2])
t.ones(2, dtype=t.float64).new_tensor([1, 2]), t.ones(2).new_tensor([1, 2], dtype=t.int64)
t.ones(2).new_tensor([1., 2], requires_grad=True)
t.ones(2).new_tensor(np.array([1, 2]))
t.ones(2).new_tensor(t.tensor([1, 2]))
t.is_floating_point(t.ones(1)), t.is_floating_point(t.tensor(1)), t.is_tensor(t.ones(1)), t.is_tensor(1)
t.tensor([1], foo=2)
"""
DEVICES = """
t.device('cpu')
t.device('cuda')
t.device('cuda:1')
t.device('cuda', 1)
t.device(type='cpu')
t.device(t.device('cpu'))
t.device('foo')
t.device('cpu:a')
t.device('')
t.device(0)
t.ones(1).device
"""
LEGACY = """
t.Tensor([1, 2])
t.Tensor([[1, 2], [3, 4]])
t.Tensor(2, 3).shape
t.Tensor()
t.Tensor(t.Size([2, 3])).shape
t.Tensor((2, 3))
t.Tensor(t.tensor([1., 2]))
t.Tensor(t.tensor([1, 2]))
t.Tensor(np.array([1, 2]))
t.Tensor(np.int64(3)).shape
t.Tensor([1, 2], device='cpu')
t.Tensor([True, False])
t.Tensor(range(3))
t.Tensor('a')
t.Tensor(1.5)
t.Tensor(True)
t.Tensor(None)
t.Tensor([1], device='cuda')
t.Tensor(2, 1.5)
t.Tensor(-1)
t.Tensor([[1, 2], [3]])
x = t.tensor([1., 2]); y = t.Tensor(x); y[0] = 7; x
x = np.array([1, 2], np.float32); y = t.Tensor(x); y[0] = 7; x.tolist()
t.FloatTensor([1, 2]), t.FloatTensor(), t.FloatTensor(2, 3).shape, t.FloatTensor(t.Size([2, 3])).shape
t.FloatTensor(t.tensor([1, 2]))
t.FloatTensor(np.array([1., 2]))
t.FloatTensor(1.5)
t.LongTensor([1.5, 2]), t.LongTensor([True]), t.LongTensor([[1], [2]]), t.LongTensor(2, 3).shape
t.LongTensor(np.array([1., 2]))
t.IntTensor([1, 2]), t.DoubleTensor([1, 2]), t.BoolTensor([1, 0]), t.HalfTensor([1.5])
t.ShortTensor([1]), t.CharTensor([-1]), t.ByteTensor([1, 255])
t.ByteTensor([1, 256])
isinstance(t.tensor([1.]), t.FloatTensor), isinstance(t.tensor([1]), t.FloatTensor), isinstance(t.tensor([1]), t.LongTensor)
repr(t.FloatTensor), repr(t.FloatTensor.dtype), isinstance(1, t.FloatTensor)
t.ones(2, dtype=t.int32).new([1, 2]), t.ones(2).new(3).shape, t.ones(2).new().shape
"""


@table(OTHERS + LEGACY)
def test_other(source):
    beside(program(source), order=0)


@table(DEVICES)
def test_device(source):
    beside(lambda t: repr(program(source)(t)))
    beside(lambda t: str(program(source)(t)))


def test_devices_compare():
    def run(t):
        devices = [t.device(name) for name in ("cpu", "cpu:0", "cuda", "cuda:1")]
        same = [a == b and hash(a) == hash(b) for a, b in itertools.product(devices, devices)]
        return same, [repr(pickle.loads(pickle.dumps(d))) for d in devices], devices[0] == "cpu", [(d.type, d.index) for d in devices]

    beside(run)


def test_other_devices_are_refused_with_a_way_out():
    with pytest.raises(RuntimeError, match="minigrad runs on the CPU only.*Use device='cpu'"):
        minigrad.zeros(2, device="mps")


def test_unsupported_arrays():
    """PyTorch's message names more dtypes than minigrad has."""
    for array in (np.array(["a"]), np.array([None]), np.array([1j]), np.array([1], np.uint32)):
        for function in (minigrad.tensor, minigrad.from_numpy, minigrad.as_tensor):
            with pytest.raises(TypeError, match=rf"can't convert np.ndarray of type numpy.{array.dtype.type.__name__}. The only"):
                function(array)


def test_lists_of_arrays():
    """PyTorch says that it is slow; here it is not."""
    for a, b in itertools.product(["float32", "float64", "int32", "float16"], ["list", "int32", "float64"]):
        rows = [np.array([1, 2], a), [1, 2] if b == "list" else np.array([3, 4], b)]
        made, expected = minigrad.tensor(rows), np.array(rows)
        import torch

        with pytest.warns(UserWarning):
            mirrored = torch.tensor(rows)
        assert str(made.dtype) == str(mirrored.dtype)
        np.testing.assert_array_equal(made.numpy(), expected)


def test_long_lists_stay_fast():
    """Nested lists are taken apart in C: less than ten times NumPy's own time."""
    import timeit

    for rows in ([[float(i + j) for i in range(4)] for j in range(20_000)], list(range(80_000))):
        ours = min(timeit.repeat(lambda rows=rows: minigrad.tensor(rows), number=1, repeat=5))
        numpys = min(timeit.repeat(lambda rows=rows: np.array(rows), number=1, repeat=5))
        assert ours < 10 * numpys
