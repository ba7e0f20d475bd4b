"""L-BFGS, a quasi-Newton method. Mirrors torch.optim.LBFGS."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..autograd.grad_mode import enable_grad, no_grad
from ..autograd.onlookers import onlookers
from ..ops.parts import cat
from ..tensor import Tensor
from .optimizer import Optimizer, Params, check_lr, refuse_negative

DECREASE, CURVATURE = 1e-4, 0.9  # c1 and c2 of Wolfe's conditions
LAST = ("d", "t", "old_dirs", "old_stps", "ro", "H_diag", "prev_flat_grad", "prev_loss")  # of the last iteration


class LBFGS(Optimizer):
    """L-BFGS (Liu and Nocedal, 1989): Newton's method, with the inverse Hessian estimated from the last `history_size` steps.

    A `step` is up to `max_iter` iterations, and calls `closure`, which computes the loss and its gradients anew, up to about
    `max_eval` times, default 5/4 max_iter. It stops when the largest gradient is at most `tolerance_grad`, or the change of
    parameters or loss at most `tolerance_change`. `line_search_fn`: None (steps of length lr) or "strong_wolfe" (Nocedal
    and Wright, 2006, algorithm 3.5). There can be only one parameter group.
    """

    def __init__(
        self,
        params: Params,
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_lr(lr)
        refuse_negative({"learning rate": lr})
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Up to `max_iter` iterations. Returns the loss before the first."""
        if len(self.param_groups) != 1:
            raise AssertionError(f"Expected exactly one param_group, but got {len(self.param_groups)}")
        with no_grad():
            for onlooker in onlookers:
                onlooker.updating(self)
            loss = self._iterate(enable_grad()(closure))
            for onlooker in onlookers:
                onlooker.updated(self)
        return loss

    def _iterate(self, closure: Callable[[], Any]) -> Any:
        group = self.param_groups[0]
        lr, max_iter, max_eval = float(group["lr"]), group["max_iter"], group["max_eval"]
        tolerance_grad, tolerance_change = group["tolerance_grad"], group["tolerance_change"]
        state = self.state[group["params"][0]]  # of all parameters together, kept with the first
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first_loss = closure()
        loss, grad = float(first_loss), self._flat_grad()
        evaluations = 1
        state["func_evals"] += 1
        if grad.abs().max() <= tolerance_grad:
            return first_loss
        last = {name: state.get(name) for name in LAST}  # goes back into the state when the step has succeeded
        for iteration in range(1, max_iter + 1):
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                t = min(1.0, 1.0 / grad.abs().sum()) * lr
                direction = grad.neg()
                last.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
            else:
                self._remember(last, grad, group["history_size"])
                t = lr
                direction = self._direction(last, grad, state.setdefault("al", [None] * group["history_size"]))
            last.update(d=direction, t=t, prev_flat_grad=grad, prev_loss=loss)
            slope = grad.dot(direction)
            if slope > -tolerance_change:
                break

            used = 0
            if group["line_search_fn"] is not None:
                if group["line_search_fn"] != "strong_wolfe":
                    raise RuntimeError("only 'strong_wolfe' is supported")
                start = Point(0, loss, grad, slope)
                evaluate = self._along(direction, closure)
                point, used = strong_wolfe(evaluate, t, direction, start, tolerance_change, max_eval - evaluations)
                t, loss, grad, _ = point
                last["t"] = t
                self._move(t, direction)
            else:
                self._move(t, direction)
                if iteration != max_iter:  # what the last step leads to, the next call will see
                    loss, grad = float(closure()), self._flat_grad()
                    used = 1
            evaluations += used
            state["func_evals"] += used
            if (
                iteration == max_iter
                or evaluations >= max_eval
                or grad.abs().max() <= tolerance_grad
                or direction.mul(t).abs().max() <= tolerance_change
                or abs(loss - last["prev_loss"]) < tolerance_change
            ):
                break
        state.update(last)
        return first_loss

    def _remember(self, last: dict[str, Any], grad: Tensor, size: int) -> None:
        """Add the last step, and how it changed the gradient, to the history."""
        y, s = grad.sub(last["prev_flat_grad"]), last["d"].mul(last["t"])
        ys = y.dot(s)
        if ys > 1e-10:
            for name, value in (("old_dirs", y), ("old_stps", s), ("ro", 1.0 / ys)):
                if len(last[name]) == size:
                    last[name].pop(0)
                last[name].append(value)
            last["H_diag"] = ys / y.dot(y)

    def _direction(self, last: dict[str, Any], grad: Tensor, al: list[Any]) -> Tensor:
        """-H g, where H is the inverse Hessian, in two loops over the history."""
        history = list(enumerate(zip(last["old_dirs"], last["old_stps"], last["ro"], strict=True)))
        q = grad.neg()
        for i, (y, s, ro) in reversed(history):
            al[i] = s.dot(q) * ro
            q.add_(y, alpha=-float(al[i]))
        r = q.mul(last["H_diag"])
        for i, (y, s, ro) in history:
            r.add_(s, alpha=float(al[i] - y.dot(r) * ro))
        return r

    def _flat_grad(self) -> Tensor:
        params = self.param_groups[0]["params"]
        return cat([(p.detach().new_zeros(p.numel()) if p.grad is None else p.grad.reshape(-1)) for p in params])

    def _move(self, t: Any, direction: Tensor) -> None:
        """θ ← θ + t direction"""
        start = 0
        for p in self.param_groups[0]["params"]:
            p.add_(direction[start : start + p.numel()].view_as(p), alpha=float(t))
            start += p.numel()

    def _along(self, direction: Tensor, closure: Callable[[], Any]) -> Callable[[Any], Point]:
        """What is found at t along the direction; the parameters stay where they are."""
        params = self.param_groups[0]["params"]
        origin = [p.clone() for p in params]

        def evaluate(t: Any) -> Point:
            self._move(t, direction)
            loss, grad = float(closure()), self._flat_grad()
            for p, value in zip(params, origin, strict=True):
                p.copy_(value)
            return Point(t, loss, grad, grad.dot(direction))

        return evaluate


