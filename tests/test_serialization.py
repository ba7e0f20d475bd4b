"""Files that either library reads of the other, and files that nobody should run."""
from __future__ import annotations

import builtins
import copy
import functools
import io
import operator
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import minigrad

DTYPES = ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
SIDES = [(minigrad, torch), (torch, minigrad), (minigrad, minigrad)]
sides = pytest.mark.parametrize(("writer", "reader"), SIDES, ids=["to torch", "from torch", "alone"])


def through(writer: Any, reader: Any, obj: Any, **options: Any) -> Any:
    buffer = io.BytesIO()
    writer.save(obj, buffer)
    buffer.seek(0)
    return reader.load(buffer, **options)


def plain(x: Any) -> Any:
    """Without tensors, and the same for both libraries."""
    if isinstance(x, (torch.Tensor, minigrad.Tensor)):
        kind = "Parameter" if type(x).__name__ == "Parameter" else "Tensor"
        return kind, str(x.dtype), tuple(x.shape), x.requires_grad, x.is_leaf, x.tolist()
    if isinstance(x, dict):
        return type(x).__name__, [(plain(key), plain(value)) for key, value in x.items()], plain(getattr(x, "_metadata", None))
    if isinstance(x, (list, tuple)):
        return type(x).__name__, [plain(item) for item in x]
    return type(x).__name__, repr(x)


@sides
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0,), (2, 0, 3), (1,)])
def test_every_dtype(writer: Any, reader: Any, dtype: str, shape: tuple) -> None:
    array = np.asarray(np.random.default_rng(0).uniform(-3, 3, shape)).astype(dtype)
    loaded = through(writer, reader, writer.tensor(array))
    assert type(loaded) is reader.Tensor and str(loaded.dtype) == f"torch.{dtype}" and tuple(loaded.shape) == shape
    assert np.asarray(loaded).tobytes() == array.tobytes()


def everything(t: Any) -> Any:
    x = t.arange(6.0).reshape(2, 3)
    return {
        "number": 3, "text": "é\n", "none": None, "float": 1e-300, "nan": float("inf"), "large": 2**100, "negative": -(2**40), "bool": True,
        "complex": 1 + 2j, "bytes": b"\x00\xff", "bytearray": bytearray(b"abc"),
        "list": [1, [2, (3, {"4": x})]], 5: (x[0], x), (1, 2): "tuple key", "empty": [{}, [], (), ""],
        "ordered": OrderedDict([("b", t.ones(2)), ("a", 1)]), "counter": Counter("aab"),
        "parameter": t.nn.Parameter(t.ones(2, 2)), "frozen": t.nn.Parameter(t.ones(1), requires_grad=False),
        "leaf": t.ones(3, requires_grad=True), "result": t.ones(2, requires_grad=True) * 2,
        "transposed": x.t(), "column": x[:, 1], "expanded": t.ones(1).expand(4), "strided": t.arange(10)[1::3],
        "size": x.shape, "dtypes": [t.float32, t.int64, t.bool], "device": t.device("cpu"),
    }  # fmt: skip


@sides
def test_containers(writer: Any, reader: Any) -> None:
    obj = everything(writer)
    obj["result"] = obj["result"].detach().requires_grad_()  # what it becomes: a leaf
    loaded = through(writer, reader, obj)
    assert plain(loaded) == plain(obj)
    assert through(writer, reader, {1, 2, 3}) == {1, 2, 3}
    assert loaded["size"].__class__ is reader.Size and loaded["device"] == reader.device("cpu")


@sides
def test_a_result_becomes_a_leaf(writer: Any, reader: Any) -> None:
    loaded = through(writer, reader, writer.ones(2, requires_grad=True) * 2)
    assert loaded.is_leaf and loaded.requires_grad


