"""Would anyone notice? Every gradient rule is broken in turn, and the comparison with PyTorch must catch it: `python -m comparisons.mutations`.

A rule is broken in all the ways that its source offers: the sign is flipped, a term or a factor is dropped, a sum is not taken, what
should be added is overwritten. The functions of the engine that sum out broadcasting and add up gradients are broken alike. Each broken
version then computes the derivatives of those of PyTorch's sample inputs, and of the programs here, whose graphs contain the rule.
Caught is what gives other numbers than PyTorch, or an exception. As a control every rule is also compiled without any change: that
must not be caught. It succeeds if every mistake is caught, or it is explained why it makes no difference.
"""
from __future__ import annotations

import argparse
import ast
import copy
import dis
import inspect
import itertools
import signal
import sys
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import minigrad
from minigrad import ops
from minigrad.autograd import engine, variable
from minigrad.autograd.onlookers import Onlooker, onlookers
from minigrad.autograd.rule import Rule
from minigrad.ops import lstm

from .ledger.order import grow
from .operators import FAILED, array, attempt, call, derivatives, grade, left_out, op_db, ours, samples, tensors
from .table import table

Arrays = list[np.ndarray | None]
LENIENT = {8: 2**18, 4: 2**8}  # by the bytes of a number: times the bound of the walk through the database, for mistakes are much larger
# Outside the rules: where gradients are summed and added up, or computed for several rules.
ENGINE: list[tuple[Any, str]] = [(engine, "run"), (engine, "fit"), (variable.AccumulateGrad, "backward"), (lstm, "through_time")]
# What survives, by a part of the rule's name and broken line, and why that is right.
EXPLAINED = {
    "return -on(Zero": "the gradient is zero, and its negative too",
    "Cat.grad_tensors flips the sign: return -grad.reshape((-1,))[:0]": "the gradient of nothing has no elements",
}


# ---- what is computed


@dataclass
class Case:
    """A computation of derivatives, and what PyTorch makes of it."""

    name: str
    compute: Callable[[], Arrays]  # with minigrad
    expected: Arrays
    rules: set[type] = field(default_factory=set)  # the nodes that minigrad's graph has

    def notices(self) -> bool:
        """Whether minigrad now computes anything else than PyTorch."""
        found = attempt(self.compute)
        return isinstance(found, Exception) or not same(found, self.expected)


def same(found: Arrays, expected: Arrays) -> bool:
    scale = max([float(np.abs(b[np.isfinite(b)]).max(initial=0)) for b in expected if b is not None], default=0.0)
    for a, b in itertools.zip_longest(found, expected):
        a, b = [np.zeros(()) if x is None else x for x in (a, b)]  # no gradient, or zeros
        if a.shape != b.shape:
            a, b = np.broadcast_arrays(a, b) if not (a.ndim and b.ndim) else (a, np.zeros(0))
        if grade(a, b, max(scale, 1.0), LENIENT[a.itemsize]) == FAILED:
            return False
    return True


def of_operations(names: list[str] | None) -> Iterator[Case]:
    """Samples of PyTorch's operator database that have derivatives."""
    for op in op_db:
        if left_out(op) or not op.supports_autograd or torch.float64 not in op.dtypes or (names is not None and op.name not in names):
            continue
        for nr, sample in enumerate(chosen(op)):
            theirs = sample.input, sample.args, sample.kwargs
            expected = attempt(of_sample, torch, op, theirs, sample)
            if isinstance(expected, list) and expected:
                yield Case(f"{op.name} #{nr}", lambda op=op, theirs=theirs, sample=sample: of_sample(minigrad, op, ours(theirs), sample), expected)


def chosen(op: Any, count: int = 8) -> list[Any]:
    """Some of an operation's samples, from all over its list, for neighbours are alike. Those without elements come last."""
    found = list(samples(op, torch.float64, 400))
    np.random.default_rng(0).shuffle(found)
    return sorted(found, key=lambda sample: not all([t.numel() for t in tensors([sample.input, sample.args, sample.kwargs])]))[:count]


