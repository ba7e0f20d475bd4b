"""Random numbers beside PyTorch's, bit for bit: the functions of ops/sampling.py and ops/dropout.py."""
from __future__ import annotations

import numpy as np
import pytest
from beside import beside, draw, program, table
from kernels import same_kernels

pytestmark = same_kernels

SHAPES = [(), (1,), (5,), (15,), (16,), (17,), (31,), (100,), (3, 5), (4, 4, 3), (0,), (2, 0)]
DRAWS = """
t.rand(7)
t.rand(2, 3), t.rand((2, 3)), t.rand(size=(2,)), t.rand(())
t.rand(5, dtype=t.float64)
t.rand(5, dtype=t.float16)
t.rand(2, requires_grad=True)
t.rand_like(t.ones(2, 3)), t.rand_like(t.ones(3, dtype=t.int64), dtype=t.float64)
t.rand_like(t.ones(3, 2).mT)
t.randn(5), t.randn(3, 4), t.randn(7, dtype=t.float64)
t.randn(1), t.rand(1), t.randn(1), t.randn(2)
t.randn(100, dtype=t.float64)
t.randn(37, 3, dtype=t.float64)
t.randn_like(t.ones(3, 4)), t.randn_like(t.ones(2, dtype=t.int64), dtype=t.float64)
t.randint(10, (5,))
t.randint(3, 10, (2, 3))
t.randint(low=-5, high=5, size=(4,))
t.randint(10, (3,), dtype=t.int32), t.randint(2, (3,), dtype=t.bool), t.randint(0, 255, (3,), dtype=t.uint8)
t.randint(10, (3,), dtype=t.float32, requires_grad=True)
t.randint(2**28 - 1, (3,)), t.randint(2**28, (3,)), t.randint(2**40, (3,)), t.randint(-2**62, 2**62, (3,))
t.randint_like(t.ones(3), 10), t.randint_like(t.ones(3, dtype=t.int64), 5, 10)
t.randperm(10), t.randperm(0), t.randperm(1), t.randperm(1000), t.randperm(5, dtype=t.int32)
t.bernoulli(t.full((10,), 0.3))
t.bernoulli(t.full((10,), 0.3, dtype=t.float64))
t.bernoulli(t.tensor([0., 1., 0.5]))
t.bernoulli(t.ones(2, 3), 0.4)
t.ones(2, 3).bernoulli()
t.normal(2., 3., (5,)), t.normal(0, 1, size=(2, 2)), t.normal(2., 3., (5,), dtype=t.float64)
t.normal(t.arange(5.), 1.), t.normal(t.arange(5.), t.arange(1., 6.)), t.normal(1., t.arange(1., 6.))
t.normal(t.zeros(20, dtype=t.float64), t.ones(20, dtype=t.float64))
t.normal(t.zeros(2, 1), t.ones(3))
t.multinomial(t.tensor([.1, .2, .7]), 1)
t.multinomial(t.tensor([.1, .2, .7]), 3)
t.multinomial(t.tensor([.1, .2, .7]), 9, replacement=True)
t.multinomial(t.tensor([[1., 2, 3], [3, 0, 0]]), 1), t.multinomial(t.tensor([[1., 2, 3], [3, 1, 1]]), 2)
t.multinomial(t.tensor([[1., 2, 3], [3, 0, 1]], dtype=t.float64), 5, True)
t.tensor([1., 2.]).multinomial(num_samples=2, replacement=True)
t.nn.functional.dropout(t.ones(20), 0.3), t.dropout(t.ones(20), 0.5, True), t.dropout(t.ones(3), 0.5, False)
t.dropout(t.ones(3), 0., True), t.dropout(t.ones(3), 1., True)
"""
WRITES = """
x.uniform_()
x.uniform_(-2, 3)
x.normal_()
x.normal_(2, 3)
x.normal_(mean=-1., std=0.)
x.exponential_(), x.exponential_(2.5)
x.cauchy_(), x.cauchy_(-1., 0.3)
x.log_normal_(), x.log_normal_(-1, 0.2)
x.geometric_(0.2)
x.bernoulli_(), x.bernoulli_(0.2), x.bernoulli_(0.), x.bernoulli_(1)
x.bernoulli_(t.full(x.shape, 0.3))
x.random_(10), x.random_(-5, 5)
x.random_()
x.mT.uniform_() if x.ndim > 1 else x.uniform_()
"""
MORE = """
t.binomial(t.tensor([5.]).expand(2), t.tensor([.5, .2])), t.binomial(t.full((3, 2), 50.).mT, t.rand(3, 2).mT)
t.binomial(t.tensor([5.], dtype=t.float64), t.tensor([.5])), t.binomial(t.tensor([5.]), t.tensor([.5], dtype=t.float64))
t.binomial(t.tensor([5]), t.tensor([.5]))
t.binomial(t.tensor([5.]), t.tensor([1]))
t.binomial(t.tensor([5., -5., 0., 3., 3.]), t.tensor([float('nan'), float('nan'), 0.5, 1.5, -1.]))
t.binomial(t.tensor([5.]), t.tensor([.5]), generator=3)
t.binomial(t.tensor([5.], requires_grad=True), t.tensor([.5])).backward()
t.empty(0).uniform_(2, 1)
t.empty(0, dtype=t.int64).uniform_()
t.empty(0, dtype=t.int64).normal_()
t.empty(0).normal_(0, -1)
t.empty(0, dtype=t.int64).log_normal_()
t.empty(0, dtype=t.bool).geometric_(0.5)
t.empty(0).geometric_(2)
t.empty(0, dtype=t.int64).cauchy_()
t.empty(0, dtype=t.int64).exponential_()
t.empty(0).bernoulli_(2)
t.empty(0).bernoulli_(t.ones(0, dtype=t.int64))
t.empty(0).random_(5, 5)
t.empty(0, dtype=t.uint8).random_(300)
t.empty(0).random_(), t.empty(0).bernoulli_(), t.empty(2, 0).normal_(), t.empty(2, 0).mT.uniform_()
t.bernoulli(t.ones(0, dtype=t.int64))
t.poisson(t.ones(0)), t.poisson(t.ones(0, 2))
t.poisson(t.ones(0, dtype=t.int64))
t.randn(0, dtype=t.int64)
t.rand(0, dtype=t.int64)
t.normal(t.ones(0), 1.)
t.randperm(0), t.randint(5, (0,))
t.randint(5, 5, (0,))
t.dropout(t.ones(0, dtype=t.int64), 0.5, True)
t.empty(20).log_normal_(800, 1), t.empty(20, dtype=t.float64).log_normal_(800, 1), t.empty(20).log_normal_(-800, 1)
t.empty(20).exponential_(1e-40), t.empty(20).exponential_(1e40), t.empty(20, dtype=t.float16).exponential_(1e-6)
t.empty(20).cauchy_(0, 1e38), t.empty(20).cauchy_(1e38, 1e-3)
t.empty(20).normal_(1e38, 1e38), t.empty(20).normal_(float('inf'), 1), t.empty(20).normal_(0, float('inf')), t.empty(5).normal_(float('nan'), 1)
t.empty(20, dtype=t.float64).normal_(1e308, 1e308), t.empty(20, dtype=t.float64).normal_(1e-310, 1e-310), t.empty(20, dtype=t.float64).normal_(float('inf'), 1)
t.empty(20).normal_(1e-40, 1e-42), t.empty(5).normal_(1e-40, 1e-42)
t.empty(20).uniform_(1e-40, 2e-40), t.empty(20).uniform_(-1e38, 2e38), t.empty(20, dtype=t.float64).uniform_(1e-310, 1e-308), t.empty(20, dtype=t.float64).uniform_(-8e307, 9e307)
t.empty(20).uniform_(1, 1), t.empty(20).uniform_(0, 0), t.empty(20).uniform_(-0.0, 0.0)
t.empty(20).geometric_(1e-10), t.empty(20, dtype=t.int8).geometric_(0.01), t.empty(20, dtype=t.uint8).geometric_(0.3)
t.empty(20, dtype=t.int64).bernoulli_(0.3), t.empty(20, dtype=t.bool).bernoulli_(0.3), t.empty(20, dtype=t.float16).bernoulli_(0.3)
t.normal(t.full((20,), 1e38), t.full((20,), 1e38)), t.normal(t.full((3,), float('inf')), 1.)
t.empty(9999).uniform_(1e6, 1e6 + 1)
t.empty(9999, dtype=t.float64).uniform_(1e15, 1e15 + 1)
t.rand(9999, dtype=t.float16), t.empty(9999, dtype=t.float16).uniform_(-2, 1)
t.randn(9999, dtype=t.float16), t.empty(37, dtype=t.float16).normal_(2, 0.3)
t.rand(2, generator=5)
t.randn(2, generator='a')
t.empty(2).uniform_(generator=5)
t.empty(2).normal_(generator=5)
t.empty(2).exponential_(generator=5)
t.empty(2).bernoulli_(generator=5)
t.empty(2).random_(generator=5)
t.empty(2).cauchy_(generator=5)
t.empty(2).geometric_(0.5, generator=5)
t.empty(2).log_normal_(generator=5)
t.randperm(3, generator=5)
t.multinomial(t.ones(2), 1, generator=5)
t.bernoulli(t.ones(2), generator=5)
t.poisson(t.ones(2), generator=5)
t.poisson(t.tensor([-1.]))
t.poisson(t.tensor([1]))
t.normal(t.zeros(2), 1., generator=5)
t.empty(2).uniform_(float('nan'), 1)
t.empty(2).uniform_(-3e38, 3e38)
t.empty(2).uniform_(0, 1e39)
t.empty(2, dtype=t.float16).uniform_(0, 1e5)
t.empty(2).uniform_(float('-inf'), 1)
t.empty(2).normal_(0, float('nan'))
t.empty(2).log_normal_(0, 0)
t.empty(2, dtype=t.int64).log_normal_()
t.empty(2, dtype=t.int64).cauchy_()
t.empty(2, dtype=t.int64).geometric_(0.5)
t.empty(2, dtype=t.bool).geometric_(0.5)
t.empty(2).geometric_(0)
t.empty(2).geometric_(1)
t.empty(2).cauchy_(0, 0)
t.empty(2).exponential_(float('nan'))
t.empty(2).exponential_(float('inf'))
t.empty(2).exponential_(lambd=2)
t.empty(2).bernoulli_(float('nan'))
t.empty(2).bernoulli_(t.ones(2, dtype=t.int64))
t.empty(2).bernoulli_(t.ones(3))
t.empty(2).bernoulli_(p=t.tensor(0.5))
t.empty(3, 2).bernoulli_(t.tensor([0.1, 0.9]))
t.empty(2, dtype=t.int64).random_(2**63)
t.empty(2).random_(0, 2**30)
t.empty(2).random_(-2**25, 5)
t.empty(100, dtype=t.float16).random_(0, 65504)
t.empty(100, dtype=t.float16).random_(0, 70000)
t.empty(100).random_(2**25+1, 2**25+2)
t.empty(2, dtype=t.uint8).random_(-1, 5)
t.empty(2, dtype=t.bool).random_(0, 3)
t.empty(100, dtype=t.int8).random_(-5, None)
t.empty(100, dtype=t.int64).random_(-2**63, None)
t.empty(100).random_(-2**63, None)
t.empty(100).random_(5, None)
t.empty(100, dtype=t.float64).random_(5, to=None)
t.empty(100).random_(**{'from': 3, 'to': 9})
t.empty(100).random_(to=9)
t.empty(100).uniform_(**{'from': 3, 'to': 9})
t.empty(100).uniform_(to=9)
t.empty(100, dtype=t.int32).random_(0, 2**30)
t.empty(100, dtype=t.int32).random_(0, 2**31-1)
t.empty(100, dtype=t.uint8).random_(0, 256)
t.empty(100, dtype=t.float16).random_()
t.randint(0, 2**63-1, (5,))
t.randint(-2**63, 2**63-1, (50,))
t.randint(0, 2**63, (5,))
t.randint(2.5, (5,))
t.randint(3)
t.randint(0, 3)
t.randint(3, (2,), dtype=t.float16)
t.randperm(300, dtype=t.uint8)
t.randperm(255, dtype=t.uint8)
t.randperm(256, dtype=t.uint8)
t.randperm(3000, dtype=t.float16)
t.randperm(20, dtype=t.float32)
t.randperm(-1)
t.randperm(2.5)
t.randperm(5, dtype=t.bool)
t.multinomial(t.ones(3, dtype=t.float16), 1)
t.multinomial(t.ones(3, dtype=t.float16), 2, True)
t.multinomial(t.ones(0), 1)
t.multinomial(t.ones(0, 3), 1)
t.multinomial(t.ones(2, 0), 1)
t.multinomial(t.tensor([float('inf'), 1.]), 2, True)
t.multinomial(t.tensor([-1., 1.]), 2, True)
t.multinomial(t.tensor([0., 0.]), 2, True)
t.multinomial(t.ones(2, 2, 2), 2, True)
t.normal(t.zeros(2), float('nan'))
t.normal(t.zeros(2, dtype=t.int64), 1.)
t.normal(0., t.ones(2, dtype=t.int64))
t.normal(t.zeros(2), t.tensor([1., float('nan')]))
t.normal(t.zeros(2), t.ones(2, dtype=t.float64))
t.normal(t.zeros(2, dtype=t.float64), t.ones(2))
t.normal(1., 2.)
t.normal(1., 2., size=(3,))
t.normal(t.zeros(20), 2.)
t.normal(t.zeros(20), t.ones(20))
t.normal(t.zeros(20, 1), t.ones(20))
t.normal(3., t.ones(20))
t.normal(3., t.ones(4, 5).mT)
t.normal(t.zeros(4, 5).mT, 2.)
t.normal(t.zeros(3))
t.rand_like(3)
t.rand_like(t.ones(2, dtype=t.int64))
t.randn_like(t.ones(2, dtype=t.int64))
t.randint_like(t.ones(3), 0)
t.rand_like(t.ones(4), generator=t.Generator().manual_seed(3)), t.randn_like(t.ones(4), generator=t.Generator().manual_seed(3)), t.randint_like(t.ones(4), 5, generator=t.Generator().manual_seed(3))
x = t.ones(3, requires_grad=True); x.uniform_()
x = t.ones(3).expand(2, 3); x.uniform_()
x = t.ones(1).expand(3); x.normal_()
t.rand_like(t.ones(2, 1).expand(2, 3)), t.randn_like(t.ones(20, 20)[:, ::2])
x = t.ones(20, 20)[:, ::2]; x.normal_(); x
x = t.ones(20, 20)[::2]; x.uniform_(); x
x = t.ones(3, 4, 5).permute(2, 0, 1); x.uniform_(); x
x = t.ones(3, 4, 5).permute(2, 0, 1); x.bernoulli_(t.rand(5, 3, 4)); x
x = t.ones(3, 4, 5).permute(2, 0, 1); x.bernoulli_(t.rand(4)); x
t.bernoulli(t.rand(3, 4, 5).permute(2, 0, 1))
t.multinomial(t.rand(4, 3).mT, 2)
t.multinomial(t.rand(4, 3).mT, 5, True)
t.poisson(t.rand(4, 3).mT * 5), t.poisson(t.rand(50) * 30)
t.dropout(t.rand(4, 3).mT, 0.5, True), t.feature_dropout(t.rand(4, 3, 2).permute(2, 0, 1), 0.5, True)
t.bernoulli(t.ones(3, dtype=t.int64), 0.5)
t.bernoulli(t.ones(3, dtype=t.int64))
t.ones(3).bernoulli(0.5), t.ones(3).bernoulli(p=0.5)
t.dropout(t.ones(3), 1.5, True)
t.dropout(t.ones(3, dtype=t.int64), 0.5, True)
t.feature_dropout(t.ones(3), 0.5, True)
t.dropout(t.ones(3, dtype=t.float16), 0.3, True)
t.alpha_dropout(t.ones(30, dtype=t.float64), 0.3, True), t.alpha_dropout(t.ones(30), 0.3, True), t.alpha_dropout(t.ones(30), 1., True), t.feature_alpha_dropout(t.ones(3, 4, 2), 0.3, True)
"""
ERRORS = """
t.rand(2, dtype=t.int64)
t.randn(2, dtype=t.int64)
t.rand(-1)
t.rand(2, device='cuda')
t.rand(2, foo=1)
t.randint(0, (2,))
t.randint(5, 5, (2,))
t.randint(300, (2,), dtype=t.uint8)
t.randint(-1, 3, (2,), dtype=t.uint8)
t.randint(3, (2,), requires_grad=True)
t.randperm(-1)
t.bernoulli(t.tensor([1.5]))
t.bernoulli(t.tensor([1, 0]))
t.normal(0., -1., (2,))
t.normal(t.zeros(2), -1.)
t.normal(t.zeros(2), t.tensor([1., -1.]))
t.normal(t.zeros(2), t.ones(3))
t.multinomial(t.tensor([.1, .9]), 3)
t.multinomial(t.tensor([.1, .9]), 0)
t.multinomial(t.tensor([-.1, .9]), 1)
t.multinomial(t.tensor([0., 0.]), 1)
t.multinomial(t.tensor([float('nan'), 1.]), 1)
t.multinomial(t.tensor([1, 2]), 1)
t.multinomial(t.tensor(1.), 1)
t.ones(2).uniform_(3, 1)
t.ones(2, dtype=t.int64).uniform_()
t.ones(2).normal_(0, -1)
t.ones(2, dtype=t.int64).normal_()
t.ones(2).exponential_(0)
t.ones(2, dtype=t.int64).exponential_()
t.ones(2).bernoulli_(1.5)
t.ones(2).bernoulli_(t.tensor([1.5, 0]))
t.ones(2).random_(5, 5)
t.ones(2, dtype=t.uint8).random_(300)
t.nn.functional.dropout(t.ones(2), 1.5)
"""


