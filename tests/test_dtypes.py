"""dtypes and promotion beside PyTorch's. What operations make of them is in ops/test_elementwise.py, test_promotion."""
from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from beside import DTYPES, beside

import minigrad

ALIASES = ["double", "float", "half", "long", "int", "short"]
PAIRS = list(itertools.product(DTYPES, DTYPES))


@pytest.mark.parametrize("name", DTYPES + ALIASES)
def test_dtype(name):
    def facts(t):
        d = getattr(t, name)
        return repr(d), str(d), d.is_floating_point, d.is_complex, d.is_signed, d.itemsize, d == name, d is t.zeros(1, dtype=d).dtype

    beside(facts)


def test_promote_types():
    for a, b in PAIRS:
        beside(lambda t: repr(t.promote_types(getattr(t, a), getattr(t, b))))
        beside(lambda t: t.can_cast(getattr(t, a), getattr(t, b)))


def test_result_type():
    values = np.array([1, 2]), np.array(1)
    for a, b in PAIRS:
        for x, y in itertools.product(values, values):
            beside(lambda t, x, y: repr(t.result_type(x, y)), x.astype(a), y.astype(b))
    for a, x, number in itertools.product(DTYPES, values, (True, 2, 2.5)):
        beside(lambda t, x: repr(t.result_type(x, number)), x.astype(a))


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
def test_finfo(name):
    fields = "bits eps max min tiny smallest_normal resolution dtype".split()
    beside(lambda t: (repr(t.finfo(getattr(t, name))), [getattr(t.finfo(getattr(t, name)), field) for field in fields]))


@pytest.mark.parametrize("name", ["int64", "int32", "int16", "int8", "uint8"])
def test_iinfo(name):
    beside(lambda t: (repr(t.iinfo(getattr(t, name))), [getattr(t.iinfo(getattr(t, name)), f) for f in "bits max min dtype".split()]))


@pytest.mark.parametrize("name", ["float64", "float16", "float32"])
def test_default_dtype(name):
    def results(t):
        before = t.get_default_dtype()
        t.set_default_dtype(getattr(t, name))
        try:
            ints = t.tensor([1, 2])
            made = [t.get_default_dtype(), t.tensor(1.5).dtype, t.zeros(2).dtype, (ints * 1.5).dtype, (ints / 2).dtype, ints.exp().dtype]
            return list(map(repr, made)), repr(t.finfo())
        finally:
            t.set_default_dtype(before)

    beside(results)


BAD = {
    "int default": lambda t: t.set_default_dtype(t.int64),
    "no default": lambda t: t.set_default_dtype(3),
    "finfo of ints": lambda t: t.finfo(t.int32),
    "iinfo of floats": lambda t: t.iinfo(t.float32),
    "iinfo of bools": lambda t: t.iinfo(t.bool),
    "finfo of a number": lambda t: t.finfo(3),
    "promote a number": lambda t: t.promote_types(1, t.int32),
    "promote to text": lambda t: t.promote_types(t.int32, "float32"),
    "cast a number": lambda t: t.can_cast(1, t.int32),
    "cast to text": lambda t: t.can_cast(t.int32, "s"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_dtypes(name):
    beside(BAD[name])


def test_python_types_are_dtypes():
    for python in (float, int, bool):
        beside(lambda t: repr(t.promote_types(python, t.int32)))
        beside(lambda t: t.can_cast(python, t.int32))


def test_one_object_each():
    import copy
    import pickle

    for name in DTYPES:
        d = getattr(minigrad, name)
        assert copy.deepcopy(d) is d
        assert pickle.loads(pickle.dumps(d)) is d


def test_unsupported_arrays():
    for array in (np.zeros(2, complex), np.zeros(2, "uint32"), np.array(["s"])):
        with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy"):
            minigrad.from_numpy(array)


def test_numbers_that_do_not_fit():
    for name in DTYPES:
        for number in (300, -300, 2.7, -1, math.nan, math.inf, 2**40):
            beside(lambda t: t.zeros(2, dtype=getattr(t, name)).masked_fill(t.tensor([True, False]), number))