def of_sample(library: Any, op: Any, arguments: Any, sample: Any) -> Arrays:
    """First and second derivatives of the squares: so what is linear has second derivatives too."""
    library.manual_seed(0)
    process = sample.output_process_fn_grad or (lambda x: x)
    outputs = [y * y for y in tensors(process(call(library, op, arguments))) if y.requires_grad and y.dtype.is_floating_point]
    first, second = derivatives(library, op, outputs, arguments)
    second = [] if isinstance(second, Exception) else second
    return [None if g is None else array(g) for g in [*first, *second]]


def of_graphs(count: int = 40) -> Iterator[Case]:
    """Random graphs, whose gradients add up where an input is used twice, and over two calls."""
    for seed in range(count):

        def compute(t: Any, seed: int = seed) -> Arrays:
            made: list[Any] = []
            for _ in range(2):
                loss = grow(t, np.random.default_rng(seed), made)
                loss.backward(retain_graph=True)
                loss.backward()
            return [None if leaf.grad is None else array(leaf.grad) for leaf in made]

        yield Case(f"graph {seed}", lambda compute=compute: compute(minigrad), compute(torch))


def program(name: str, compute: Callable[..., Any]) -> Case:
    """The first, second and third derivatives for three leaves in a small program."""

    def gradients(t: Any) -> Arrays:
        t.manual_seed(0)
        rng = np.random.default_rng(0)
        leaves = [t.tensor(rng.uniform(0.5, 1.5, (3, 4)), requires_grad=True) for _ in range(3)]
        y = compute(t, *leaves)
        weights = t.linspace(0.5, 1.5, y.numel(), dtype=t.float64).reshape(y.shape)
        total, found = (y * y * weights).sum(), []
        for _ in range(3):
            grads = t.autograd.grad(total / total.detach(), leaves, create_graph=True, allow_unused=True)  # so all are of one scale
            found += [None if g is None else array(g) for g in grads]
            total = sum([(g * g).sum() for g in grads if g is not None])
        return found

    return Case(name, lambda: gradients(minigrad), gradients(torch))


def of_leaves() -> Iterator[Case]:
    """What becomes of the `grad` of leaves; where functions have bends and poles; and what has no second derivative."""
    for compute in (zero_to_a_power, bends, no_numbers, norms_of_zeros, distances, gamma_numbers, rows_by_frequency, single_precision, added_with_a_graph, changed_while_saved):
        yield Case(compute.__name__, lambda compute=compute: compute(minigrad), compute(torch))


def zero_to_a_power(t: Any) -> Arrays:
    exponent = t.tensor([-1.0, -0.5, 2.0, float("nan")], dtype=t.float64, requires_grad=True)
    weights = t.tensor([1.0, -1.0, 1.0, 1.0], dtype=t.float64)
    return [array(g) for g in t.autograd.grad((t.pow(0.0, exponent) * weights).sum(), [exponent])]


def bends(t: Any) -> Arrays:
    x = t.tensor([-4.0, -3.0, 0.5, 3.0, 4.0], dtype=t.float64, requires_grad=True)
    infinite = t.tensor([float("inf")] * 5, dtype=t.float64)
    return [array(t.autograd.grad(t.nn.functional.hardswish(x), x, cotangent)[0]) for cotangent in (t.ones_like(x), infinite)]


def no_numbers(t: Any) -> Arrays:
    x = t.tensor([1.0, float("inf"), -float("inf"), float("nan")], dtype=t.float64, requires_grad=True)
    return [array(t.autograd.grad(t.nan_to_num(x).sum(), x)[0])]


def norms_of_zeros(t: Any) -> Arrays:
    x = t.tensor([[1.0, 0.0, 2.0], [1.0, 2.0, 3.0]], dtype=t.float64, requires_grad=True)
    return [array(t.autograd.grad(t.linalg.vector_norm(x, p, 1).sum(), x)[0]) for p in (-2.0, -1.0, 0.5, 3.0)]


def distances(t: Any) -> Arrays:
    points = t.tensor([[0.5, 1.0], [2.0, 0.2], [1.0, 3.0]], dtype=t.float64, requires_grad=True)
    return [array(t.autograd.grad(t.cdist(points, points[:2] + 1, p=p).sum(), [points])[0]) for p in (1.0, 1.5, 2.0, 3.0)]