@sides
def test_shared_memory_stays_shared(writer: Any, reader: Any) -> None:
    x = writer.arange(12.0).reshape(3, 4)
    same = x.clone()
    obj = [x, x[1], x.t(), x[:, 2:], x.view(-1)[5:], same, same, x]
    loaded = through(writer, reader, obj)
    assert loaded[5] is loaded[6] and loaded[0] is loaded[7]
    assert [t.stride() for t in loaded] == [t.stride() for t in obj]
    with reader.no_grad():
        loaded[0][1, 3] = 99.0
    assert loaded[1][3] == 99 and loaded[2][3, 1] == 99 and loaded[3][1, 1] == 99 and loaded[4][2] == 99 and loaded[5][1, 3] == 7
    assert loaded[1]._version == loaded[0]._version if reader is minigrad else True


def test_only_the_memory_that_shows_is_written() -> None:
    big = minigrad.zeros(100_000)
    buffer = io.BytesIO()
    minigrad.save([big[5:10], big[8:20], big[50:60]], buffer)
    assert len(buffer.getvalue()) < 4000
    a, b, c = minigrad.load(io.BytesIO(buffer.getvalue()))
    a[4] = 1
    assert b.tolist()[:3] == [0, 1, 0] and c.sum() == 0


@pytest.mark.parametrize("how", ["flipped", "foreign", "fortran", "bytes"])
def test_any_array_can_be_saved(how: str) -> None:
    base = np.arange(24, dtype="f4").reshape(4, 6)
    array = {
        "flipped": base[::-1, ::-2],
        "foreign": np.frombuffer(bytearray(base.tobytes()), "f4").reshape(4, 6)[1:, ::2],
        "fortran": np.asfortranarray(base)[1:3],
        "bytes": np.frombuffer(bytearray(b"xx" + base.tobytes())[2:], "f4"),
    }[how]
    t = minigrad.autograd.wrap(array)
    for reader in (minigrad, torch):
        first, second = through(minigrad, reader, [t, t])
        assert first is second and np.array_equal(np.asarray(first), array)


def network(t: Any) -> Any:
    t.manual_seed(3)
    return t.nn.Sequential(t.nn.Linear(3, 5), t.nn.ReLU(), t.nn.Linear(5, 2))


@sides
def test_training_goes_on_from_a_checkpoint(writer: Any, reader: Any, tmp_path: Path) -> None:
    def train(t: Any, net: Any, optimizer: Any, steps: int) -> list[float]:
        x = t.arange(12.0).reshape(4, 3) / 12
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    net = network(writer)
    optimizer = writer.optim.Adam(net.parameters(), lr=0.1, amsgrad=True)
    train(writer, net, optimizer, 5)
    path = tmp_path / "check point.pt"
    writer.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 5}, path)
    losses = train(writer, net, optimizer, 5)

    found = reader.load(path, map_location="cpu")
    other = reader.nn.Sequential(reader.nn.Linear(3, 5), reader.nn.ReLU(), reader.nn.Linear(5, 2))
    assert type(found["net"]).__name__ == "OrderedDict" and found["net"]._metadata[""] == {"version": 1}
    other.load_state_dict(found["net"])
    again = reader.optim.Adam(other.parameters(), lr=7)
    again.load_state_dict(found["optimizer"])
    assert found["epoch"] == 5
    np.testing.assert_allclose(train(reader, other, again, 5), losses, rtol=1e-5)


def test_torch_reads_it_every_way(tmp_path: Path) -> None:
    path = tmp_path / "x.pt"
    x = minigrad.arange(100.0).reshape(10, 10)
    minigrad.save({"x": x, "y": [x[3], minigrad.ones(3, dtype=minigrad.int16)]}, path)
    for options in ({}, {"mmap": True}, {"weights_only": False}, {"map_location": "cpu"}, {"mmap": True, "weights_only": False}):
        found = torch.load(path, **options)
        assert found["x"].tolist() == x.tolist() and found["y"][0].tolist() == x[3].tolist()
        assert found["y"][0].untyped_storage().data_ptr() == found["x"].untyped_storage().data_ptr()
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and archive.namelist()[0] == "x/data.pkl"
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    raw = path.read_bytes()
    assert raw.index(x.array.tobytes()) % 64 == 0


