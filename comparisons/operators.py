"""The operators, held against PyTorch's own database of sample inputs (OpInfo): cases that nobody here wrote.

Of each sample: the values in each dtype, and whether they are as exact as the operation's rules declare (`tier`); which outputs
alias which inputs; first and second derivatives with random cotangents; the in-place form; `out=`. And PyTorch's error inputs: the
same exception with the same words.
"""
from __future__ import annotations

import argparse
import inspect
import itertools
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.testing._internal import common_utils
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo import core as opinfo
from tqdm import tqdm

import minigrad
from minigrad.left_out import reason

from .distance import same_bits, ulps
from .table import table

# The database asks the call stack for the name of the test, at every sample; that takes longer than the operations.
common_utils.extract_test_fn = opinfo.extract_test_fn = lambda: None

GRADES = ("bit-equal", "one ULP", "few ULP", "bounded", "failed")
ASPECTS = ("values", "first", "second", "views", "in-place", "out=", "errors")
DTYPES = (torch.float64, torch.float32, torch.int64, torch.bool)
FAILED = len(GRADES) - 1
TIES = ("topk", "kthvalue", "mode", "sort", "argsort")  # whose index of equal values depends on the algorithm: not compared
# Where PyTorch contradicts itself, ours is not held against it.
THEIR_MISTAKES = {
    ("as_strided_scatter", "first"): "PyTorch's gradient is that of the elements written over: its own gradcheck fails",
    ("logcumsumexp", "first"): "PyTorch's gradient goes through logarithms and loses a third of its digits; minigrad's keeps them",
}
UNINITIALISED = ("empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided", "empty_permuted", "resize_", "resize_as_")


@dataclass
class Tally:
    """How samples of one group came out: per aspect, how many got each grade; and what failed."""

    ops: int = 0
    grades: dict[str, Counter] = field(default_factory=lambda: {aspect: Counter() for aspect in ASPECTS})
    failures: list[str] = field(default_factory=list)
    left_out: Counter = field(default_factory=Counter)  # samples that minigrad says it does not do, by what it says

    def add(self, other: Tally) -> None:
        self.ops += other.ops
        for aspect, counts in other.grades.items():
            self.grades[aspect].update(counts)
        self.failures += other.failures
        self.left_out.update(other.left_out)

    def note(self, aspect: str, grade: int, what: str, *found: Any) -> None:
        """A sample's grade. `found` are ours and PyTorch's, shown if they differ."""
        self.grades[aspect][grade] += 1
        if grade == FAILED:
            shown = [" ".join(describe(x).split())[:200] for x in found]
            self.failures.append(f"{aspect}: {what}: " + "\n      not ".join(shown))


# ---- what is compared


def find(library: Any, name: str) -> Any:
    """The function of a name, or else the tensor method; None if there is neither."""
    found = library
    for part in name.split("."):
        found = getattr(found, part, None)
    return getattr(library.Tensor, name, None) if found is None else found


def group_of(op: Any) -> str:
    """The family of operations that ours belongs to."""
    function = inspect.unwrap(find(minigrad, op.name))
    home = getattr(function, "__globals__", {}).get("__name__", "minigrad.tensor")
    return home.removeprefix("minigrad.").removeprefix("ops.")


def left_out(op: Any) -> str | None:
    """Why an operation is not compared; None if it is."""
    if find(minigrad, op.name) is None or (op.name.startswith("_") and not op.name.startswith("__")):
        return reason(op.name)
    if not any(dtype in op.dtypes for dtype in DTYPES):
        return reason("complex")
    return None


# ---- the same call on both sides


