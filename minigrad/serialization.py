"""Saving to and loading from PyTorch's own file format. Mirrors torch.serialization.

A file is an uncompressed zip archive. `data.pkl` is a pickle of the object in which a tensor names its storage: the memory it shows,
kept under `data/`, once for all tensors that share it. The names in the pickle are PyTorch's, so that either library reads the other's
files. A pickle is a program; `load` runs only those that call nothing but what `SAFE` lists.
"""
from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import numpy as np

from . import dtypes
from .autograd import wrap
from .nn.parameter import Parameter
from .ops.devices import device as Device
from .ops.shape import Size
from .tensor import Tensor

ALIGNMENT = 64  # of the storages in the file, for those who map it into memory
STORAGES = {f"{d.scalar_name}Storage": d.numpy for d in dtypes.ALL.values()}  # FloatStorage: how a file says what a storage holds
Place = tuple[int, np.dtype]


# ---- saving


def save(
    obj: Any,
    f: Any,
    pickle_module: Any = pickle,
    pickle_protocol: int = 2,
    _use_new_zipfile_serialization: bool = True,
) -> None:
    """Save an object to a path, or to a file-like object. Mirrors torch.save.

    A path holds the old file until the new one is complete. Tensors that share memory do so after loading.
    """
    if not isinstance(f, (str, os.PathLike)) and not hasattr(f, "write"):
        raise AttributeError("expected 'f' to be string, path, or a file-like object with a 'write' attribute")
    if pickle_module is not pickle or not _use_new_zipfile_serialization:
        raise NotImplementedError("minigrad writes with Python's pickle module, and PyTorch's present format only; leave these out")
    if not isinstance(f, (str, os.PathLike)):
        buffer = io.BytesIO()
        write_archive(buffer, "archive", *pickled(obj, pickle_protocol))
        f.write(buffer.getvalue())
        return
    path = os.path.realpath(os.fspath(f))
    if not os.path.isdir(os.path.dirname(path)):
        raise RuntimeError(f"Parent directory {os.path.dirname(os.fspath(f))} does not exist.")
    content = pickled(obj, pickle_protocol)
    name = os.path.splitext(os.path.basename(path))[0]
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe, for example
        with open(path, "wb") as file:
            write_archive(file, name, *content)
        return
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "wb") as file:
            write_archive(file, name, *content)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            os.chmod(beside, os.stat(path).st_mode)
        os.replace(beside, path)
    finally:
        if os.path.exists(beside):
            os.remove(beside)


class Global:
    """A function or class of PyTorch's, by name, in a pickle that is being written."""

    def __init__(self, module: str, name: str) -> None:
        self.line = f"c{module}\n{name}\n".encode()

    def __call__(self) -> None:
        """To be called by whoever loads the file."""


REBUILD_TENSOR = Global("torch._utils", "_rebuild_tensor_v2")
REBUILD_PARAMETER = Global("torch._utils", "_rebuild_parameter")
DEVICE, SIZE = Global("torch", "device"), Global("torch", "Size")
DTYPES = {d: Global("torch", d.name) for d in dtypes.ALL.values()}
STORAGE_TYPES = {numpy: Global("torch", name) for name, numpy in STORAGES.items()}


class Memory:
    """A stretch of memory that the tensors of one file show."""

    def __init__(self, start: int, stop: int, dtype: np.dtype, owner: np.ndarray) -> None:
        self.start, self.stop, self.dtype, self.owner, self.key = start, stop, dtype, owner, ""

    def content(self) -> bytes:
        offset = self.start - self.owner.__array_interface__["data"][0]
        whole = self.owner.ravel(order="K").view(np.uint8) if self.owner.size else self.owner.reshape(-1).view(np.uint8)
        return whole[offset : offset + self.stop - self.start].tobytes()


PythonPickler: Any = vars(pickle)["_Pickler"]  # with the one in C, what a global is called cannot be chosen


