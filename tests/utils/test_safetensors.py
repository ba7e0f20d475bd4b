"""safetensors files go from one library to the other, and what they cannot hold is refused."""

from __future__ import annotations

import pytest
import safetensors
import safetensors.torch as theirs
import torch

import minigrad
from minigrad.run import as_torch
from minigrad.utils import safetensors as ours


def contents(lib):
    lib.manual_seed(0)
    return {"w": lib.randn(3, 4), "n": lib.arange(5), "scalar": lib.tensor(2.5, dtype=lib.float64), "mask": lib.tensor([True, False])}


def described(path):
    with safetensors.safe_open(path, "numpy") as file:
        return file.metadata()


def test_both_ways(tmp_path):
    ours.save_file(contents(minigrad), tmp_path / "ours.safetensors", {"made": "by us"})
    theirs.save_file(contents(torch), tmp_path / "theirs.safetensors", {"made": "by us"})
    for name, tensor in theirs.load_file(tmp_path / "ours.safetensors").items():
        assert torch.equal(tensor, contents(torch)[name])
    for name, tensor in ours.load_file(tmp_path / "theirs.safetensors").items():
        assert minigrad.equal(tensor, contents(minigrad)[name]) and str(tensor.dtype) == str(contents(torch)[name].dtype)
    assert described(tmp_path / "ours.safetensors") == described(tmp_path / "theirs.safetensors") == {"made": "by us"}


def test_bytes():
    assert ours.save(contents(minigrad), {"made": "by us"}) == theirs.save(contents(torch), {"made": "by us"})
    for name, tensor in ours.load(theirs.save(contents(torch))).items():
        assert minigrad.equal(tensor, contents(minigrad)[name])
        tensor.zero_()
        assert not tensor.any()


@pytest.mark.parametrize("make", [
    lambda lib: {"a": lib.zeros(0), "b": lib.zeros(0, 3)},
    lambda lib: {"a": (x := lib.ones(4))[:0], "b": x[:0]},
    lambda lib: {"a": (x := lib.ones(4, 3)), "b": x[1:, :0]},
    lambda lib: {"a": (x := lib.ones(4))[2:], "b": x[:2]},
    lambda lib: {"a": lib.nn.Parameter(lib.ones(2))},
], ids=["empty", "empty views", "an empty view of another", "halves", "a parameter"])  # fmt: skip
def test_saved(make):
    assert ours.save(make(minigrad)) == theirs.save(make(torch))


def test_an_interrupted_save_leaves_the_old_file(tmp_path, monkeypatch):
    def interrupted(arrays, path, metadata):
        with open(path, "w") as file:
            file.write("half of ")
        raise KeyboardInterrupt

    path = tmp_path / "x.safetensors"
    ours.save_file(contents(minigrad), path)
    before = path.read_bytes()
    monkeypatch.setattr(ours.files, "save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ours.save_file({"w": minigrad.ones(2)}, path)
    assert [file.name for file in tmp_path.iterdir()] == ["x.safetensors"] and path.read_bytes() == before


@pytest.mark.parametrize("make", [
    lambda lib: {"w": lib.ones(2, 3).t()},
    lambda lib: {"a": (x := lib.ones(4)), "b": x},
    lambda lib: {"a": (x := lib.ones(4))[:3], "b": x[1:]},
    lambda lib: {"a": (x := lib.ones(9))[:2], "b": x[4:7], "c": x[5:]},
    lambda lib: {"a": (x := lib.ones(4)), "b": x.view(2, 2)},
    lambda lib: {"a": 3},
    lambda lib: [lib.ones(2)],
], ids=["not contiguous", "shared", "overlapping", "overlapping behind another", "two shapes", "a number", "a list"])  # fmt: skip
def test_refused(make, tmp_path):
    said = []
    for lib, files in ((torch, theirs), (minigrad, ours)):
        with pytest.raises((ValueError, RuntimeError)) as error:
            files.save_file(make(lib), tmp_path / "x.safetensors")
        said.append((error.type, str(error.value).strip()[:40]))
    assert said[0] == said[1]
    assert not list(tmp_path.iterdir())


def test_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    ours.save_file(contents(minigrad), path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(safetensors.SafetensorError):
        ours.load_file(path)
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        ours.load_file(path, device="cuda")


def test_under_torchs_name(tmp_path):
    with as_torch():
        from safetensors.torch import load_file, save_file

        assert save_file is ours.save_file
        save_file(contents(minigrad), tmp_path / "x.safetensors")
        assert load_file(tmp_path / "x.safetensors")["n"].tolist() == [0, 1, 2, 3, 4]
    assert theirs.save_file is not ours.save_file