def gamma_numbers(t: Any) -> Arrays:
    """Small ones: of others, PyTorch's derivative has but four digits."""
    t.manual_seed(0)
    shape = t.tensor([0.1, 0.2], dtype=t.float64, requires_grad=True)
    sample = t.distributions.Gamma(shape, 1.0).rsample()
    return [array(g) for g in t.autograd.grad(sample, shape, t.tensor([1.0, -2.0], dtype=t.float64))]


def rows_by_frequency(t: Any) -> Arrays:
    """PyTorch's second derivative forgets the frequencies. The first is linear in the cotangent: its matrix has all that the second has."""
    table = t.ones(4, 2, dtype=t.float64, requires_grad=True)
    weights = t.linspace(0.5, 1.5, 8, dtype=t.float64).reshape(4, 2)

    def gradient(cotangent: Any) -> Any:
        rows = t.nn.functional.embedding(t.tensor([0, 1, 1, 2]), table, padding_idx=0, scale_grad_by_freq=True)
        return t.autograd.grad(rows, table, cotangent, create_graph=True)[0]

    if t is torch:
        return [np.array([float((gradient(unit.reshape(4, 2)) * weights).sum()) for unit in t.eye(8, dtype=t.float64)]).reshape(4, 2)]
    cotangent = t.ones(4, 2, dtype=t.float64, requires_grad=True)
    return [array(t.autograd.grad((gradient(cotangent) * weights).sum(), cotangent)[0])]


def single_precision(t: Any) -> Arrays:
    """An LSTM, whose layers are single nodes then. PyTorch has no second derivative of these: in double precision it has."""
    t.manual_seed(0)
    net = t.nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    inputs = [t.randn(*shape, requires_grad=True) for shape in ((5, 2, 3), (4, 2, 4), (4, 2, 4))]
    if t is torch:
        net, inputs = net.double(), [x.detach().double().requires_grad_() for x in inputs]
    leaves = [*inputs, *net.parameters()]
    out, (h, c) = net(inputs[0], (inputs[1], inputs[2]))
    first = t.autograd.grad((out * out).sum() + (h * c).sum(), leaves, create_graph=True)
    second = t.autograd.grad(sum([(g * g).mean() for g in first]), leaves)
    return [array((g / g.abs().max()).float()) for g in (*first, *second)]


def added_with_a_graph(t: Any) -> Arrays:
    x = t.tensor([1.0, 2.0], dtype=t.float64, requires_grad=True)
    for _ in range(2):
        (x**3).sum().backward(create_graph=True)
    return [array(x.grad), array(t.autograd.grad(x.grad.sum(), x)[0])]


def changed_while_saved(t: Any) -> Arrays:
    x, w = [t.tensor([1.0, 2.0], dtype=t.float64, requires_grad=True) for _ in range(2)]
    for _ in range(3):
        (x * x).sum().backward()
    y = x.grad * w
    (x * x).sum().backward()
    refused = isinstance(attempt(y.sum().backward), RuntimeError)
    return [np.array(float(refused))]