def ours(value: Any, memories: dict[int, np.ndarray] | None = None) -> Any:
    """A sample's arguments for minigrad, with the same strides; those that share memory share it again."""
    memories = {} if memories is None else memories
    if isinstance(value, torch.Tensor):
        plain, item = value.detach(), value.element_size()
        place = plain.untyped_storage().data_ptr()
        if place not in memories or not place:
            memories[place] = plain.as_strided((plain.untyped_storage().size() // item,), (1,), 0).numpy(force=True).copy()
        storage = memories[place]
        at = plain.storage_offset() * item if plain.numel() else 0
        array = np.ndarray(tuple(plain.shape), storage.dtype, storage, at, [s * item for s in plain.stride()])
        return minigrad.from_numpy(array).requires_grad_(value.requires_grad)
    if isinstance(value, (torch.dtype, torch.memory_format, torch.layout)):
        return getattr(minigrad, str(value).removeprefix("torch."))
    if isinstance(value, torch.nn.Module):
        return getattr(minigrad.nn, type(value).__name__)()
    if value is torch.nn.functional.pairwise_distance:
        return minigrad.nn.functional.pairwise_distance
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, dict):
        return {key: ours(item, memories) for key, item in value.items()}
    return type(value)([ours(item, memories) for item in value]) if type(value) in (list, tuple) else value


def tensors(value: Any) -> list[Any]:
    """All tensors in nested lists, tuples and dictionaries."""
    if isinstance(value, (torch.Tensor, minigrad.Tensor)):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [t for item in value for t in tensors(item)] if isinstance(value, (list, tuple)) else []


def call(library: Any, op: Any, sample: Any, **more: Any) -> Any:
    """The operation on a sample's (input, args, kwargs), with the database's own order of arguments."""
    function, (input, args, kwargs) = find(library, op.name), sample
    if op.variant_test_name == "in_place":  # normal_
        function = getattr(library.Tensor, f"{op.name}_")
    if op.variant_test_name == "singular":  # the matrix of low rank is the product of two
        return function(input @ args[0].mT, **kwargs, **more)
    if op.name == "einsum":
        return function(args[0], input, **kwargs, **more)
    if op.name == "where":
        return function(args[0], input, *args[1:], **kwargs, **more)
    if op.name in ("polygamma", "special.polygamma", "nn.functional.embedding", "nn.functional.embedding_bag"):
        input, args = args[0], (input, *args[1:])
    return function(input, *args, **kwargs, **more)


def attempt(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The result, or the exception."""
    minigrad.manual_seed(0), torch.default_generator.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return error


def array(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.detach().numpy(force=True))


# ---- grades


def grade(mine: np.ndarray, theirs: np.ndarray, scale: Any = 0.0, factor: int = 1) -> int:
    """How near two arrays are. "Bounded": each within 8u of the exact value, in the scale of the largest element or in that of what
    was added up (u is half of the distance from 1 to the next number); or within a multiple of that."""
    if mine.dtype != theirs.dtype or mine.shape != theirs.shape:
        return FAILED
    if mine.dtype.kind != "f" or not mine.size:
        return 0 if np.array_equal(mine, theirs) else FAILED
    nans = np.isnan(mine) & np.isnan(theirs)
    if (same_bits(mine, theirs) | nans).all():
        return 0
    steps = ulps(mine, theirs).max()
    if steps <= 4:
        return 1 if steps <= 1 else 2
    with np.errstate(all="ignore"):
        largest = np.where(np.isfinite(theirs), np.abs(theirs), 0).max()
        bound = 8 * np.finfo(mine.dtype).eps * np.maximum(largest, scale) * factor
        near = (mine == theirs) | nans | (np.abs(mine.astype(np.float64) - theirs) <= bound)
    return 3 if near.all() else FAILED


# Derivatives are sums of terms that may cancel, and second ones start from what the first ones rounded.
FACTORS = {"values": 1, "first": 8, "second": 512}
# These allow more, for what they do multiplies the errors of their first steps. And here it is PyTorch that is less exact: its
# trigamma, which derivatives of digamma are made of, errs in the tenth digit; that of logcumsumexp goes by way of logarithms; and to
# the second derivative of the binary cross entropy it adds 1e-12.
CONDITION = {
    **dict.fromkeys(["linalg.eigh", "linalg.eigvalsh", "linalg.slogdet", "logdet", "linalg.tensorsolve", "linalg.cond"], 4),
    **dict.fromkeys(["nn.functional.group_norm", "nn.functional.layer_norm first", "linalg.pinv", "nn.functional.scaled_dot_product_attention"], 32),
    **dict.fromkeys(["polygamma", "special.polygamma", "digamma", "lgamma"], 512),
    "nn.functional.ctc_loss first": 16,  # the exponentials of logarithms of whole paths' probabilities
    "logcumsumexp first": 256,
    "logcumsumexp second": 256,
    "nn.functional.binary_cross_entropy second": 512,
}


def allowed(op: Any, aspect: str = "values") -> int:
    """How many times the bound."""
    return FACTORS[aspect] * CONDITION.get(op.name, 1) * CONDITION.get(f"{op.name} {aspect}", 1)


def magnitudes(op: Any, theirs: Any, process: Callable[..., Any]) -> list[Any]:
    """The scale of each output's error: |A| |B| + |b|, if it is A B + b. That is what PyTorch makes of the inputs' absolute values."""
    found = attempt(call, torch, op, absolute(theirs))
    return [] if isinstance(found, Exception) else [np.nan_to_num(array(y).astype(np.float64)) for y in tensors(process(found))]


def absolute(value: Any) -> Any:
    """Arguments with the absolute values of all floats."""
    if isinstance(value, torch.Tensor):
        return value.detach().abs() if value.is_floating_point() else value
    if isinstance(value, dict):
        return {key: absolute(item) for key, item in value.items()}
    return type(value)([absolute(item) for item in value]) if type(value) in (list, tuple) else value


# What is no rule of its own, and so declares nothing: the last two are several exact ones, in an order that is not PyTorch's.
UNDECLARED = dict.fromkeys(["linspace", "logspace", "nn.functional.grid_sample", "nn.functional.embedding_bag"], 3)
tiers = dict(UNDECLARED)  # of each operation the worst tier met; integers leave no graph, so theirs is that of the floats
TIERS = {"T0": 0, "T1": 1, "T2": 2, "T3": 3}


def declared(outputs: list[Any]) -> int:
    """The exactness that the rules behind outputs declare: the worst of them, and an inexact rule among several is only bounded."""
    seen: set[int] = set()
    found: list[int] = []
    todo = [y.grad_fn for y in outputs if y.grad_fn is not None]
    while todo:
        node = todo.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        found += [TIERS[node.tier]] if hasattr(node, "tier") and not node.view else []
        todo += [edge for edge, _ in node.next_functions]
    return max(found, default=0) if len(found) < 2 or not any(found) else 3


# ---- one sample


def check_sample(op: Any, dtype: torch.dtype, sample: Any, tally: Tally, what: str) -> None:
    theirs = (sample.input, sample.args, sample.kwargs)
    try:
        mine = ours(theirs)
    except AttributeError:  # a dtype, layout or memory format that there is none of here
        return
    found, expected = attempt(call, minigrad, op, mine), attempt(call, torch, op, theirs)
    if isinstance(found, NotImplementedError) and not isinstance(expected, Exception):
        tally.left_out[str(found)] += 1
        return None
    if isinstance(found, Exception) or isinstance(expected, Exception):
        same = type(found).__name__ == type(expected).__name__
        return tally.note("values", 0 if same else FAILED, what, found, expected)
    if not tensors(expected) and not isinstance(expected, (list, tuple)):
        return tally.note("values", 0 if found == expected or found != found else FAILED, what, found, expected)
    check_views(tensors(found), tensors(expected), tensors(mine), tensors(theirs), tally, what)
    tier = tiers[op.name] = max(tiers.get(op.name, 0), declared(tensors(found)))
    process = sample.output_process_fn_grad or (lambda x: x)
    found, expected = tensors(process(found)), tensors(process(expected))
    if len(found) != len(expected):
        return tally.note("values", FAILED, what, len(found), len(expected))
    for k, (a, b) in enumerate(zip(found, expected)):
        if b.is_complex():
            return
        same = str(a.dtype) == str(b.dtype) and tuple(a.shape) == tuple(b.shape) and a.requires_grad == b.requires_grad
        any_index = op.name in TIES and dtype in DTYPES[2:] and b is expected[-1]
        got = FAILED if not same else 0 if op.name in UNINITIALISED or any_index else grade(array(a), array(b), float(op.name == "sinc"), allowed(op))  # PyTorch's pi is rounded
        if same and got == FAILED and b.is_floating_point():
            scales = magnitudes(op, theirs, process)
            got = grade(array(a), array(b), scales[k], allowed(op)) if len(scales) == len(expected) and scales[k].shape == b.shape else FAILED
        if tier < got < FAILED:
            tally.failures.append(f"tier: {what}: {GRADES[got]}, declared T{tier}")
        tally.note("values", got, what, a, b)
    if dtype == torch.float64 and op.supports_autograd and op.name not in UNINITIALISED:
        check_derivatives(op, found, expected, mine, theirs, tally, what)


def describe(x: Any) -> str:
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        gradient = " with a gradient" if x.requires_grad else ""
        return f"{x.dtype}{list(x.shape)}{gradient} {array(x).reshape(-1)[:4]}"
    return repr(x)


def memory(x: Any) -> Any:
    """What tells whose memory a tensor lies in."""
    if isinstance(x, torch.Tensor):
        return x.untyped_storage().data_ptr()
    owner = x.array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return id(owner)


def check_views(found: list[Any], expected: list[Any], mine: list[Any], theirs: list[Any], tally: Tally, what: str) -> None:
    """Outputs lie in an input's memory, or are the input, exactly where PyTorch's are."""
    sides = []
    for outputs, inputs in ((found, mine), (expected, theirs)):
        sides.append([(memory(y) == memory(x), y is x) for y in outputs for x in inputs])
    if not all([x.numel() for x in expected + theirs]):
        return
    tally.note("views", 0 if sides[0] == sides[1] else FAILED, f"{what} (aliases, is input)", *sides)


def gradients(library: Any, outputs: list[Any], leaves: list[Any], seed: int, create_graph: bool) -> list[Any]:
    """Gradients at the leaves of the outputs' product with random cotangents."""
    rng = np.random.default_rng(seed)
    vectors = [library.from_numpy(np.asarray(rng.standard_normal(tuple(y.shape)), array(y).dtype)) for y in outputs]
    return list(library.autograd.grad(outputs, leaves, vectors, create_graph=create_graph, allow_unused=True))


def derivatives(library: Any, op: Any, outputs: list[Any], arguments: Any) -> tuple[list[Any], Any]:
    """First and second; of the second also the exception."""
    leaves = [t for t in tensors(arguments) if t.requires_grad and t.is_leaf]
    outputs = [y for y in outputs if y.requires_grad and y.dtype.is_floating_point]
    if not outputs or not leaves:
        return [], []
    twice = op.supports_gradgrad and op.name != "nn.functional.ctc_loss"  # neither has its second; PyTorch says so later
    first = gradients(library, outputs, leaves, 1, twice)
    again = [g for g in first if g is not None and g.requires_grad]
    second = attempt(gradients, library, again, leaves, 2, False) if again and twice else []
    return first, second


def check_derivatives(op: Any, found: Any, expected: Any, mine: Any, theirs: Any, tally: Tally, what: str) -> None:
    reference = attempt(derivatives, torch, op, expected, theirs)
    result = attempt(derivatives, minigrad, op, found, mine)
    if isinstance(reference, Exception) or isinstance(result, Exception):
        same = type(reference).__name__ == type(result).__name__
        return tally.note("first", 0 if same else FAILED, what, result, reference)
    for aspect, a_side, b_side in zip(("first", "second"), result, reference):
        if (op.name, aspect) in THEIR_MISTAKES or "is not implemented" in str(b_side):
            continue
        if isinstance(a_side, Exception) or isinstance(b_side, Exception):
            tally.note(aspect, 0 if type(a_side) is type(b_side) else FAILED, what, a_side, b_side)
            continue
        scale = max([float(np.abs(array(b)).max(initial=0)) for b in b_side if b is not None], default=0.0)
        scale = max(scale, 1.0) if np.isfinite(scale) else 1.0  # 1 is the size of the cotangents
        for a, b in itertools.zip_longest(a_side, b_side):
            if a is None or b is None:  # nothing, or zeros: the sum is the same
                empty = all([x is None or (np.abs(array(x)) < 1e-12).all() for x in (a, b)])
                tally.note(aspect, 0 if empty and (aspect == "second" or (a is None) == (b is None)) else FAILED, what, a, b)
                continue
            tally.note(aspect, grade(array(a), array(b), scale, allowed(op, aspect)), what, a, b)


def check_in_place(op: Any, sample: Any, tally: Tally, what: str) -> None:
    variant = op.inplace_variant
    keywords = variant.keywords if isinstance(variant, partial) else {}  # a function with inplace=True
    if variant is None or sample.broadcasts_input or not isinstance(sample.input, torch.Tensor):
        return
    theirs = (sample.input, sample.args, sample.kwargs)
    sides = []
    for library, (input, args, kwargs) in ((minigrad, ours(theirs)), (torch, theirs)):
        x = input.clone()
        method = find(library, op.name) if keywords else getattr(library.Tensor, variant.__name__, None)
        sides.append((attempt(method, x, *args, **kwargs, **keywords), x))
    (found, x), (expected, y) = sides
    if isinstance(found, Exception) or isinstance(expected, Exception):
        same = type(found).__name__ == type(expected).__name__
        return tally.note("in-place", 0 if same else FAILED, what, found, expected)
    got = grade(array(x), array(y), factor=allowed(op)) if (found is x) == (expected is y) else FAILED
    tally.note("in-place", got, what, x, y)


def check_out(op: Any, sample: Any, tally: Tally, what: str) -> None:
    """The result written into a tensor given as `out=`."""
    theirs = (sample.input, sample.args, sample.kwargs)
    mine = ours(theirs)
    expected = attempt(call, torch, op, theirs)
    if isinstance(expected, Exception) or not tensors(expected) or any([y.requires_grad for y in tensors(theirs)]):
        return
    sides = []
    for library, arguments in ((minigrad, mine), (torch, theirs)):
        made = [library.empty(0, dtype=getattr(library, str(y.dtype).removeprefix("torch."))) for y in tensors(expected)]
        result = attempt(call, library, op, arguments, out=tuple(made) if isinstance(expected, (list, tuple)) else made[0])
        sides.append((result, made))
    (found, a), (reference, b) = sides
    if isinstance(found, Exception) or isinstance(reference, Exception):
        same = type(found).__name__ == type(reference).__name__
        return tally.note("out=", 0 if same else FAILED, what, found, reference)
    same_objects = all([x is y for x, y in zip(tensors(found), a)])
    process = sample.output_process_fn_grad or (lambda x: x)
    pairs = zip(tensors(process(found)), tensors(process(reference)))
    got = max([grade(array(x), array(y), factor=allowed(op)) for x, y in pairs], default=0) if same_objects else FAILED
    got = 0 if same_objects and op.name in UNINITIALISED else got
    tally.note("out=", got, what, found, reference)


def check_errors(op: Any, tally: Tally) -> None:
    """PyTorch's error inputs: the same exception, with the same words."""
    if op.error_inputs_func is None:
        return
    for case in op.error_inputs("cpu"):
        sample = case.sample_input
        theirs = (sample.input, sample.args, sample.kwargs)
        if any([t.is_complex() or t.device.type != "cpu" or t.is_sparse for t in tensors(theirs)]):
            continue
        try:
            mine = ours(theirs)
        except (AttributeError, ValueError):  # a dtype there is none of here, or more dimensions than NumPy has
            continue
        expected, found = attempt(call, torch, op, theirs), attempt(call, minigrad, op, mine)
        theirs_alone = ("storage that is not resizable", "doesn't apply to a 'int' object")  # of its storage, and of its class in C
        if not isinstance(expected, Exception) or any([text in str(expected) for text in theirs_alone]):
            continue
        same = type(found).__name__ == type(expected).__name__ and words(found) == words(expected)
        tally.note("errors", 0 if same else FAILED, op.name, found, expected)


def words(error: Any) -> str:
    """The message without what PyTorch's C++ appends to it."""
    return str(error).split(", but expected one of:")[0].split("\nException raised from")[0].strip()


# ---- all of them


def samples(op: Any, dtype: torch.dtype, count: int) -> Iterator[Any]:
    torch.default_generator.manual_seed(0)
    gradient = op.supports_autograd and dtype.is_floating_point
    for sample in itertools.islice(op.sample_inputs("cpu", dtype, requires_grad=gradient), count):
        inputs = tensors([sample.input, sample.args, sample.kwargs])
        if not any([t.is_complex() or t.layout != torch.strided for t in inputs]):
            yield sample


def check(op: Any, samples_of: int, dtypes: int = len(DTYPES)) -> Tally:
    """All aspects of one operation, on so many samples of each of the first dtypes that it has."""
    tally = Tally(ops=1)
    for dtype in [dtype for dtype in DTYPES if dtype in op.dtypes][:dtypes]:
        for nr, sample in enumerate(samples(op, dtype, samples_of)):
            what = f"{op.name}{op.variant_test_name and '.' + op.variant_test_name} {str(dtype)[6:]} #{nr}"
            for part in (check_sample, check_in_place):
                arguments = (op, dtype, sample) if part is check_sample else (op, sample)
                failure = attempt(part, *arguments, tally, what)
                if isinstance(failure, Exception):
                    tally.note("values", FAILED, what, failure)
        if op.supports_out and not op.name.startswith("nn.") and dtype.is_floating_point == (torch.float64 in op.dtypes):
            torch.default_generator.manual_seed(0)
            for nr, sample in enumerate(itertools.islice(op.sample_inputs("cpu", dtype, requires_grad=False), 3)):
                failure = attempt(check_out, op, sample, tally, f"{op.name} {str(dtype)[6:]} #{nr}")
                if isinstance(failure, Exception):
                    tally.note("out=", FAILED, op.name, failure)
    check_errors(op, tally)
    return tally


def check_one(job: tuple[int, int, int]) -> tuple[str, Tally]:
    """`check` in another process, of an operation named by its number, with the first dtypes."""
    number, count, dtypes = job
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return group_of(op_db[number]), check(op_db[number], count, dtypes)


def report(groups: dict[str, Tally]) -> str:
    """A row per group, and one for the total."""
    total = Tally()
    for tally in groups.values():
        total.add(tally)
    rows = [["group", "ops", *GRADES, *ASPECTS[1:]]]
    for name, tally in [*sorted(groups.items()), ("total", total)]:
        values = tally.grades["values"]
        row = [name, str(tally.ops), *[str(values[i]) for i in range(len(GRADES))]]
        for aspect in ASPECTS[1:]:
            counts = tally.grades[aspect]
            bad = counts[FAILED]
            row.append(f"{sum(counts.values()) - bad}" + (f" ({bad} failed)" if bad else ""))
        rows.append(row)
    exact = []
    for aspect in ASPECTS[1:3]:
        counts = total.grades[aspect]
        exact.append(f"{aspect} derivatives: " + ", ".join([f"{counts[i]} {name}" for i, name in enumerate(GRADES)]))
    return "\n".join([table(rows), "", *exact])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m comparisons.operators", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three samples of each operation, in float64 alone")
    parser.add_argument("--only", action="append", metavar="NAME", help="only this operation (may be repeated)")
    parser.add_argument("--samples", type=int, default=25, metavar="N", help="samples per operation and dtype (default: 25)")
    parser.add_argument("--failures", type=int, default=20, metavar="N", help="how many failures to print (default: 20)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="how many processes to use (default: 2)")
    options = parser.parse_args()
    wanted = [op for op in op_db if not options.only or op.name in options.only]
    reasons = {f"{op.name}.{op.variant_test_name}".rstrip("."): why for op in wanted if (why := left_out(op))}
    groups: dict[str, Tally] = defaultdict(Tally)
    amount = (3, 1) if options.quick else (options.samples, len(DTYPES))
    jobs = [(i, *amount) for i, op in enumerate(op_db) if op in wanted and not left_out(op)]
    with ProcessPoolExecutor(options.processes) as pool:
        for group, tally in tqdm(pool.map(check_one, jobs), total=len(jobs), unit="op", disable=None):
            groups[group].add(tally)
    print(report(groups))
    failures = [text for tally in groups.values() for text in tally.failures]
    for text in failures[: options.failures]:
        print(" -", text)
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, why in sorted(reasons.items()):
        by_reason[why].append(name)
    for (name, aspect), why in THEIR_MISTAKES.items():
        print(f"\nNot compared: {name}, {aspect} derivatives: {why}")
    for message, count in sum([tally.left_out for tally in groups.values()], Counter()).items():
        print(f"\nLeft out: {count} samples: {message}")
    print(f"\nOut of scope: {len(reasons)} names")
    for why, names in sorted(by_reason.items()):
        print(f"- {why}: {' '.join(names)}")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
