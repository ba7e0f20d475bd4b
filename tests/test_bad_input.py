"""Bad input of every kind, beside PyTorch's: the same exception with the same message, and no state left half-changed."""
from __future__ import annotations

import numpy as np
from beside import beside, program, table

DEVICES = """
t.ones(2, device="cuda")
t.ones(2, device="cuda:1")
t.ones(2, device="gpu")
t.ones(2, device=0)
t.ones(2, device=1.5)
t.tensor([1.0], device="cuda")
t.as_tensor([1.0], device="cuda")
t.randn(2, device="cuda")
t.arange(3, device="cuda")
t.zeros_like(t.ones(2), device="cuda")
t.ones(2).new_zeros(2, device="cuda")
t.ones(2).to("cuda")
t.ones(2).to(device="cuda:0")
t.ones(2).to(t.device("cuda"), t.float64)
t.ones(2).to("gpu")
t.ones(2).to(0)
t.ones(2).to("float32")
t.ones(2).to(t.float64, t.float32)
t.ones(2).cuda()
t.ones(2).cuda(0)
t.ones(2).cuda("cpu")
t.nn.Linear(1, 1, device="cuda")
t.nn.Linear(1, 1).to("cuda")
t.nn.Linear(1, 1).to("gpu")
t.nn.Linear(1, 1).cuda()
t.cuda.is_available(), t.cuda.device_count(), t.cuda.manual_seed(1), t.cuda.manual_seed_all(1), t.cuda.empty_cache()
repr(t.device("cuda" if t.cuda.is_available() else "cpu"))
t.device("gpu")
t.device("cuda:x")
t.device("")
t.device(None)
"""
DATA = """
t.tensor([[1, 2], [3]])
t.tensor([[1, 2], 3])
t.tensor([1, [2]])
t.tensor([[[1], [2]], [[3]]])
t.tensor([[], [1]])
t.tensor([[1, 2], (3,)])
t.as_tensor([[1], [2, 3]])
t.Tensor([[1, 2], [3]])
t.FloatTensor([[1, 2], [3]])
t.tensor([range(3), range(2)])
t.tensor([t.ones(2), t.ones(3)])
t.tensor([1, "a"])
t.tensor("abc")
t.tensor(None)
t.tensor([1, None])
t.tensor({"a": 1})
t.tensor(object)
t.tensor([1], dtype="float32")
t.as_tensor([1], dtype=np.float32)
t.zeros(2, dtype="float")
t.full((2,), 1, dtype=3)
t.randn(2, dtype="float")
t.tensor([1], dtype=t.int64, requires_grad=True)
t.zeros(2, -1)
t.zeros(2, 1.5)
t.randint(3)
t.randint(5, 3, (2,))
"""
OPTIMIZERS = """
t.optim.Adam([])
t.optim.SGD(t.nn.ReLU().parameters(), 0.1)
t.optim.Adam(None)
t.optim.Adam(3)
t.optim.Adam([3])
t.optim.Adam([{}])
t.optim.Adam(t.ones(2))
t.optim.Adam([t.ones(2, requires_grad=True) * 2])
t.optim.SGD([t.ones(2, requires_grad=True)], lr=-1)
t.optim.Adam([t.ones(2, requires_grad=True)], lr=t.nan)
t.optim.Adam([t.ones(2, requires_grad=True)], lr="a")
t.optim.Adam([t.ones(2, requires_grad=True)], betas=(1.0, 0.9))
t.optim.Adam([t.ones(2, requires_grad=True)], speed=1)
t.optim.Adam([t.ones(2, requires_grad=True)]).load_state_dict({})
t.optim.Adam([t.ones(2, requires_grad=True)]).load_state_dict({"state": {}, "param_groups": []})
"""
MODULES = """
t.nn.Linear(2, 2).load_state_dict({})
t.nn.Linear(2, 2).load_state_dict(3)
t.nn.Linear(2, 2).load_state_dict({"weight": t.ones(2, 2), "bias": t.ones(2), "extra": t.ones(1)})
t.nn.Linear(2, 2).load_state_dict({"weight": t.ones(3, 2)})
t.nn.Linear(2, 2).load_state_dict({"weight": 3, "bias": t.ones(2)})
t.nn.Sequential(t.nn.Linear(2, 2)).load_state_dict({"weight": t.ones(2, 2), "1.bias": t.ones(2)})
t.nn.Linear(2, 2).load_state_dict({"nonsense": 1}, strict=False)
t.nn.Linear("a", 2)
t.nn.Linear(-1, 2)
t.nn.Linear(3, 2)(t.ones(2))
t.nn.Linear(3, 2)(t.ones(2, 3).double())
t.nn.Dropout(2)
t.nn.Sequential(3)
t.ones(2, 3) @ t.ones(2, 3)
t.ones(2) + t.ones(3)
t.ones(2, 3).sum(2)
t.ones(6).view(4, -1)
t.ones(2)[3]
t.ones(2)["a"]
t.cat([t.ones(2, 2), t.ones(3, 3)])
"""
# What fails on the way, and then what is left.
UNCHANGED = """
m = t.nn.Linear(2, 1); t.nn.init.ones_(m.weight); attempt(lambda: m.load_state_dict({"weight": t.zeros(3, 3)})); m.weight
m = t.nn.Linear(2, 1); attempt(lambda: m.to("cuda")); str(m.weight.device), str(m.weight.dtype)
w = t.ones(2, requires_grad=True); o = t.optim.SGD([w], 0.1); attempt(lambda: o.add_param_group({"params": [w]})); len(o.param_groups)
w = t.ones(2, requires_grad=True); o = t.optim.SGD([w], 0.1); attempt(lambda: o.load_state_dict({"state": {}, "param_groups": []})); repr(o)
x = t.ones(2, 2); attempt(lambda: x.__setitem__(0, t.ones(3))); attempt(lambda: x.add_(t.ones(3))); attempt(lambda: x.copy_(t.ones(3))); x, x._version
x = t.ones(2, 2).int(); attempt(lambda: x.__setitem__(0, t.inf)); attempt(lambda: x.fill_(2**40)); attempt(lambda: x.add_(0.5)); x, x._version
w = t.ones(2, requires_grad=True); attempt(lambda: setattr(w, "grad", t.ones(3))); attempt(lambda: setattr(w, "grad", 3)); w.grad
w = t.ones(2, requires_grad=True); attempt(lambda: w.add_(1)); attempt(lambda: (w * 2).backward()); w, w.grad, w._version
"""


@table(DEVICES + DATA + OPTIMIZERS + MODULES)
def test_refused(source):
    beside(program(source))


@table(UNCHANGED)
def test_nothing_is_half_changed(source):
    def attempt(action):
        try:
            action()
        except Exception:
            return
        raise AssertionError("this should have failed")

    *statements, expression = source.split("; ")

    def run(t):
        names = {"t": t, "np": np, "attempt": attempt}
        exec("\n".join(statements), names)
        return eval(expression, names)

    beside(run)