# What no sample of the operator database does: writing in place, mostly. Of 3x4 matrices between 0.5 and 1.5.
PROGRAMS: dict[str, Callable[..., Any]] = {
    "a row written": lambda t, x, y, z: written(x * 2, 0, y[1]),
    "a column written": lambda t, x, y, z: written(x * 2, (slice(None), 1), z[:, 0]),
    "indices written": lambda t, x, y, z: written(x * 2, t.tensor([0, 2]), y[:2]),
    "a mask written": lambda t, x, y, z: (x * 2).masked_fill_(y.detach() > 1, z.mean()),
    "filled with a tensor": lambda t, x, y, z: (x * 2)[0].fill_(y[0, 0]) * z,
    "part of a view": lambda t, x, y, z: (x * 2).as_strided((2, 3), (4, 1)).mul_(y[:2, :3]) + z[:2, :3],
    "a whole copied": lambda t, x, y, z: (x * 2).copy_(y[0]) * z,
    "added with a factor": lambda t, x, y, z: (x * 2).add_(y[0], alpha=3).sub_(z, alpha=2),
    "moved by weights": lambda t, x, y, z: t.lerp(x, y, z * 0.3) + t.lerp(x, y, 0.5 + z * 0.3),
    "the minimum of equals": lambda t, x, y, z: t.minimum(x, x.clone()) + t.maximum(y, y.clone()) * z,
    "weights of a slope": lambda t, x, y, z: t.nn.functional.prelu(x - 1, y[0]) + z,
    "other exponentials": lambda t, x, y, z: t.nn.functional.celu(x - 1, 0.3) + t.nn.functional.elu(y - 1, 0.7) * z,
    "weighted losses": lambda t, x, y, z: weighted(t, x, y, z),
    "smooth losses": lambda t, x, y, z: t.stack([t.nn.functional.smooth_l1_loss(x, y, beta=b, reduction="sum") for b in (0.1, 2.0)]) * z.sum(),
    "products of batches": lambda t, x, y, z: t.baddbmm(z[None, :, :3], x[None], y[None].mT, beta=0.3, alpha=1.7),
    "exponents": lambda t, x, y, z: t.pow(2.0, y) * z + x,
    "parts": lambda t, x, y, z: x.split(2, 1)[0] * y.split([1, 2, 1], 1)[1] + z.unbind(1)[2][:, None],
    "the largest of a row": lambda t, x, y, z: x * t.linalg.vector_norm(t.cat([y, y, y], 1), float("inf"), 1)[:, None] + t.linalg.vector_norm(z, 0.5),
    "rows copied": lambda t, x, y, z: t.index_copy(x, 0, t.tensor([0, 2]), y[:2]) * z,
    "bends": lambda t, x, y, z: t.nn.functional.hardswish(8 * x - 8) * y + z,
    "windows": lambda t, x, y, z: t.nn.functional.unfold((x * z)[None, None], 2) + y[0, 0],
    "windows added": lambda t, x, y, z: t.nn.functional.fold((x * z).reshape(1, 4, 3), (2, 4), 2) * y[0, 0],
    "scattered": lambda t, x, y, z: sum([t.scatter_reduce(x, 0, t.tensor([[0, 0, 1, 1]] * 3), y, kind) for kind in ("prod", "mean", "amax")], z),
    "scattered equals": lambda t, x, y, z: t.scatter_reduce(x - x.detach() + 2, 0, t.tensor([[0, 0, 1, 1]] * 3), y - y.detach() + 2, "amax") * z,
    "classes": lambda t, x, y, z: t.nn.functional.nll_loss((x * y).log(), t.tensor([0, 3, 1])) * z,
    "the largest of windows": lambda t, x, y, z: t.nn.functional.max_pool2d((x * y)[None, None], 2, 1) * z[1:, 1:],
    "products with logarithms": lambda t, x, y, z: t.xlogy(3.0, x) * t.xlogy(y, 2.0) * z,
    "products": lambda t, x, y, z: x.prod() * y.prod(1)[:, None] * z,
    "drawn": lambda t, x, y, z: (x * 2).bernoulli_(y / 2) + t.poisson(y) * z,
}


def written(x: Any, where: Any, value: Any) -> Any:
    x[where] = value
    return x


def weighted(t: Any, x: Any, y: Any, z: Any) -> Any:
    F, p, target = t.nn.functional, x / 2, y / 2
    settings: list[dict[str, Any]] = [{"reduction": "none"}, {"reduction": "mean"}]
    losses = [F.binary_cross_entropy(p, target, weight=z.detach(), **options) for options in settings]
    losses += [F.binary_cross_entropy_with_logits(x, target, z.detach(), pos_weight=t.tensor([2.0, 3.0, 0.5, 0.7]), **options) for options in settings]
    classes = F.nll_loss(z, t.tensor([0, 3, 1]), weight=t.tensor([1.0, 2.0, 3.0, 0.5], dtype=t.float64))
    return sum([loss.sum() for loss in losses], classes)