class Point(NamedTuple):
    """A point of a line search: where, the loss there, its gradient and its slope."""

    t: Any
    loss: float
    grad: Tensor
    slope: Tensor


def strong_wolfe(
    evaluate: Callable[[Any], Point], t: Any, direction: Tensor, start: Point, tolerance: float, max_steps: int
) -> tuple[Point, int]:
    """A point that satisfies the strong Wolfe conditions, if one is found; and how many evaluations that took."""

    def too_high(point: Point) -> bool:
        return point.loss > start.loss + DECREASE * point.t * start.slope

    def flat(point: Point) -> bool:
        return bool(abs(point.slope) <= -CURVATURE * start.slope)

    # go on until such a point lies between the last two
    previous, point, steps = start, evaluate(t), 0
    while steps < max_steps:
        if too_high(point) or (steps > 1 and point.loss >= previous.loss):
            break
        if flat(point):
            return point, steps + 1
        if point.slope >= 0:
            break
        bounds = (point.t + 0.01 * (point.t - previous.t), point.t * 10)
        previous, point = point, evaluate(cubic_minimum(previous, point, bounds))
        steps += 1
    else:
        previous = start
    bracket = [previous, point]

    # narrow the bracket down
    low = 0 if bracket[0].loss <= bracket[1].loss else 1
    size = direction.abs().max()
    stuck = False
    while steps < max_steps and abs(bracket[1].t - bracket[0].t) * size >= tolerance:
        left, right = sorted(p.t for p in bracket)
        t = cubic_minimum(bracket[0], bracket[1], (left, right))
        margin = 0.1 * (right - left)
        at_the_end = min(right - t, t - left) < margin
        if at_the_end and (stuck or t >= right or t <= left):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            at_the_end = False
        stuck = bool(at_the_end)
        point = evaluate(t)
        steps += 1
        if too_high(point) or point.loss >= bracket[low].loss:
            bracket[1 - low] = point
            low = 0 if bracket[0].loss <= bracket[1].loss else 1
        else:
            if not flat(point) and point.slope * (bracket[1 - low].t - bracket[low].t) >= 0:
                bracket[1 - low] = bracket[low]
            bracket[low] = point
            if flat(point):
                break
    return bracket[low], steps + 1


def cubic_minimum(a: Point, b: Point, bounds: tuple[Any, Any]) -> Any:
    """Where the cubic with these values and slopes at two points has its minimum, kept within bounds; else their middle."""
    if a.t > b.t:
        a, b = b, a
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if not square >= 0:
        return (bounds[0] + bounds[1]) / 2.0
    d2 = square.sqrt()
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return min(max(t, bounds[0]), bounds[1])
