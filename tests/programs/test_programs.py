"""Programs as students find them, run unmodified with PyTorch and with minigrad: the same losses at each backward call.

They are in scripts/, one for each kind, written here after the ways such programs are usually written.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
import torch

import minigrad
from minigrad.run import as_torch, execute, main_module

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))
FROM_PYTORCH = 1e-3  # relative; rounding grows from step to step, the most where a policy's samples become its data


@contextmanager
def losses_of(library):
    """Collects what `backward` is called on."""
    real, seen = library.Tensor.backward, []

    def backward(self, *args, **kwargs):
        seen.append(self.detach().sum().item())
        return real(self, *args, **kwargs)

    library.Tensor.backward = backward
    try:
        yield seen
    finally:
        library.Tensor.backward = real


def run(library, script):
    with as_torch() if library is minigrad else nullcontext(), main_module(script, []) as main, losses_of(library) as losses:
        execute(main.__file__, main.__dict__)
        assert (sys.modules["torch"] is minigrad) == (library is minigrad)
    return losses


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_program(script, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(torch.backends.flags_frozen.__globals__, "__allow_nonbracketed_mutation_flag", True)  # PyTorch's test helpers forbid it
    expected, said = run(torch, script), capsys.readouterr().out
    found, says = run(minigrad, script), capsys.readouterr().out
    assert len(found) == len(expected) >= 6
    np.testing.assert_allclose(found, expected, rtol=FROM_PYTORCH, atol=1e-6)
    assert len(says.splitlines()) == len(said.splitlines())