def seeded(f, seed=0):
    """The program after manual_seed, and the next number of the stream: as much was drawn on both sides."""

    def run(t, *args):
        t.manual_seed(seed)
        return f(t, *args), t.rand(3)

    return run


@table(DRAWS)
def test_draw(source):
    for seed in (0, 7):
        beside(seeded(program(source), seed), order=0)


@table(WRITES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_write(source, shape):
    for dtype in ("float64", "float32", "float16"):
        beside(seeded(program(f"x = x.detach(); {source}; x")), draw(*shape, dtype=dtype), order=0)


@table(WRITES)
def test_write_in_the_graph(source):
    """What was written does not depend on what was there: the gradient is zero."""
    beside(seeded(program(f"x = x * 1; {source}; x")), draw(2, 3))
    beside(seeded(program(f"{source}; x")), draw(2, 3))


def test_write_into_integers():
    for dtype in ("int64", "int32", "int16", "int8", "uint8", "bool", "float16"):
        for source in ("x.random_(2)", "x.random_()", "x.bernoulli_(0.5)", "x.random_(0, 2)"):
            beside(seeded(program(f"{source}; x")), np.zeros(20, dtype) if dtype != "float16" else np.zeros(20), order=0)


@table(MORE)
def test_more(source):
    beside(seeded(program(source)), order=0)


@table(ERRORS)
def test_error(source):
    beside(program(source))


@table("t.bernoulli(x.abs() / 9)\n(x * 1).bernoulli_(x.abs() / 9)\nt.normal(x, 1.)\nt.normal(x, x.abs())\nt.normal(1., x.abs())\nt.poisson(x.abs())\nt.dropout(x, 0.5, True)\nt.alpha_dropout(x, 0.3, True)\nt.feature_dropout(x, 0.3, True)")
def test_gradient(source):
    beside(seeded(program(source)), draw(3, 4), order=1)


def test_gumbel_softmax():
    """Its noise is drawn row by row, however the logits lie in memory."""
    for source in ("x", "x.mT", "x[:, ::2]"):
        beside(seeded(program(f"t.nn.functional.gumbel_softmax({source} * 0, 0.7, hard=True).round()")), draw(6, 4), order=0)


def test_generators():
    """A generator has a stream of its own; so has the default one."""

    def run(t):
        t.manual_seed(3)
        a, b = t.Generator(), t.Generator().manual_seed(5)
        start = a.initial_seed(), b.initial_seed()
        values = [t.rand(3, generator=a), t.randn(3, generator=b), t.rand(2), t.randperm(4, generator=b), t.randint(9, (3,), generator=a),
                  t.ones(3).uniform_(generator=a), t.multinomial(t.ones(3), 2, generator=b), t.bernoulli(t.full((4,), 0.5), generator=a),
                  t.normal(0.0, 1.0, (3,), generator=b), t.ones(2).exponential_(generator=a), t.rand(2)]  # fmt: skip
        return start, values, a.manual_seed(1) is a, t.default_generator.initial_seed(), str(a.device)

    beside(run)


def test_many_in_a_row():
    """The stream stays in step over blocks of the twister, whatever is drawn between."""

    def run(t):
        t.manual_seed(11)
        for n in range(1, 60):
            t.rand(n)
            t.randint(2**40, (n % 7,))
            t.randn(n % 3)
            t.randperm(n)
        return t.rand(5), t.randn(5)

    beside(run)