# ---- files that are not what they seem


class Evil:
    def __init__(self, *call: Any) -> None:
        self.call = call

    def __reduce__(self) -> Any:
        return self.call[0], self.call[1:]


def archive_of(program: bytes, storages: dict[str, bytes] | None = None, compress: int = zipfile.ZIP_STORED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compress) as archive:
        archive.writestr("archive/data.pkl", program)
        for key, content in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", content)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/version", "3\n")
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_is_executed(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "mark"
    bombs = [
        Evil(os.system, f"touch {mark}"), Evil(eval, f"open({str(mark)!r}, 'w')"), Evil(exec, f"open({str(mark)!r}, 'w')"),
        Evil(open, str(mark), "w"), Evil(getattr, builtins, "open") if protocol else Evil(__import__, "os"), Evil(os.mkdir, str(mark)),
        Evil(functools.partial, open, str(mark), "w"), Evil(operator.methodcaller, "touch"), Evil(np.save, str(mark), np.ones(2)),
        Evil(minigrad.save, 1, str(mark)), Evil(Path.touch, mark), Evil(pickle.loads, b"N."), Evil(map, print, [1]), np.float64(1),
        Evil(__import__, "antigravity"),
    ]  # fmt: skip
    for bomb in bombs:
        for obj in (bomb, {"state": [1, bomb]}, OrderedDict(a=bomb)):
            try:
                program = pickle.dumps(obj, protocol)
            except TypeError:  # a module cannot be pickled
                continue
            with pytest.raises(pickle.UnpicklingError, match="Weights only load failed.*") as error:
                minigrad.load(archive_of(program))
            assert "GLOBAL" in str(error.value)
            assert not mark.exists()


def test_words_of_the_refusals() -> None:
    for library in (minigrad, torch):
        with pytest.raises(pickle.UnpicklingError, match=r"unsupported GLOBAL posix.system whose module posix is blocked"):
            library.load(archive_of(pickle.dumps(Evil(os.system, "true"), 2)))
        with pytest.raises(pickle.UnpicklingError, match=r"Unsupported global: GLOBAL collections.defaultdict was not an allowed global by"):
            library.load(archive_of(pickle.dumps(defaultdict(list), 2)))
        assert library.load(archive_of(pickle.dumps(defaultdict(list), 2)), weights_only=False) == {}
        with library.serialization.safe_globals([defaultdict]):
            assert defaultdict in library.serialization.get_safe_globals()
            assert library.load(archive_of(pickle.dumps(defaultdict(None), 2))) == {}
        assert defaultdict not in library.serialization.get_safe_globals()
    minigrad.serialization.add_safe_globals([(defaultdict, "some.name"), minigrad.nn.Linear])
    assert minigrad.serialization.get_safe_globals() == [defaultdict, minigrad.nn.Linear]
    minigrad.serialization.clear_safe_globals()
    assert minigrad.serialization.get_safe_globals() == []


def tensor_program(offset: int, size: tuple, stride: tuple, numel: int = 4, kind: str = "FloatStorage") -> bytes:
    """A pickle as torch.save writes it, with numbers of one's choice."""

    def number(n: int) -> bytes:
        return b"J" + struct.pack("<i", n)

    def numbers(ns: tuple) -> bytes:
        return b"(" + b"".join(map(number, ns)) + b"t"

    storage = b"(X\x07\0\0\0storagectorch\n" + kind.encode() + b"\nX\x01\0\0\x000X\x03\0\0\0cpu" + number(numel) + b"tQ"
    return (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(offset) + numbers(size) + numbers(stride)
            + b"\x89ccollections\nOrderedDict\n)RtR.")  # fmt: skip


def test_tensors_that_reach_beyond_their_memory_are_refused() -> None:
    memory = {"0": np.arange(4, dtype="f4").tobytes()}
    assert minigrad.load(archive_of(tensor_program(1, (3,), (1,)), memory)).tolist() == [1, 2, 3]
    assert torch.load(archive_of(tensor_program(1, (3,), (1,)), memory)).tolist() == [1, 2, 3]
    for offset, size, stride in [
        (0, (5,), (1,)), (2, (3,), (1,)), (0, (2,), (4,)), (100, (1,), (1,)), (-1, (2,), (1,)), (3, (2,), (-1,)), (0, (-2,), (1,)),
        (0, (2, 2), (1,)), (0, (2**30, 2**30), (2**30, 2**30)), (0, (2,), (2**30,)), (0, (0, -1), (1, 1)),
    ]:  # fmt: skip
        with pytest.raises(RuntimeError):
            minigrad.load(archive_of(tensor_program(offset, size, stride), memory))
    for numel in (3, 5, -1, 2**30):
        with pytest.raises(RuntimeError, match="storage 0 has 16 bytes"):
            minigrad.load(archive_of(tensor_program(0, (1,), (1,), numel), memory))
    with pytest.raises(RuntimeError, match="failed locating file data/0"):
        minigrad.load(archive_of(tensor_program(0, (1,), (1,))))
    with pytest.raises(pickle.UnpicklingError, match="BFloat16Storage"):
        minigrad.load(archive_of(tensor_program(0, (1,), (1,), kind="BFloat16Storage"), memory))
    with pytest.raises(RuntimeError, match="compressed"):
        minigrad.load(archive_of(tensor_program(0, (1,), (1,)), memory, zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("writer", [minigrad, torch])
def test_a_truncated_file(writer: Any, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    writer.save({"a": writer.arange(1000.0), "b": writer.ones(3)}, buffer)
    whole = buffer.getvalue()
    path = tmp_path / "part.pt"
    for n in [*range(4, 100, 7), *range(100, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:n])
        for source in (path, io.BytesIO(whole[:n])):
            with pytest.raises(RuntimeError, match="PytorchStreamReader failed reading zip archive.*truncated or damaged"):
                minigrad.load(source)
    for n in (1, 2, 3):
        with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
            minigrad.load(io.BytesIO(whole[:n]))
    with pytest.raises(EOFError):
        minigrad.load(io.BytesIO())


def test_a_damaged_file() -> None:
    buffer = io.BytesIO()
    minigrad.save(minigrad.arange(1000.0), buffer)
    whole = bytearray(buffer.getvalue())
    whole[2000] ^= 1
    with pytest.raises(RuntimeError, match="Bad CRC"):
        minigrad.load(io.BytesIO(bytes(whole)))
    for garbage in (b"hello world" * 20, pickle.dumps({"a": 1}), b"\x00" * 50):
        with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
            minigrad.load(io.BytesIO(garbage))


# ---- files and places


def test_an_interrupted_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.pt"
    minigrad.save(minigrad.ones(3), path)
    os.chmod(path, 0o640)
    old = path.read_bytes()
    for obj in ([minigrad.ones(5), lambda: 1], [minigrad.ones(5), Evil(1)]):
        with pytest.raises((AttributeError, pickle.PicklingError)):
            minigrad.save(obj, path)
    with monkeypatch.context() as m:

        def full(*args: Any) -> None:
            raise OSError("no space left on device")

        m.setattr(zipfile.ZipFile, "close", full)
        with pytest.raises(OSError, match="no space"):
            minigrad.save(minigrad.ones(1000), path)
    with monkeypatch.context() as m:

        def stop(*args: Any) -> None:
            raise KeyboardInterrupt

        m.setattr(os, "fsync", stop)
        with pytest.raises(KeyboardInterrupt):
            minigrad.save(minigrad.ones(1000), path)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ["net.pt"]
    link = tmp_path / "link.pt"
    link.symlink_to(path)
    minigrad.save(minigrad.ones(4), link)
    assert link.is_symlink() and minigrad.load(path).numel() == 4 and path.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir(tmp_path)) == ["link.pt", "net.pt"]


def test_a_failed_save_writes_nothing_to_a_buffer() -> None:
    buffer = io.BytesIO()
    with pytest.raises((AttributeError, pickle.PicklingError)):
        minigrad.save([minigrad.ones(5), lambda: 1], buffer)
    assert buffer.getvalue() == b""


def test_errors_of_the_arguments(tmp_path: Path) -> None:
    saved = io.BytesIO()
    torch.save(torch.ones(2), saved)
    on_a_gpu = archive_of(tensor_program(0, (1,), (1,)).replace(b"\x03\0\0\0cpu", b"\x06\0\0\0cuda:0"), {"0": bytes(16)}).getvalue()
    acts: list[Any] = [
        lambda t: t.save(1, None), lambda t: t.save(1, 3), lambda t: t.load(None), lambda t: t.load(3),
        lambda t: t.save(1, tmp_path / "no" / "x.pt"), lambda t: t.load(tmp_path / "none.pt"),
        *[lambda t, place=place: t.load(io.BytesIO(saved.getvalue()), map_location=place) for place in (
            "cuda", "banana", "cuda:1", {"cpu": "cuda"})],
        lambda t: t.load(io.BytesIO(on_a_gpu)),
    ]  # fmt: skip
    for act in acts:
        said = []
        for t in (minigrad, torch):
            with pytest.raises(Exception) as error:
                act(t)
            said.append((type(error.value), str(error.value)))
        assert said[0] == said[1]
    for t in (minigrad, torch):
        for place in ("cpu", t.device("cpu"), {"cuda:0": "cpu"}, lambda storage, location: storage, None, lambda storage, location: None):
            assert t.load(io.BytesIO(saved.getvalue()), map_location=place).tolist() == [1, 1]
            if place is not None and place("", "") is not None if callable(place) else place:
                assert t.load(io.BytesIO(on_a_gpu), map_location=place).tolist() == [0]


@sides
def test_open_files(writer: Any, reader: Any, tmp_path: Path) -> None:
    for path in (tmp_path / "a.pt", str(tmp_path / "b.pt")):
        with open(path, "wb") as file:
            writer.save([1, writer.ones(2)], file)
        with open(path, "rb") as file:
            assert reader.load(file)[1].tolist() == [1, 1]


# ---- pickle and copy


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x)), lambda x: through(minigrad, minigrad, x,
                                                                                                            weights_only=False)])
