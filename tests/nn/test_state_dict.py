"""state_dict and load_state_dict side by side with PyTorch's: keys, order, metadata, errors, hooks."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from .sides import fill, same
from .test_module import net


def test_state_dict():
    def program(t):
        m = net(t)
        state = m.state_dict()
        shared = state["first.weight"]
        with t.no_grad():
            m.first.weight.add_(1)
        mine = {"kept": 1}
        return [
            state,
            dict(state._metadata),
            m.first.weight - shared,
            m.state_dict(prefix="p."),
            m.state_dict(keep_vars=True),
            m.state_dict(destination=mine) is mine,
            mine,
        ]

    same(program)


def test_positional_arguments_warn():
    same(lambda t: net(t).state_dict({}, "p.", True))
    same(lambda t: net(t).state_dict(OrderedDict()))


def changed(t, m, **changes):
    state = OrderedDict(m.state_dict())
    for key, value in changes.items():
        key = key.replace("__", ".")
        if value is None:
            del state[key]
        else:
            state[key] = value
    return state


LOADS = [
    lambda t, m: m.load_state_dict(fill(t, net(t), seed=9).state_dict()),
    lambda t, m: m.load_state_dict(dict(fill(t, net(t), seed=9).state_dict())),
    lambda t, m: m.load_state_dict(fill(t, net(t), seed=9).double().state_dict()),
    lambda t, m: m.load_state_dict({}),
    lambda t, m: m.load_state_dict({}, strict=False),
    lambda t, m: m.load_state_dict(3),
    lambda t, m: m.load_state_dict([("scale", t.ones(()))]),
    lambda t, m: m.load_state_dict(changed(t, m, scale=None)),
    lambda t, m: m.load_state_dict(changed(t, m, extra=t.ones(1))),
    lambda t, m: m.load_state_dict(changed(t, m, extra=t.ones(1), first__unknown=t.ones(1), inner__fc__weight=None)),
    lambda t, m: m.load_state_dict(changed(t, m, nowhere__weight=t.ones(1), scale=None), strict=False),
    lambda t, m: m.load_state_dict(changed(t, m, absent=t.ones(1))),
    lambda t, m: m.load_state_dict(changed(t, m, inner__scratch=t.ones(1))),
    lambda t, m: m.load_state_dict(changed(t, m, first__bias=t.ones(7), inner__fc__weight=t.ones(2, 2))),
    lambda t, m: m.load_state_dict(changed(t, m, first__bias=t.ones(7)), strict=False),
    lambda t, m: m.load_state_dict(changed(t, m, first__bias=[1, 2, 3], scale=3.0)),
    lambda t, m: m.load_state_dict(changed(t, m, scale=t.full((1,), 4.0))),
    lambda t, m: m.load_state_dict(changed(t, m, scale=t.full((1, 1), 4.0))),
    lambda t, m: m.load_state_dict(changed(t, m, first__weight=t.arange(12).reshape(3, 4))),
    lambda t, m: m.load_state_dict(changed(t, m, _extra_state=3)),
    lambda t, m: m.load_state_dict(fill(t, net(t), seed=9).state_dict(), assign=True),
    lambda t, m: m.load_state_dict(fill(t, net(t), seed=9).double().state_dict(), assign=True),
    lambda t, m: m.load_state_dict(fill(t, net(t), seed=9).state_dict(keep_vars=True), assign=True),
    lambda t, m: m.load_state_dict(changed(t, m, scale=t.ones(2)), assign=True),
]


@pytest.mark.parametrize("load", LOADS)
def test_load_state_dict(load):
    same(lambda t: load(t, net(t)))

    def after(t):
        m = net(t)
        m.first.weight.requires_grad_(False)
        before = list(m.parameters())
        try:
            load(t, m)
        except Exception:
            pass
        return [
            [a is b for a, b in zip(m.parameters(), before)],
            m.state_dict(keep_vars=True),
            m.first.weight,
            m.tied is m.first,
        ]

    same(after)


def test_the_given_dictionary_is_not_changed():
    def program(t):
        m = net(t)
        state = fill(t, net(t), seed=9).state_dict()
        m._register_load_state_dict_pre_hook(lambda state, *rest: state.pop("scale"))
        result = m.load_state_dict(state, strict=False)
        return [result, list(state), dict(state._metadata)]

    same(program)


def test_target_network():
    """How DQN synchronises its target: the copy is in place, so the two stay apart afterwards."""

    def program(t):
        online, target = net(t), fill(t, net(t), seed=9)
        weight = target.first.weight
        message = repr(target.load_state_dict(online.state_dict()))
        with t.no_grad():
            online.first.weight.zero_()
        return [message, weight is target.first.weight, weight._version, weight]

    same(program)


def test_extra_state():
    def program(t):
        class Counter(t.nn.Module):
            def __init__(self):
                super().__init__()
                self.count = 3

            def get_extra_state(self):
                return {"count": self.count}

            def set_extra_state(self, state):
                self.count = state["count"] + 1

        m = t.nn.Sequential(Counter(), t.nn.Linear(1, 1))
        state = fill(t, m).state_dict()
        seen = [state, m.load_state_dict(state), m[0].count]
        del state["0._extra_state"]
        return seen + [m.load_state_dict(state, strict=False), m.load_state_dict(state)]

    same(program)


def test_hooks():
    def program(t):
        m = net(t)
        seen = []
        handles = [
            m.register_state_dict_pre_hook(
                lambda module, prefix, keep: seen.append(("pre", module is m, prefix, keep))
            ),
            m.register_state_dict_post_hook(lambda module, state, prefix, meta: state.update(added=len(state))),
            m.inner.register_state_dict_post_hook(
                lambda module, state, prefix, meta: seen.append(("post", prefix, dict(meta)))
            ),
            m.register_load_state_dict_pre_hook(
                lambda module, state, prefix, meta, strict, missing, unexpected, errors: seen.append(
                    ("load", module is m, prefix, dict(meta), strict, missing, unexpected, errors)
                )
            ),
            m.inner._register_load_state_dict_pre_hook(
                lambda state, prefix, *rest: seen.append(("plain", prefix, list(state)))
            ),
            m.register_load_state_dict_post_hook(lambda module, keys: keys.unexpected_keys.clear()),
        ]
        state = m.state_dict()
        seen += [list(state), m.load_state_dict(state)]
        for handle in handles:
            handle.remove()
        return seen + [list(m.state_dict())]

    same(program)


def test_hooks_that_return_something():
    def post(t):
        m = net(t)
        m.register_state_dict_post_hook(lambda module, state, prefix, meta: {})
        return m.state_dict()

    def private(t):
        m = net(t)
        m._register_state_dict_hook(lambda module, state, prefix, meta: {"only": 1})
        return m.state_dict()

    def twice(t):
        def hook(*args):
            pass

        m = net(t)
        m.register_state_dict_post_hook(hook)
        m._register_state_dict_hook(hook)

    def loaded(t):
        m = net(t)
        m.register_load_state_dict_post_hook(lambda module, keys: 3)
        m.load_state_dict(m.state_dict())

    for program in (post, private, twice, loaded):
        same(program)


def test_version_of_a_layout():
    def program(t):
        class Old(t.nn.Module):
            _version = 2

            def __init__(self):
                super().__init__()
                self.w = t.nn.Parameter(t.ones(1))

            def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
                seen.append(local_metadata.get("version"))
                if local_metadata.get("version", 1) < 2:
                    state_dict[prefix + "w"] = state_dict.pop(prefix + "weight")
                super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

        seen = []
        m = t.nn.Sequential(Old())
        current = m.state_dict()
        return [m.load_state_dict(current), m.load_state_dict({"0.weight": t.zeros(1)}), m[0].w, seen]

    same(program)
