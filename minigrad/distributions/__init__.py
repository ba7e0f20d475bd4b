"""Probability distributions. Mirrors torch.distributions."""
from . import constraints
from .categorical import Categorical
from .distribution import Distribution
from .kl import kl_divergence, register_kl

__all__ = ["Categorical", "Distribution", "constraints", "kl_divergence", "register_kl"]