def test_modules(copied: Any) -> None:
    net = network(minigrad)
    other = copied(net)
    assert repr(other) == repr(net) and plain(other.state_dict()) == plain(net.state_dict())
    assert type(other[0].weight) is minigrad.nn.Parameter and other[0].weight.requires_grad
    with minigrad.no_grad():
        other[0].weight.zero_()
    assert net[0].weight.abs().sum() > 0
    x = minigrad.ones(2, 3)
    assert np.array_equal(other(x).detach().numpy()[0], other(x).detach().numpy()[1])


def test_a_module_is_refused_by_default() -> None:
    for t in (minigrad, torch):
        with pytest.raises(pickle.UnpicklingError, match=r"Unsupported global: GLOBAL \w+.nn.modules.linear.Linear was not an allowed"):
            through(t, t, t.nn.Linear(2, 3))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_tensors(copied: Any) -> None:
    x = minigrad.ones(2, 3, requires_grad=True)
    y = copied([x, x])
    assert y[0] is y[1] and y[0].requires_grad and y[0].tolist() == x.tolist() and y[0] is not x


def test_importing_minigrad_stays_cheap() -> None:
    code = "import numpy, sys; before = set(sys.modules); import minigrad; print({'zipfile', 'tempfile'} & (set(sys.modules) - before))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
