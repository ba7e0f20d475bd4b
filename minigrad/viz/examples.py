"""Small programs to step through, each with one thing to see: `minigrad step --example diamond`, or

    viz.trace(viz.examples.diamond)

Write `torch` for `minigrad` in the imports below, and they are PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import minigrad as torch
from minigrad import nn, optim
from minigrad.nn import functional as F


def diamond() -> torch.Tensor:
    """A value that is used twice receives two gradients: they are added, and only then does it pass them on."""
    x = torch.tensor(3.0, requires_grad=True)
    a = 2 * x
    b = a * a
    c = a + 1
    loss = b * c
    return loss


def broadcast_bias() -> torch.Tensor:
    """What broadcasting copied forward is summed on the way back: a bias's gradient is the sum over the batch."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    w = torch.tensor([[0.5, -1.0], [1.0, 0.5]], requires_grad=True)
    b = torch.tensor([0.1, -0.2], requires_grad=True)
    out = x @ w + b
    loss = (out**2).mean()
    return loss


def reused_weight() -> torch.Tensor:
    """A weight that is used at every time step gets a contribution from each, the last step's first."""
    w = torch.tensor(0.5, requires_grad=True)
    h = torch.tensor(1.0)
    for x in (1.0, -2.0, 3.0):
        h = torch.tanh(w * h + x)
    loss = (h - 0.5) ** 2
    return loss


def without_zero_grad() -> None:
    """Nobody calls zero_grad, so the second backward adds to what the first one left in w.grad: the second step goes too far."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    for _ in range(2):
        loss = (w**2).sum()
        loss.backward()
        optimizer.step()


def with_zero_grad() -> None:
    """zero_grad forgets the gradients of the step before, so every backward starts from nothing: compare without_zero_grad."""
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    for _ in range(2):
        loss = (w**2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def td_target() -> torch.Tensor:
    """The target of temporal-difference learning is detached: the value of the next state is a number to reach, and gets no gradient."""
    torch.manual_seed(0)
    q = nn.Linear(2, 2)
    state, next_state = torch.tensor([1.0, 0.5]), torch.tensor([-0.5, 1.0])
    reward, gamma = 1.0, 0.9
    value = q(state)[0]
    best = q(next_state).max()
    target = reward + gamma * best.detach()
    loss = (value - target) ** 2
    return loss


class Dueling(nn.Module):
    """Q(s, a) = V(s) + A(s, a) - mean of A(s, .). Wang et al., "Dueling network architectures", 2016."""

    def __init__(self) -> None:
        super().__init__()
        self.value = nn.Linear(2, 1)
        self.advantage = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        v = self.value(x)
        a = self.advantage(x)
        return v + a - a.mean(dim=1, keepdim=True)


def dueling_head() -> torch.Tensor:
    """V gets the sum of all actions' gradients, and the advantages get what is left of them when their mean is taken away."""
    torch.manual_seed(0)
    net = Dueling()
    state, action = torch.tensor([[1.0, -1.0]]), torch.tensor([[2]])
    q = net(state)
    chosen = q.gather(1, action)
    loss = F.mse_loss(chosen, torch.tensor([[1.0]]))
    return loss


def cross_entropy() -> torch.Tensor:
    """Softmax and cross-entropy together have the simplest of gradients: what was predicted minus what is true."""
    logits = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]], requires_grad=True)
    label = torch.tensor([0, 2])
    loss = F.cross_entropy(logits, label)
    return loss


def gradient_clipping() -> None:
    """Backward leaves a gradient of length 50; clipped to length 1 it keeps its direction, and the step stays small."""
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    loss = 5 * (w**2).sum()
    loss.backward()
    nn.utils.clip_grad_norm_([w], max_norm=1.0)
    optimizer.step()


def dead_relu() -> torch.Tensor:
    """Where ReLU's input is negative its slope is 0: nothing goes back, and the weights of that unit will never move again."""
    x = torch.tensor([[1.0, 2.0], [2.0, 1.0]])
    w = torch.tensor([[0.5, -1.0], [0.5, -1.0]], requires_grad=True)
    b = torch.tensor([0.0, -1.0], requires_grad=True)
    h = torch.relu(x @ w + b)
    loss = ((h.sum(dim=1) - 1) ** 2).mean()
    return loss


def vanishing_gradients() -> torch.Tensor:
    """Every tanh multiplies the gradient by a slope below 1: layer by layer it fades, and the first layer hardly learns."""
    torch.manual_seed(0)
    net = nn.Sequential()
    for _ in range(8):
        net.extend([nn.Linear(2, 2), nn.Tanh()])
    x = torch.tensor([[1.0, -1.0]])
    loss = net(x).sum()
    return loss


EXAMPLES: dict[str, Callable[[], Any]] = {
    function.__name__: function
    for function in (
        diamond, broadcast_bias, reused_weight, without_zero_grad, with_zero_grad, td_target, dueling_head, cross_entropy,
        gradient_clipping, dead_relu, vanishing_gradients,
    )
}  # fmt: skip


def names() -> list[str]:
    """The examples by name, in the order in which to look at them."""
    return list(EXAMPLES)


def lesson(name: str) -> str:
    """What there is to see in an example, in a sentence."""
    return EXAMPLES[name].__doc__ or ""