class Pickler(PythonPickler):
    """Writes PyTorch's names for tensors, dtypes, sizes and devices.

    It runs twice: first to see which memory the tensors show, then, with the `memories` found, to write.
    """

    def __init__(self, file: Any, protocol: int, memories: dict[Place, list[Memory]] | None = None) -> None:
        super().__init__(file, protocol)
        self.seen: dict[Place, list[np.ndarray]] = {}
        self.memories = memories
        self.stored: list[Memory] = []

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, Tensor):
            return self.reduce_tensor(obj)
        if isinstance(obj, (Global, dtypes.dtype)):
            return "a global"  # which save_global writes
        if isinstance(obj, Size):
            return SIZE, (tuple(obj),)
        return (DEVICE, (str(obj),)) if isinstance(obj, Device) else NotImplemented

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if isinstance(obj, dtypes.dtype):
            obj = DTYPES[obj]
        if not isinstance(obj, Global):
            super().save_global(obj, name)
        elif self.memo.get(id(obj)) is not None:
            self.write(self.get(self.memo[id(obj)][0]))
        else:
            self.write(obj.line)
            self.memoize(obj)

    def persistent_id(self, obj: Any) -> Any:
        if not isinstance(obj, Memory):
            return None
        if not obj.key:
            obj.key = str(len(self.stored))
            self.stored.append(obj)
        return "storage", STORAGE_TYPES[obj.dtype], obj.key, "cpu", (obj.stop - obj.start) // obj.dtype.itemsize

    def reduce_tensor(self, t: Tensor) -> tuple[Any, ...]:
        if isinstance(t, Parameter):
            return REBUILD_PARAMETER, (t.detach(), t.requires_grad, OrderedDict())
        array, owner = t.array, memory_of(t.array)
        if owner is None:  # laid out as the format cannot say
            array = owner = np.array(array, order="C")
        start, stop = bounds(array)
        place = id(owner), array.dtype
        if self.memories is None:
            self.seen.setdefault(place, []).append(array)
            return tuple, ()
        found = [m for m in self.memories.get(place, []) if m.start <= start and stop <= m.stop and array.size]
        memory = found[0] if found else Memory(start, stop, array.dtype, owner)
        offset = (start - memory.start) // array.itemsize
        strides = t.stride() if array is t.array else tuple(s // array.itemsize for s in array.strides)
        return REBUILD_TENSOR, (memory, offset, tuple(array.shape), tuple(strides), t.requires_grad, OrderedDict())


def memory_of(array: np.ndarray) -> np.ndarray | None:
    """The array that owns the memory, if it is one piece, and this one goes through it by whole steps forward."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if not (owner.flags.c_contiguous or owner.flags.f_contiguous):
        return None
    steady = all(s >= 0 and s % array.itemsize == 0 for s in array.strides)
    offset = array.__array_interface__["data"][0] - owner.__array_interface__["data"][0]
    return owner if steady and offset % array.itemsize == 0 and array.dtype.isnative else None


def bounds(array: np.ndarray) -> tuple[int, int]:
    """The first address of an array that goes forward, and that after the last."""
    start = array.__array_interface__["data"][0]
    if not array.size:
        return start, start
    return start, start + sum((n - 1) * s for n, s in zip(array.shape, array.strides)) + array.itemsize


def pickled(obj: Any, protocol: int) -> tuple[bytes, list[Memory]]:
    """The pickle, and the memory that it refers to."""
    look = Pickler(io.BytesIO(), protocol)
    look.dump(obj)
    memories: dict[Place, list[Memory]] = {}
    for place, arrays in look.seen.items():  # those that overlap are one
        merged: list[Memory] = []
        for start, stop in sorted(bounds(array) for array in arrays):
            if merged and start < merged[-1].stop:
                merged[-1].stop = max(stop, merged[-1].stop)
            else:
                owner = memory_of(arrays[0])
                merged.append(Memory(start, stop, place[1], arrays[0] if owner is None else owner))
        memories[place] = merged
    buffer = io.BytesIO()
    writer = Pickler(buffer, protocol, memories)
    writer.dump(obj)
    return buffer.getvalue(), writer.stored


def write_archive(file: Any, name: str, program: bytes, memories: list[Memory]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:

        def add(entry: str, content: bytes) -> None:
            info = zipfile.ZipInfo(f"{name}/{entry}")
            begins = archive.fp.tell() + 30 + len(info.filename.encode()) + 4  # type: ignore[union-attr]
            padding = -begins % ALIGNMENT
            info.extra = b"FB" + padding.to_bytes(2, "little") + b"Z" * padding
            archive.writestr(info, content)

        add("data.pkl", program)
        add(".format_version", b"1")
        add(".storage_alignment", str(ALIGNMENT).encode())
        add("byteorder", b"little" if np.little_endian else b"big")
        for memory in memories:
            add(f"data/{memory.key}", memory.content())
        add("version", b"3\n")


# ---- loading


def load(
    f: Any,
    map_location: Any = None,
    pickle_module: Any = None,
    *,
    weights_only: bool | None = None,
    mmap: bool | None = None,
    **pickle_load_args: Any,
) -> Any:
    """What `save` or torch.save put into a file: a path, or a file-like object that can be read and sought. Mirrors torch.load.

    Unless `weights_only` is False, a file that asks for more than tensors, numbers, text and plain containers is refused, with
    pickle.UnpicklingError, and nothing of it is executed. RuntimeError if the file is damaged, or for a device that is not there.
    """
    if pickle_module not in (None, pickle):
        raise NotImplementedError("minigrad reads with Python's pickle module; leave pickle_module out")
    if isinstance(f, (str, os.PathLike)):
        with open(f, "rb") as file:
            return read_archive(file, map_location, weights_only is not False, pickle_load_args)
    for method in ("seek", "tell", "read"):
        if not hasattr(f, method):
            raise AttributeError(
                f"'{type(f).__name__}' object has no attribute '{method}'. You can only torch.load from a file that is seekable. Please "
                "pre-load the data into a buffer like io.BytesIO and try to load from it instead."
            )
    return read_archive(io.BytesIO(f.read()), map_location, weights_only is not False, pickle_load_args)


def read_archive(file: Any, map_location: Any, restricted: bool, options: dict[str, Any]) -> Any:
    magic = file.read(4)
    file.seek(0)
    if not magic:
        raise EOFError("Ran out of input: the file is empty")
    if magic != b"PK\x03\x04":
        raise pickle.UnpicklingError(
            "Weights only load failed. This is not a file that torch.save writes since PyTorch 1.6. If it is an older one, load it with "
            "PyTorch and save it again; if it is a pickle of another kind, and you trust it, use pickle.load"
        )
    try:
        with zipfile.ZipFile(file) as archive:
            program = entry(archive, "data.pkl")
            order = "little"
            if any(name.endswith("/byteorder") for name in archive.namelist()):
                order = entry(archive, "byteorder").decode()
            kind = Restricted if restricted else Unpickler
            return kind(io.BytesIO(program), archive, order, map_location, options).load()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise RuntimeError(
            f"PytorchStreamReader failed reading zip archive: failed finding central directory ({error}). The file is truncated or "
            "damaged: it was not saved or not copied to the end, or changed afterwards."
        ) from error


def entry(archive: zipfile.ZipFile, name: str) -> bytes:
    top = archive.namelist()[0].split("/")[0] if archive.namelist() else ""
    try:
        info = archive.getinfo(f"{top}/{name}")
    except KeyError:
        raise RuntimeError(f"PytorchStreamReader failed locating file {name}: file not found") from None
    if info.compress_type != zipfile.ZIP_STORED:
        raise RuntimeError(f"{name} is compressed, which torch.save never does")
    return archive.read(info)


class Storage:
    """The memory of tensors that are being loaded."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array
        self.counter = [0]

    device = Device("cpu")

    def cpu(self) -> Storage:
        return self

    def cuda(self, *args: Any) -> Storage:
        raise AssertionError("Torch not compiled with CUDA enabled")


class Unpickler(pickle.Unpickler):
    """Reads PyTorch's names for tensors and what belongs to them."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, order: str, map_location: Any, options: dict[str, Any]) -> None:
        super().__init__(file, **options)
        self.archive, self.order, self.map_location = archive, order, map_location
        self.storages: dict[str, Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        known = SAFE.get(f"{module}.{name}")
        if known is not None:
            return known
        if module.split(".")[0] == "torch":
            return getattr(import_module("minigrad" + module[len("torch") :]), name)
        return super().find_class(module, name)

    def persistent_load(self, pid: Any) -> Storage:
        if not (isinstance(pid, tuple) and len(pid) == 5 and pid[0] == "storage" and isinstance(pid[1], np.dtype)):
            raise pickle.UnpicklingError(f"a storage of a kind that minigrad does not have: {pid}")
        _, dtype, key, location, size = pid
        if key not in self.storages:
            content = entry(self.archive, f"data/{key}")
            if len(content) != size * dtype.itemsize:
                raise RuntimeError(f"storage {key} has {len(content)} bytes, and should have {size * dtype.itemsize}")
            array = np.frombuffer(content, dtype.newbyteorder("<" if self.order == "little" else ">")).astype(dtype)
            self.storages[key] = self.moved(Storage(array), location)
        storage = self.storages[key]
        if storage.array.dtype != dtype:
            raise RuntimeError(f"storage {key} is {storage.array.dtype} for one tensor and {dtype} for another")
        return storage

    def moved(self, storage: Storage, location: Any) -> Storage:
        """The storage at the place that `map_location` says, which can only be the CPU."""
        goal = self.map_location
        if isinstance(goal, dict):
            goal = goal.get(location, location)
        elif callable(goal):
            goal = goal(storage, location)
            if isinstance(goal, Storage):
                return goal
        goal = str(location if goal is None else goal)
        if goal.split(":")[0] == "cuda":
            raise RuntimeError(
                "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are running on a CPU-only "
                "machine, please use torch.load with map_location=torch.device('cpu') to map your storages to the CPU."
            )
        if goal.split(":")[0] != "cpu":
            raise RuntimeError(f"don't know how to restore data location of torch.storage.UntypedStorage (tagged with {goal})")
        return storage


class Restricted(Unpickler):
    """Finds nothing but what is safe to call whatever the arguments."""

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        found = SAFE.get(full, allowed.get(full))
        if found is not None:
            return found
        if module.split(".")[0] in ("os", "posix", "nt", "sys", "subprocess"):
            raise pickle.UnpicklingError(
                "Weights only load failed. Re-running `torch.load` with `weights_only` set to `False` will likely succeed, but it can "
                "result in arbitrary code execution. Do it only if you got the file from a trusted source.\n"
                f"Trying to load unsupported GLOBAL {full} whose module {module} is blocked."
            )
        raise pickle.UnpicklingError(
            "Weights only load failed. If you trust the source of the file, there are two ways to load it:\n"
            "\t(1) `torch.load` with `weights_only` set to `False`, which can result in arbitrary code execution.\n"
            f"\t(2) WeightsUnpickler error: Unsupported global: GLOBAL {full} was not an allowed global by default. Please use "
            f"`torch.serialization.add_safe_globals([{full}])` or the `torch.serialization.safe_globals([{full}])` context manager to "
            "allowlist this global if you trust this class/function."
        )


def rebuild_tensor(
    storage: Storage, offset: int, size: Any, stride: Any, requires_grad: bool = False, hooks: Any = None, metadata: Any = None
) -> Tensor:
    """A tensor over a part of a storage; NumPy sees to it that it is a part."""
    if not isinstance(storage, Storage):
        raise pickle.UnpicklingError("a tensor without a storage")
    flat = storage.array
    if min([offset, *size, *stride], default=0) < 0 or len(size) != len(stride):
        raise RuntimeError(f"a tensor of size {list(size)}, stride {list(stride)} and offset {offset} cannot be")
    strides = [step * flat.itemsize for step in stride]
    try:
        if 0 in size:
            array = np.empty(size, flat.dtype)
        else:
            array = np.ndarray(size, flat.dtype, flat, offset * flat.itemsize, strides)
    except (TypeError, ValueError) as error:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {offset} are out of bounds for storage of size "
            f"{flat.nbytes}"
        ) from error
    tensor = wrap(array)
    tensor._counter = storage.counter
    tensor.requires_grad = requires_grad
    return tensor


def rebuild_parameter(data: Tensor, requires_grad: bool, hooks: Any = None) -> Parameter:
    return Parameter(data, requires_grad)


def encode(text: str, encoding: str = "latin1") -> bytes:
    """Bytes, as old pickles write them."""
    return text.encode({"latin1": "latin1", "latin-1": "latin1"}[encoding])


# What a pickle may call: makers of plain values, nothing that acts.
SAFE: dict[str, Any] = {
    "torch._utils._rebuild_tensor_v2": rebuild_tensor,
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch.Tensor": Tensor,
    "torch.nn.parameter.Parameter": Parameter,
    "torch.device": Device,
    "torch.Size": Size,
    "collections.OrderedDict": OrderedDict,
    "collections.Counter": Counter,
    "_codecs.encode": encode,
    **{f"torch.{name}": dtype for name, dtype in STORAGES.items()},
    **{f"torch.{d.name}": d for d in dtypes.ALL.values()},
    **{f"{b}.{t.__name__}": t for b in ("builtins", "__builtin__") for t in (set, frozenset, bytearray, complex, tuple)},
}
allowed: dict[str, Any] = {}  # by the user


def add_safe_globals(safe_globals: Iterable[Any]) -> None:
    """Let `load` use these classes and functions. Mirrors torch.serialization.add_safe_globals."""
    for x in safe_globals:
        full, x = (x[1], x[0]) if isinstance(x, tuple) else (f"{x.__module__}.{x.__qualname__}", x)
        allowed[full] = x
        if full.startswith("minigrad."):
            allowed["torch." + full.removeprefix("minigrad.")] = x


def get_safe_globals() -> list[Any]:
    """What `add_safe_globals` added."""
    return list(dict.fromkeys(allowed.values()))


def clear_safe_globals() -> None:
    """Forget what `add_safe_globals` added."""
    allowed.clear()


class safe_globals:
    """`add_safe_globals` for a block. Mirrors torch.serialization.safe_globals."""

    def __init__(self, safe_globals: Iterable[Callable[..., Any]]) -> None:
        self.given = list(safe_globals)

    def __enter__(self) -> None:
        self.before = dict(allowed)
        add_safe_globals(self.given)

    def __exit__(self, *error: Any) -> None:
        allowed.clear()
        allowed.update(self.before)