class Spy(Onlooker):
    """Notes whose gradient rules run."""

    def __init__(self) -> None:
        self.seen: set[type] = set()

    def called(self, node: Any, grads: Any) -> None:
        self.seen |= {*type(node).__mro__, *type(getattr(node, "inner", None)).__mro__}  # of a CopySlices, what wrote the slice


def cases(names: list[str] | None = None) -> list[Case]:
    """All cases that minigrad gets right, each with the rules that it runs."""
    found = []
    known = [*[program(*item) for item in PROGRAMS.items()], *of_leaves(), *of_graphs()]
    for case in tqdm(itertools.chain(known, of_operations(names)), unit=" cases", leave=False, disable=None):
        spy = Spy()
        onlookers.append(spy)
        noticed = case.notices()
        onlookers.remove(spy)
        case.rules = spy.seen
        if not noticed:
            found.append(case)
    return found


# ---- how rules are broken


class Flipped(ast.NodeTransformer):
    """The n-th place at which a kind of mistake is possible, with that mistake made."""

    def __init__(self, kind: str, place: int) -> None:
        self.kind, self.place, self.count = kind, place, 0

    def here(self) -> bool:
        self.count += 1
        return self.count - 1 == self.place

    def visit_Return(self, node: ast.Return) -> Any:
        self.generic_visit(node)
        if self.kind == "flips the sign" and not isinstance(node.value, (ast.Constant, ast.List, type(None))) and self.here():
            node.value = ast.UnaryOp(ast.USub(), node.value)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        if self.kind == "drops a term" and isinstance(node.op, (ast.Add, ast.Sub)):
            if self.here():
                return node.left
            if self.here():
                return node.right
        if self.kind == "drops a factor" and isinstance(node.op, (ast.Mult, ast.Div)):
            if self.here():
                return node.left
            if isinstance(node.op, ast.Mult) and self.here():
                return node.right
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        if self.kind == "overwrites" and isinstance(node.op, ast.Add) and self.here():
            return ast.Assign([node.target], node.value)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.generic_visit(node)
        if self.kind == "does not sum" and node.attr == "sum" and self.here():
            node.attr = "max"
        elif self.kind == "does not sum" and node.attr == "reduce" and isinstance(node.value, ast.Attribute) and node.value.attr == "add":
            if self.here():
                node.value.attr = "maximum"
        return node


KINDS = ("flips the sign", "drops a term", "drops a factor", "overwrites", "does not sum")


@dataclass
class Mutant:
    """A function with a mistake in it, and where it belongs."""

    owner: Any  # a rule class, or a module
    name: str
    kind: str
    function: FunctionType
    line: str  # the line with the mistake, as it is now

    @property
    def title(self) -> str:
        where = self.owner.__qualname__ if isinstance(self.owner, type) else self.owner.__name__
        return f"{where}.{self.name} {self.kind}"


def mutants(owner: Any, name: str) -> list[Mutant]:
    """Every way to break one function; the first is no change at all."""
    original = vars(owner)[name]
    if original.__code__.co_freevars:
        return []
    tree = ast.parse(textwrap.dedent(inspect.getsource(original)))
    found = [Mutant(owner, name, "control", rebuilt(tree, original), "")]
    for kind in KINDS if name.startswith("grad_") else set(KINDS) - {"drops a factor"}:  # of a list, [None] * n
        for place in itertools.count():
            change = Flipped(kind, place)
            changed = ast.fix_missing_locations(change.visit(copy.deepcopy(tree)))
            if change.count <= place:
                break
            lines = zip(ast.unparse(tree).split("\n"), ast.unparse(changed).split("\n"))
            line = next((new.strip() for old, new in lines if old != new), "")
            found.append(Mutant(owner, name, kind, rebuilt(changed, original), line))
    return found


def rebuilt(tree: ast.AST, original: FunctionType) -> FunctionType:
    names: dict[str, Any] = {}
    assert isinstance(tree, ast.Module)
    exec(compile(tree, f"<mutant of {original.__qualname__}>", "exec"), original.__globals__, names)
    return names[original.__name__]


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """The engine with this mistake in it."""
    original = vars(mutant.owner)[mutant.name]
    setattr(mutant.owner, mutant.name, mutant.function)
    try:
        yield
    finally:
        setattr(mutant.owner, mutant.name, original)


