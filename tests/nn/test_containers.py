"""Sequential, ModuleList, ModuleDict, ParameterList and ParameterDict, run side by side with PyTorch's."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from .sides import draw, fill, same


def layers(t):
    return t.nn.Linear(2, 3), t.nn.ReLU(), t.nn.Linear(3, 3), t.nn.Linear(3, 3), t.nn.Tanh()


SEQUENTIAL = [
    lambda t, s: (len(s), s[0], s[-1], s[1:3], s[::2], s[5:], [type(m).__name__ for m in s]),
    lambda t, s: s[5],
    lambda t, s: s[-6],
    lambda t, s: s["0"],
    lambda t, s: s[1.0],
    lambda t, s: s.__setitem__(1, t.nn.Sigmoid()),
    lambda t, s: s.__setitem__(-1, t.nn.Sigmoid()),
    lambda t, s: s.__setitem__(9, t.nn.Sigmoid()),
    lambda t, s: s.__setitem__(0, 3),
    lambda t, s: s.__delitem__(1),
    lambda t, s: s.__delitem__(-1),
    lambda t, s: s.__delitem__(slice(1, 4, 2)),
    lambda t, s: s.__delitem__(7),
    lambda t, s: s.append(t.nn.Identity()) is s,
    lambda t, s: s.append(3),
    lambda t, s: s.extend([t.nn.Identity(), t.nn.ReLU()]) is s,
    lambda t, s: s.insert(0, t.nn.Identity()) is s,
    lambda t, s: s.insert(5, t.nn.Identity()),
    lambda t, s: s.insert(-1, t.nn.Identity()),
    lambda t, s: s.insert(6, t.nn.Identity()),
    lambda t, s: s.insert(0, 3),
    lambda t, s: (s.pop(0), s.pop(-1), len(s)),
    lambda t, s: s.pop(slice(0, 2)),
    lambda t, s: s.pop(8),
    lambda t, s: s + t.nn.Sequential(t.nn.Identity()),
    lambda t, s: s + [t.nn.Identity()],
    lambda t, s: s.__iadd__(t.nn.Sequential(t.nn.Identity())) is s,
    lambda t, s: s.__iadd__(3),
    lambda t, s: s * 2,
    lambda t, s: 2 * s,
    lambda t, s: s * 0,
    lambda t, s: s * 1.5,
    lambda t, s: s.__imul__(2) is s,
    lambda t, s: s.__imul__(-1),
    lambda t, s: s.__imul__("x"),
    lambda t, s: list(s.named_parameters()),
    lambda t, s: s(draw(t, 4, 2)),
    lambda t, s: s(draw(t, 4, 2), 3),
    lambda t, s: [name for name in dir(s) if name.isdigit()],
]


@pytest.mark.parametrize("program", SEQUENTIAL)
def test_sequential(program):
    def run(t):
        s = fill(t, t.nn.Sequential(*layers(t)))
        try:
            return program(t, s)
        finally:
            assert list(s._modules) == [str(i) for i in range(len(s))]
            assert all(getattr(s, name) is module for name, module in s._modules.items())

    same(run, rtol=1e-6)

    def after(t):
        s = fill(t, t.nn.Sequential(*layers(t)))
        try:
            program(t, s)
        except Exception:
            pass
        return repr(s)

    same(after)


def test_named_sequential():
    def program(t):
        s = t.nn.Sequential(OrderedDict([("fc", t.nn.Linear(2, 3)), ("act", t.nn.ReLU()), ("out", t.nn.Linear(3, 1))]))
        seen = [repr(s), repr(s.act), repr(s[1]), repr(s[0:2]), list(s.state_dict())]
        s[1] = t.nn.Tanh()
        seen.append(repr(s))
        del s[0]
        return seen + [repr(s), hasattr(s, "fc"), repr(s.append(t.nn.ReLU()))]

    same(program)


def test_sequential_takes_modules_only():
    same(lambda t: t.nn.Sequential(3))
    same(lambda t: t.nn.Sequential([t.nn.ReLU()]))
    same(lambda t: t.nn.Sequential())


def test_subclasses_keep_their_class():
    def program(t):
        class Mine(t.nn.Sequential):
            pass

        return [Mine(*layers(t))[1:], repr(Mine(*layers(t)) + Mine(t.nn.ReLU()))]

    same(program)


MODULE_LIST = [
    lambda t, m: (len(m), m[0], m[-1], m[1:3], [type(x).__name__ for x in m]),
    lambda t, m: m[5],
    lambda t, m: m["0"],
    lambda t, m: m.__setitem__(-1, t.nn.Sigmoid()),
    lambda t, m: m.__setitem__(0, 3),
    lambda t, m: m.__delitem__(0),
    lambda t, m: m.__delitem__(slice(0, 3, 2)),
    lambda t, m: m.append(t.nn.Identity()) is m,
    lambda t, m: m.append("x"),
    lambda t, m: m.extend([t.nn.Identity()]) is m,
    lambda t, m: m.extend(3),
    lambda t, m: m.extend([3]),
    lambda t, m: m.__iadd__([t.nn.Identity()]) is m,
    lambda t, m: m + [t.nn.Identity()],
    lambda t, m: m.insert(1, t.nn.Identity()),
    lambda t, m: m.insert(5, t.nn.Identity()),
    lambda t, m: (m.pop(1), m.pop(-1)),
    lambda t, m: m(draw(t, 4, 2)),
    lambda t, m: list(m.named_parameters()),
]


@pytest.mark.parametrize("program", MODULE_LIST)
def test_module_list(program):
    same(lambda t: program(t, fill(t, t.nn.ModuleList(layers(t)))))

    def after(t):
        m = t.nn.ModuleList(layers(t))
        try:
            program(t, m)
        except Exception:
            pass
        return repr(m)

    same(after)


def test_module_list_repr_counts_repeated_blocks():
    def program(t):
        def block():
            return t.nn.Sequential(t.nn.Linear(1, 1), t.nn.ReLU())

        return [
            repr(t.nn.ModuleList([block() for _ in range(3)] + [t.nn.Tanh(), block(), t.nn.Tanh(), t.nn.Tanh()])),
            repr(t.nn.ModuleList()),
            repr(t.nn.Sequential(t.nn.ModuleList([block(), block()]))),
        ]

    same(program)


MODULE_DICT = [
    lambda t, m: (len(m), list(m), "a" in m, "z" in m, m["a"], list(m.keys()), len(m.values()), list(dict(m.items()))),
    lambda t, m: m["z"],
    lambda t, m: m.__setitem__("c", t.nn.Tanh()),
    lambda t, m: m.__setitem__("a", t.nn.Tanh()),
    lambda t, m: m.__setitem__("x.y", t.nn.Tanh()),
    lambda t, m: m.__setitem__("keys", t.nn.Tanh()),
    lambda t, m: m.__setitem__("c", 3),
    lambda t, m: m.__delitem__("a"),
    lambda t, m: m.__delitem__("z"),
    lambda t, m: m.pop("a"),
    lambda t, m: m.pop("z"),
    lambda t, m: m.clear(),
    lambda t, m: m.update({"c": t.nn.Tanh(), "b": t.nn.Sigmoid()}),
    lambda t, m: m.update([("c", t.nn.Tanh())]),
    lambda t, m: m.update(t.nn.ModuleDict({"c": t.nn.Tanh()})),
    lambda t, m: m.update(3),
    lambda t, m: m.update([3]),
    lambda t, m: m.update([("a", t.nn.Tanh(), 1)]),
    lambda t, m: m(1),
    lambda t, m: hasattr(m, "a"),
]


@pytest.mark.parametrize("program", MODULE_DICT)
def test_module_dict(program):
    def make(t):
        return fill(t, t.nn.ModuleDict({"b": t.nn.Linear(1, 2), "a": t.nn.ReLU()}))

    same(lambda t: program(t, make(t)))

    def after(t):
        m = make(t)
        try:
            program(t, m)
        except Exception:
            pass
        return [repr(m), hasattr(m, "a")]

    same(after)


PARAMETER_LIST = [
    lambda t, p: (len(p), p[0], p[-1], p[1:], list(p)),
    lambda t, p: p[3],
    lambda t, p: p.__setitem__(0, t.zeros(1)),
    lambda t, p: p.__setitem__(3, t.zeros(1)),
    lambda t, p: p.append(t.zeros(1)) is p,
    lambda t, p: p.append("text") is p,
    lambda t, p: p.extend([t.zeros(1), t.nn.Parameter(t.ones(1))]) is p,
    lambda t, p: p.extend(t.zeros(3)),
    lambda t, p: p.extend(3),
    lambda t, p: p.__iadd__([t.zeros(1)]) is p,
    lambda t, p: list(p.named_parameters()),
    lambda t, p: list(p.state_dict()),
    lambda t, p: p(),
]


@pytest.mark.parametrize("program", PARAMETER_LIST)
def test_parameter_list(program):
    def make(t):
        return t.nn.ParameterList([t.nn.Parameter(t.ones(2)), t.zeros(2, 3), 5])

    same(lambda t: program(t, make(t)))

    def after(t):
        p = make(t)
        try:
            program(t, p)
        except Exception:
            pass
        return [repr(p), len(p)]

    same(after)


PARAMETER_DICT = [
    lambda t, p: (
        len(p),
        list(p),
        list(reversed(p)),
        "b" in p,
        p["b"],
        list(p.keys()),
        list(p.values()),
        list(p.items()),
    ),
    lambda t, p: p["z"],
    lambda t, p: p[3],
    lambda t, p: p.__setitem__("c", t.zeros(1)),
    lambda t, p: p.__setitem__("b", t.zeros(1)),
    lambda t, p: p.__delitem__("b"),
    lambda t, p: p.__delitem__("z"),
    lambda t, p: (p.get("b"), p.get("z"), p.get("z", 7)),
    lambda t, p: (p.setdefault("b", 3), p.setdefault("z", t.ones(1))),
    lambda t, p: (p.pop("b"), len(p)),
    lambda t, p: (p.popitem(), len(p)),
    lambda t, p: (p.clear(), len(p)),
    lambda t, p: (p.copy(), p.copy()["b"] is p["b"]),
    lambda t, p: p.fromkeys(["x", "y"], 3),
    lambda t, p: p.update({"z": t.ones(1), "y": t.ones(2)}),
    lambda t, p: p.update(OrderedDict([("z", t.ones(1)), ("y", t.ones(2))])),
    lambda t, p: p.update([("z", t.ones(1)), ("y", t.ones(2))]),
    lambda t, p: p.update(t.nn.ParameterDict({"z": t.ones(1)})),
    lambda t, p: p.update(3),
    lambda t, p: p.update([3]),
    lambda t, p: p.update([("a", 1, 2)]),
    lambda t, p: p | t.nn.ParameterDict({"z": t.ones(1)}),
    lambda t, p: p.__ior__(t.nn.ParameterDict({"z": t.ones(1)})) is p,
    lambda t, p: list(p.named_parameters()),
    lambda t, p: p(1),
]


@pytest.mark.parametrize("program", PARAMETER_DICT)
def test_parameter_dict(program):
    def make(t):
        return t.nn.ParameterDict({"b": t.nn.Parameter(t.ones(2)), "a": t.zeros(2, 3), "n": 5})

    same(lambda t: program(t, make(t)))

    def after(t):
        p = make(t)
        try:
            program(t, p)
        except Exception:
            pass
        return [list(p), list(p.named_parameters())]

    same(after)
