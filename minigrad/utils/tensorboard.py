"""Writes what TensorBoard draws, by means of the `tensorboard` package. Mirrors torch.utils.tensorboard."""
from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

try:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
except ImportError as error:
    raise ImportError("torch.utils.tensorboard needs the package tensorboard: pip install tensorboard") from error

__all__ = ["SummaryWriter"]


class SummaryWriter:
    """Writes to an event file in `log_dir`, by default runs/<time>_<host><comment>. Mirrors torch.utils.tensorboard.SummaryWriter:
    scalars, text and histograms.
    """

    def __init__(self, log_dir: Any = None, comment: str = "", purge_step: int | None = None, max_queue: int = 10,
                 flush_secs: int = 120, filename_suffix: str = "") -> None:
        if not log_dir:
            log_dir = os.path.join("runs", time.strftime("%b%d_%H-%M-%S_") + socket.gethostname() + comment)
        self.log_dir = str(log_dir)
        self._settings = max_queue, flush_secs, filename_suffix
        self._writers: dict[str, Any] = {}
        self._writer(self.log_dir)

    def _writer(self, folder: str) -> Any:
        if folder not in self._writers:
            self._writers[folder] = EventFileWriter(folder, *self._settings)
        return self._writers[folder]

    def get_logdir(self) -> str:
        """The folder that is written to."""
        return self.log_dir

    def _add(self, value: Any, step: int | None, walltime: float | None, folder: str | None = None) -> None:
        event = Event(wall_time=time.time() if walltime is None else walltime, step=0 if step is None else int(step), summary=Summary(value=[value]))
        self._writer(folder or self.log_dir).add_event(event)

    def add_scalar(self, tag: str, scalar_value: Any, global_step: int | None = None, walltime: float | None = None,
                   new_style: bool = False, double_precision: bool = False) -> None:
        """A number at a step."""
        self._add(Summary.Value(tag=tag, simple_value=number(scalar_value)), global_step, walltime)

    def add_scalars(self, main_tag: str, tag_scalar_dict: Mapping[str, Any], global_step: int | None = None,
                    walltime: float | None = None) -> None:
        """Several numbers in one chart, each in a folder of its own."""
        for tag, value in tag_scalar_dict.items():
            folder = os.path.join(self.log_dir, f"{main_tag.replace('/', '_')}_{tag}")
            self._add(Summary.Value(tag=main_tag, simple_value=number(value)), global_step, walltime, folder)

    def add_text(self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None) -> None:
        """A text, in Markdown."""
        metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)])
        tensor = TensorProto(dtype="DT_STRING", string_val=[text_string.encode()], tensor_shape=shape)
        self._add(Summary.Value(tag=f"{tag}/text_summary", metadata=metadata, tensor=tensor), global_step, walltime)

    def add_histogram(self, tag: str, values: Any, global_step: int | None = None, bins: Any = 64, walltime: float | None = None,
                      max_bins: int | None = None) -> None:
        """How values are distributed, in `bins` of one width."""
        values = np.asarray(getattr(values, "array", values), np.float64).reshape(-1)
        if not values.size:
            raise ValueError("The input has no element.")
        counts, edges = np.histogram(values, bins if isinstance(bins, int) else 64)
        histogram = HistogramProto(
            min=values.min(), max=values.max(), num=values.size, sum=values.sum(), sum_squares=values.dot(values),
            bucket_limit=edges[1:].tolist(), bucket=counts.tolist(),
        )  # fmt: skip
        self._add(Summary.Value(tag=tag, histo=histogram), global_step, walltime)

    def add_hparams(self, hparam_dict: Mapping[str, Any], metric_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        """The settings of a run as a table, and its metrics as scalars."""
        rows = "\n".join([f"|{name}|{value}|" for name, value in hparam_dict.items()])
        self.add_text("hparams", f"|name|value|\n|-|-|\n{rows}")
        for name, value in metric_dict.items():
            self.add_scalar(name, value)

    def flush(self) -> None:
        """Write out what is waiting."""
        for writer in self._writers.values():
            writer.flush()

    def close(self) -> None:
        """Write out what is waiting, and end the files."""
        for writer in self._writers.values():
            writer.close()

    def __enter__(self) -> SummaryWriter:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("add_"):
            raise NotImplementedError(f"SummaryWriter.{name}() is not supported: scalars, text and histograms are")
        raise AttributeError(f"'SummaryWriter' object has no attribute '{name}'")


def number(value: Any) -> float:
    """A number, or the only element of a tensor or array."""
    return float(np.asarray(getattr(value, "array", value)).reshape(()))