def family(rule: type[Rule]) -> Iterator[type[Rule]]:
    """A rule and those made from it, without the classes of their nodes."""
    yield rule
    for below in rule.__subclasses__():
        if "record" not in vars(below):
            yield from family(below)


def rules() -> list[type[Rule]]:
    """All rules, also of the families that nothing has asked for yet."""
    for module in iter_modules(ops.__path__):
        import_module(f"{ops.__name__}.{module.name}")
    return list(dict.fromkeys(rule for rule in family(Rule) if rule is not Rule and "recorded" in vars(rule)))


def targets() -> list[tuple[Any, str]]:
    """All gradient rules but those that only refuse, and the engine's sums."""
    found = [(rule, name) for rule in rules() for name, value in vars(rule).items() if name.startswith("grad_") and isinstance(value, FunctionType)]
    return [*ENGINE, *[(rule, name) for rule, name in found if computes(vars(rule)[name])]]


def computes(function: FunctionType) -> bool:
    return any([instruction.opname.startswith("RETURN") for instruction in dis.get_instructions(function)])


# ---- who notices


@dataclass
class Verdict:
    mutant: Mutant
    caught_by: str | None
    tried: int  # how many cases reach the function

    @property
    def right(self) -> bool:
        return (self.caught_by is None) == (self.mutant.kind == "control")


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """A mistake in a loop may never end: then an exception comes, which is noticed like any other."""

    def stop(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def noticed(case: Case) -> bool:
    try:
        with limited(5):
            return case.notices()
    except TimeoutError:
        return True


def judge(mutant: Mutant, known: list[Case]) -> Verdict:
    is_rule = isinstance(mutant.owner, type) and issubclass(mutant.owner, Rule)
    reached = [case for case in known if not is_rule or mutant.owner in case.rules]
    with broken(mutant):
        caught = next((case.name for case in reached if noticed(case)), None)
    return Verdict(mutant, caught, len(reached))


def report(verdicts: list[Verdict]) -> str:
    rows = [["", "mutants", "caught", "not reached", "explained", "survive"]]
    for kind in KINDS:
        mine = [v for v in verdicts if v.mutant.kind == kind]
        left = [v for v in mine if v.caught_by is None]
        explained = [v for v in left if v.tried and reason(v)]
        unreached = [v for v in left if not v.tried]
        rows.append([kind, *[str(len(x)) for x in (mine, [v for v in mine if v.caught_by], unreached, explained)]])
        rows[-1].append(str(len(left) - len(explained) - len(unreached)))
    lines = [table(rows), ""]
    controls = [v for v in verdicts if v.mutant.kind == "control"]
    lines.append(f"{len(controls)} functions; compiled without a change, {sum([v.right for v in controls])} give what they gave.")
    unreached = Counter([v.mutant.title.rpartition(" control")[0] for v in controls if not v.tried])
    if unreached:
        lines.append(f"No case reaches: {', '.join(unreached)}.")
    for v in verdicts:
        if not v.right:
            lines.append(f"- {v.mutant.title}: {v.mutant.line or 'no change'}" + (f" ({reason(v)})" if reason(v) else ""))
    return "\n".join(lines)


def reason(verdict: Verdict) -> str | None:
    told = f"{verdict.mutant.title}: {verdict.mutant.line}"
    return next((why for part, why in EXPLAINED.items() if part in told), None)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m comparisons.mutations", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="RULE", help="only these classes, by their name in the source")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        known = cases()
        wanted = [(owner, name) for owner, name in targets() if not options.only or getattr(owner, "__qualname__", "") in options.only]
        made = [mutant for owner, name in wanted for mutant in mutants(owner, name)]
        verdicts = [judge(mutant, known) for mutant in tqdm(made, unit=" mutants", leave=False, disable=None)]
    print(report(verdicts))
    return any([not v.tried or not (v.right or reason(v)) for v in verdicts])


if __name__ == "__main__":
    sys.exit(main())
