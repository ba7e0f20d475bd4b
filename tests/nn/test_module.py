"""Module: registration, attributes, the tree, modes, conversions, repr, copies, in PyTorch and in minigrad."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import pytest

import minigrad

from .sides import draw, fill, same


def net(t):
    class Inner(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = t.nn.Linear(3, 2)
            self.register_buffer("mean", t.zeros(2))
            self.register_buffer("scratch", t.ones(1), persistent=False)
            self.register_buffer("nothing", None)

        def forward(self, x):
            return self.fc(x) - self.mean

    class Net(t.nn.Module):
        def __init__(self):
            super().__init__()
            self.first = t.nn.Linear(4, 3)
            self.scale = t.nn.Parameter(t.ones(()))
            self.inner = Inner()
            self.tied = self.first
            self.register_parameter("absent", None)
            self.limit = 5

        def forward(self, x, factor=1.0):
            return self.inner(self.first(x)) * self.scale * factor

    return fill(t, Net())


# ---- registration and attributes


def test_parameters_and_buffers_by_name():
    def program(t):
        m = net(t)
        return [
            list(m.named_parameters()),
            list(m.named_parameters(prefix="p", recurse=False)),
            [name for name, _ in m.named_parameters(remove_duplicate=False)],
            list(m.parameters()),
            list(m.named_buffers()),
            list(m.buffers(recurse=False)),
            [name for name, _ in m.named_modules()],
            [name for name, _ in m.named_modules(prefix="root", remove_duplicate=False)],
            [type(x).__name__ for x in m.modules()],
            [name for name, _ in m.named_children()],
            [type(x).__name__ for x in m.children()],
            dict(m._parameters),
            list(m._modules),
            list(m.inner._buffers),
        ]

    same(program)


@pytest.mark.parametrize(
    "program",
    [
        lambda t, m: setattr(m, "scale", t.ones(())),
        lambda t, m: setattr(m, "scale", 3),
        lambda t, m: setattr(m, "scale", t.nn.Linear(1, 1)),
        lambda t, m: setattr(m, "first", 3),
        lambda t, m: setattr(m, "first", "x"),
        lambda t, m: setattr(m.inner, "mean", 3),
        lambda t, m: m.register_parameter("x", t.ones(1)),
        lambda t, m: m.register_parameter("x", 3),
        lambda t, m: m.register_parameter("a.b", None),
        lambda t, m: m.register_parameter("", None),
        lambda t, m: m.register_parameter(3, None),
        lambda t, m: m.register_parameter("limit", None),
        lambda t, m: m.register_parameter("first", None),
        lambda t, m: m.register_parameter("forward", t.nn.Parameter(t.ones(1))),
        lambda t, m: m.register_buffer("a.b", None),
        lambda t, m: m.register_buffer("", None),
        lambda t, m: m.register_buffer(3, None),
        lambda t, m: m.register_buffer("limit", None),
        lambda t, m: m.register_buffer("scale", None),
        lambda t, m: m.register_buffer("x", 3),
        lambda t, m: m.register_buffer("x", [1.0]),
        lambda t, m: m.add_module("x", 3),
        lambda t, m: m.add_module("x", t.ones(1)),
        lambda t, m: m.add_module("a.b", t.nn.Identity()),
        lambda t, m: m.add_module("", t.nn.Identity()),
        lambda t, m: m.add_module(3, t.nn.Identity()),
        lambda t, m: m.add_module("limit", t.nn.Identity()),
        lambda t, m: m.register_module("scale", None),
        lambda t, m: m.unknown,
        lambda t, m: delattr(m, "unknown"),
        lambda t, m: m.get_submodule("inner.nothing_here"),
        lambda t, m: m.get_submodule("inner.mean"),
        lambda t, m: m.get_submodule("inner.fc.weight"),
        lambda t, m: m.get_parameter("inner.mean"),
        lambda t, m: m.get_parameter("inner.unknown"),
        lambda t, m: m.get_parameter("nowhere.weight"),
        lambda t, m: m.get_buffer("inner.fc.weight"),
        lambda t, m: m.get_buffer("inner.unknown"),
        lambda t, m: m.set_submodule("", t.nn.Identity()),
        lambda t, m: m.set_submodule("inner.fc", 3),
        lambda t, m: m.set_submodule("inner.new", t.nn.Identity(), strict=True),
        lambda t, m: m.set_submodule("inner.mean", t.nn.Identity()),
        lambda t, m: m.set_submodule("nowhere.new", t.nn.Identity()),
        lambda t, m: m.train(1),
        lambda t, m: m.to(t.int64),
        lambda t, m: m.to(t.bool),
        lambda t, m: m.to("cuda"),
        lambda t, m: m.cuda(),
        lambda t, m: t.nn.Module()(3),
        lambda t, m: t.nn.Module(3),
        lambda t, m: t.nn.Module(a=3),
        lambda t, m: t.nn.Linear(2, 3, 4, 5, 6, 7),
    ],
)
def test_errors_leave_the_module_as_it_was(program):
    def run(t):
        m = net(t)
        before = (
            repr(m),
            [name for name, _ in m.named_parameters()],
            [name for name, _ in m.named_buffers()],
            list(vars(m)),
        )
        try:
            return program(t, m)
        finally:
            after = (
                repr(m),
                [name for name, _ in m.named_parameters()],
                [name for name, _ in m.named_buffers()],
                list(vars(m)),
            )
            if t is minigrad:
                assert before == after

    same(run)


@pytest.mark.parametrize("value", ["parameter", "module", "buffer"])
def test_assignment_before_init(value):
    def program(t):
        class Hasty(t.nn.Module):
            def __init__(self):
                self.x = {
                    "parameter": lambda: t.nn.Parameter(t.ones(1)),
                    "module": lambda: t.nn.Identity(),
                    "buffer": lambda: t.nn.Buffer(t.ones(1)),
                }[value]()

        Hasty()

    same(program)


@pytest.mark.parametrize("register", ["register_parameter", "register_buffer"])
def test_registration_before_init(register):
    def program(t):
        class Hasty(t.nn.Module):
            def __init__(self):
                getattr(self, register)("x", None)

        Hasty()

    same(program)


def test_plain_attributes_may_come_before_init():
    def program(t):
        class Early(t.nn.Module):
            def __init__(self):
                self.size = 3
                super().__init__()

        return Early().size

    same(program)


def test_an_attribute_changes_its_kind():
    def program(t):
        m = net(t)
        seen = []

        def look():
            seen.append(
                [
                    list(m._parameters),
                    list(m._buffers),
                    list(m._modules),
                    sorted(m._non_persistent_buffers_set),
                    hasattr(m, "x"),
                ]
            )

        m.x = 3
        m.x = t.nn.Parameter(t.ones(2))
        look()
        m.x = t.nn.Parameter(t.zeros(2))
        look()
        m.x = None
        look()
        del m.x
        look()
        m.x = t.nn.Identity()
        look()
        m.x = None
        look()
        m.x = t.nn.Parameter(t.ones(1))
        look()
        del m.x
        m.register_buffer("x", t.ones(3), persistent=False)
        look()
        m.x = t.zeros(3)
        look()
        m.x = None
        look()
        m.x = t.nn.Linear(1, 1)
        look()
        del m.x
        m.x = t.nn.Buffer(t.ones(2))
        look()
        m.x = t.nn.Buffer(t.ones(2), persistent=False)
        look()
        del m.x
        look()
        m.limit = t.ones(1)
        look()
        seen.append(m.limit)
        return seen

    same(program)


def test_the_three_dictionaries_can_be_written():
    """Model surgery often goes through `_modules` and `_parameters`."""

    def program(t):
        m = net(t)
        m._modules["first"] = t.nn.Identity()
        m._parameters["extra"] = t.nn.Parameter(t.ones(2))
        m._buffers.update(left=t.ones(1), right=t.zeros(1))
        seen = [
            repr(m.first),
            m.extra,
            m.left,
            m.right,
            m._parameters.pop("extra"),
            hasattr(m, "extra"),
            m._buffers.pop("no", 3),
        ]
        m._modules.setdefault("late", t.nn.ReLU())
        seen += [repr(m.late), m._modules.popitem()[0], hasattr(m, "late")]
        del m._modules["tied"]
        seen += [hasattr(m, "tied"), list(m._modules)]
        m._buffers.clear()
        seen += [hasattr(m, "left"), list(m.named_buffers(recurse=False))]
        old = m._modules
        m._modules = {"only": t.nn.Tanh()}
        seen += [repr(m), repr(m.only), hasattr(m, "inner")]
        m._modules = old
        seen += [repr(m), hasattr(m, "only")]
        m._modules |= {"more": t.nn.Sigmoid()}
        seen += [repr(m.more)]
        return seen

    same(program)


def test_getattr_can_be_extended():
    def program(t):
        class Wrapper(t.nn.Module):
            def __init__(self, module):
                super().__init__()
                self.module = module

            def __getattr__(self, name):
                try:
                    return super().__getattr__(name)
                except AttributeError:
                    return getattr(self.module, name)

        w = Wrapper(net(t))
        return [
            w.limit,
            w.first.weight,
            w.__getattr__("module") is w.module,
            hasattr(w, "zzz"),
            w.get_parameter("scale"),
        ]

    same(program)


def test_init_twice_starts_anew():
    def program(t):
        m = net(t)
        t.nn.Module.__init__(m)
        return [hasattr(m, "first"), list(m.parameters()), m.limit]

    same(program)


def test_call_super_init():
    def program(t):
        class Other:
            def __init__(self, size):
                self.size = size

        class Both(t.nn.Module, Other):
            call_super_init = True

        return Both(3).size

    same(program)


def test_dir_lists_members_without_the_numbered():
    def program(t):
        m = t.nn.Sequential(t.nn.Linear(1, 1))
        m.extra = t.nn.Identity()
        names = dir(m)
        return [name in names for name in ("0", "extra", "training", "forward", "_modules")] + [names == sorted(names)]

    same(program)


def test_get_and_set_submodule():
    def program(t):
        m = net(t)
        seen = [m.get_submodule("") is m, m.get_submodule("inner.fc") is m.inner.fc, m.get_parameter("inner.fc.bias")]
        seen.append(m.get_buffer("inner.mean"))
        m.set_submodule("inner.fc", t.nn.Identity())
        m.set_submodule("inner.new", t.nn.ReLU())
        m.set_submodule("first", t.nn.Tanh(), strict=True)
        return seen + [repr(m)]

    same(program)


# ---- all at once


def test_modes():
    def program(t):
        m = net(t)
        flags = [
            m.training,
            m.eval() is m,
            [x.training for x in m.modules()],
            m.train() is m,
            [x.training for x in m.modules()],
        ]
        m.inner.eval()
        return flags + [[x.training for x in m.modules()]]

    same(program)


def test_apply_goes_from_the_leaves_up():
    def program(t):
        seen = []
        m = net(t)
        return [m.apply(lambda module: seen.append(type(module).__name__)) is m, seen]

    same(program)


def test_requires_grad_and_zero_grad():
    def program(t):
        m = net(t)
        m.inner.requires_grad_(False)
        seen = [[p.requires_grad for p in m.parameters()]]
        m.requires_grad_()
        m(draw(t, 5, 4)).sum().backward()
        seen.append([p.grad is None for p in m.parameters()])
        grads = [p.grad for p in m.parameters()]
        m.zero_grad(set_to_none=False)
        seen.append([[p.grad is g for p, g in zip(m.parameters(), grads)], grads])
        m.zero_grad()
        return seen + [[p.grad for p in m.parameters()]]

    same(program)


def test_zero_grad_of_a_gradient_with_a_graph():
    def program(t):
        p = t.nn.Parameter(t.ones(2))
        m = t.nn.ParameterList([p])
        p.grad = t.ones(2, requires_grad=True) * 3
        m.zero_grad(set_to_none=False)
        return [p.grad]

    same(program)


@pytest.mark.parametrize(
    "convert",
    [
        lambda t, m: m.double(),
        lambda t, m: m.half(),
        lambda t, m: m.double().float(),
        lambda t, m: m.to(t.float64),
        lambda t, m: m.to("cpu"),
        lambda t, m: m.to(t.device("cpu"), t.float64),
        lambda t, m: m.to(device="cpu", dtype=t.float64, non_blocking=True),
        lambda t, m: m.to(t.zeros(1, dtype=t.float64)),
        lambda t, m: m.to(None),
        lambda t, m: m.cpu(),
        lambda t, m: m.type(t.float64),
    ],
)
def test_conversions(convert):
    def program(t):
        m = net(t)
        m.register_buffer("count", t.zeros(2, dtype=t.int64))
        m(draw(t, 2, 4)).sum().backward()
        before = list(m.parameters())
        grads = [p.grad for p in before]
        result = convert(t, m)
        after = list(m.parameters())
        return [
            result is m,
            [a is b for a, b in zip(after, before)],
            [a.grad is g for a, g in zip(after, grads)],
            after,
            grads,
            list(m.buffers()),
        ]

    same(program, rtol=1e-6)


# ---- repr


def test_repr():
    def program(t):
        class Odd(t.nn.Module):
            def __init__(self, extra, child=None):
                super().__init__()
                self.extra = extra
                if child is not None:
                    self.child = child

            def extra_repr(self):
                return self.extra

        reprs = [t.nn.Module(), net(t), Odd(""), Odd("one"), Odd("one\ntwo"), Odd("one", t.nn.ReLU())]
        reprs += [
            Odd("one\ntwo", Odd("three\nfour", Odd(""))),
            Odd("one", Odd("", t.nn.Linear(1, 2))),
            Odd("a\n\nb", Odd("a\n\nb")),
        ]
        m = net(t)
        m.first = None
        return [repr(r) for r in [*reprs, m]]

    same(program)


# ---- copies


@pytest.mark.parametrize("how", [copy.deepcopy, copy.copy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies(how):
    m = minigrad.nn.Sequential(minigrad.nn.Linear(2, 2), minigrad.nn.ReLU())
    m.register_buffer("left", minigrad.ones(2), persistent=False)
    m.tied = m[0]
    twin = how(m)
    assert repr(twin) == repr(m) and twin.state_dict().keys() == m.state_dict().keys()
    assert twin.tied is twin[0] and twin[0].weight is twin._modules["0"]._parameters["weight"]
    shallow = how is copy.copy
    assert (twin[0] is m[0]) == shallow and (twin[0].weight is m[0].weight) == shallow
    assert twin._non_persistent_buffers_set == {"left"}
    x = draw(minigrad, 4, 2)
    assert (twin(x) == m(x)).all()
    twin.extra = minigrad.nn.Tanh()
    assert not hasattr(m, "extra") and "extra" in twin._modules


def test_deepcopy_of_a_trained_module():
    def program(t):
        m = net(t)
        m(draw(t, 2, 4)).sum().backward()
        twin = copy.deepcopy(m)
        with t.no_grad():
            twin.scale.mul_(2)
        return [
            m.scale,
            twin.scale,
            twin.scale.grad,
            twin.scale.is_leaf,
            list(twin.named_parameters()),
            list(twin.buffers()),
        ]

    same(program)


def test_a_module_is_freed_at_once():
    """Modules and their registries form no cycle, so that no garbage collection is needed."""
    gc.disable()
    try:
        m = minigrad.nn.Sequential(minigrad.nn.Linear(2, 2))
        gone = weakref.ref(m[0])
        del m
        assert gone() is None
    finally:
        gc.enable()


# ---- parameters


@pytest.mark.parametrize(
    "program",
    [
        lambda t: t.nn.Parameter(t.tensor([1.0, 2.0])),
        lambda t: repr(t.nn.Parameter(t.tensor([1.0, 2.0]))),
        lambda t: repr(t.nn.Parameter(t.tensor([[1.0], [2.0]]), requires_grad=False)),
        lambda t: repr(t.nn.Parameter(t.tensor(1, dtype=t.int64), requires_grad=False)),
        lambda t: repr(t.nn.Parameter()),
        lambda t: t.nn.Parameter(t.zeros(2, dtype=t.int64)),
        lambda t: t.nn.Parameter([1.0]),
        lambda t: t.nn.Parameter(3),
        lambda t: t.nn.Parameter(t.ones(2), requires_grad=False),
        lambda t: t.nn.Parameter(t.ones(2, requires_grad=True) * 2),
        lambda t: [type(t.nn.Parameter(t.ones(2)) * 2).__name__, type(t.nn.Parameter(t.ones(2)).data).__name__],
        lambda t: type(t.nn.Parameter(t.ones(2)).detach()).__name__,
        lambda t: isinstance(t.nn.Parameter(t.ones(2)), t.Tensor),
        lambda t: isinstance(t.nn.Parameter(t.ones(2)).detach(), t.nn.Parameter),
        lambda t: isinstance(t.nn.Buffer(t.ones(2)), t.nn.Buffer),
        lambda t: isinstance(t.ones(2), t.nn.Buffer),
        lambda t: copy.deepcopy(t.nn.Parameter(t.ones(2), requires_grad=False)),
        lambda t: pickle.loads(pickle.dumps(t.nn.Parameter(t.ones(2)))),
        lambda t: t.nn.Parameter(t.nn.Parameter(t.ones(2))),
    ],
)
def test_parameter(program):
    same(program)


def test_a_parameter_shares_memory_and_version():
    def program(t):
        x = t.zeros(3)
        p = t.nn.Parameter(x)
        x.add_(1)
        return [p, p._version, x._version]

    same(program)
