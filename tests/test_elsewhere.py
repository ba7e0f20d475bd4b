"""What programs ask about hardware, compilers and processes: the same answers as from a PyTorch on a machine without."""

from __future__ import annotations

from importlib import import_module

import pytest
import torch

import minigrad
from tests.nn.sides import same

ASKED = [
    "t.cuda.is_available()", "t.cuda.device_count()", "t.cuda.is_initialized()", "t.cuda.is_bf16_supported()", "t.cuda.memory_allocated()",
    "t.cuda.max_memory_allocated()", "t.cuda.memory_reserved()", "t.cuda.empty_cache()", "t.cuda.manual_seed(1)", "t.cuda.manual_seed_all(1)",
    "t.cuda.synchronize()", "t.cuda.current_device()", "t.cuda.get_device_name(0)", "t.cuda.get_device_properties(0)", "t.cuda.init()",
    "t.backends.cudnn.is_available()", "t.backends.cudnn.version()", "t.backends.cudnn.enabled", "t.backends.cudnn.benchmark",
    "t.backends.cudnn.deterministic", "t.backends.cudnn.allow_tf32", "t.backends.cuda.matmul.allow_tf32", "t.backends.cuda.is_built()",
    "t.backends.mps.is_available()", "t.backends.mps.is_built()", "t.mps.is_available()", "t.mps.manual_seed(1)", "t.xpu.is_available()",
    "t.xpu.device_count()", "t.xpu.manual_seed_all(1)", "t.accelerator.is_available()", "t.accelerator.current_accelerator()",
    "t.accelerator.device_count()", "t.accelerator.current_device_index()", "t.accelerator.synchronize()",
    "t.distributed.is_initialized()", "t.distributed.get_rank()", "t.nn.parallel.DistributedDataParallel(t.nn.Linear(1, 1))",
    "t.amp.GradScaler('cuda').scale(t.ones(1))", "t.cuda.amp.GradScaler(enabled=False).state_dict()", "t.amp.GradScaler().get_scale()",
    "t.amp.GradScaler('cuda').is_enabled()", "t.autocast('cuda', t.float16).device", "t.autocast('cuda', enabled=False).device",
    "t.amp.autocast(3)", "t.amp.autocast('desk')", "t.get_default_device()", "t.set_num_threads(0)", "t.set_num_threads('a')",
    "t.are_deterministic_algorithms_enabled()", "t.get_float32_matmul_precision()", "t.version.cuda", "t.bfloat16",
    "t.bfloat16.is_floating_point",
]  # fmt: skip


@pytest.fixture(autouse=True)
def as_at_first():
    """A program that another test has run may have set these; in PyTorch, the one sets the other."""
    for t in (torch, minigrad):
        t.set_float32_matmul_precision("highest")
    minigrad.backends.cuda.matmul.allow_tf32 = False


@pytest.mark.parametrize("question", ASKED)
def test_answer(question):
    same(lambda t: eval(question, {"t": t}))


def test_settings_are_kept(monkeypatch):
    monkeypatch.setitem(torch.backends.flags_frozen.__globals__, "__allow_nonbracketed_mutation_flag", True)  # PyTorch's test helpers forbid it
    for t in (torch, minigrad):
        before = t.get_num_threads()
        t.set_num_threads(1)
        t.use_deterministic_algorithms(True)
        t.set_float32_matmul_precision("high")
        t.backends.cudnn.deterministic = True
        t.backends.cudnn.benchmark = False
        t.backends.cuda.matmul.allow_tf32 = True
        t.set_default_device("cpu")
        assert (t.get_num_threads(), t.are_deterministic_algorithms_enabled(), t.get_float32_matmul_precision()) == (1, True, "high")
        t.set_default_device(None)  # or PyTorch goes on to intercept every call
        t.use_deterministic_algorithms(False)
        t.set_float32_matmul_precision("highest")
        t.set_num_threads(before)
    with pytest.warns(UserWarning, match="is not one of 'highest', 'high', or 'medium'"):
        minigrad.set_float32_matmul_precision("most")
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        minigrad.set_default_device("cuda")


def test_default_tensor_type():
    try:
        minigrad.set_default_tensor_type("torch.DoubleTensor")
        assert minigrad.ones(1).dtype is minigrad.float64
    finally:
        minigrad.set_default_tensor_type(minigrad.FloatTensor)
    assert minigrad.ones(1).dtype is minigrad.float32


def test_what_compiles_returns_what_it_is_given():
    model = minigrad.nn.Linear(1, 1)
    assert minigrad.compile(model, mode="reduce-overhead") is model
    assert minigrad.compile(fullgraph=True)(model) is model
    assert minigrad.jit.script(model) is model and minigrad.jit.ignore()(model) is model


@pytest.mark.parametrize("make", ["t.amp.autocast('cuda', dtype=t.float16)", "t.cuda.amp.autocast(enabled=False)", "t.autocast('cpu', enabled=False)"])
def test_autocast_changes_nothing(make):
    def program(t):
        with eval(make, {"t": t}):
            y = t.ones(2, 2) @ t.ones(2, 2)
        return y

    same(lambda t: [program(t), eval(make, {"t": t})(lambda a: a + 1)(1)])


def test_scaled_training():
    def program(t):
        t.manual_seed(0)
        net = t.nn.Linear(2, 1)
        optimizer, scaler = t.optim.SGD(net.parameters(), 0.1), t.amp.GradScaler("cuda", enabled=False)
        scaler.scale(net(t.ones(3, 2)).sum()).backward()
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
        return list(net.parameters())

    same(program, 1e-6)


def test_refusals_say_what_to_do():
    with pytest.raises(NotImplementedError, match="use enabled=False"):
        minigrad.autocast("cpu")
    with pytest.raises(NotImplementedError, match="use enabled=False"):
        minigrad.amp.GradScaler("cpu")
    with pytest.raises(RuntimeError, match="one process"):
        minigrad.distributed.init_process_group("gloo")
    with pytest.raises(NotImplementedError, match="state_dict"):
        minigrad.onnx.export()
    with pytest.raises(TypeError, match="NumPy has no bfloat16"):
        minigrad.ones(2, dtype=minigrad.bfloat16)
    with pytest.raises(TypeError, match="NumPy has no bfloat16"):
        minigrad.ones(2).to(minigrad.bfloat16)
    with pytest.raises(AttributeError, match="ask cuda.is_available"):
        minigrad.cuda.Event  # noqa: B018


def test_data_parallel():
    def program(t):
        t.manual_seed(0)
        net = t.nn.DataParallel(t.nn.Linear(2, 1))
        return [net(t.ones(3, 2)), repr(net), net.state_dict()]

    same(program, 1e-6)


@pytest.mark.parametrize(
    "make",
    ["V(t.ones(2))", "V(t.ones(2), requires_grad=True)", "V(t.ones(2), True)", "V(3)", "V(t.ones(2, dtype=t.int64), requires_grad=True)",
     "V()", "V(t.ones(2, requires_grad=True) * 2)", "V(t.ones(2), volatile=True)", "isinstance(t.ones(2), V)", "isinstance(3, V)",
     "isinstance(t.nn.Parameter(t.ones(2)), V)"],
)  # fmt: skip
def test_variable(make):
    same(lambda t: eval(make, {"t": t, "V": t.autograd.Variable}))


def test_variable_shares_memory():
    def program(t):
        x = t.zeros(2)
        v = t.autograd.Variable(x)
        v += 1
        return [x, v is x]

    same(program, 1e-6)


def double(rank, queue, x):
    queue.put((rank, (x * 2).tolist()))


def test_processes():
    mp = import_module("minigrad.multiprocessing")
    queue = mp.get_context("spawn").Queue()
    mp.spawn(double, (queue, minigrad.ones(2)), nprocs=1)
    assert queue.get(timeout=30) == (0, [2.0, 2.0])
    with pytest.raises(RuntimeError, match="process 0 terminated with exit code"):
        mp.spawn(double, (None, None), nprocs=1)


def test_memory_is_not_shared_with_processes():
    """And nobody is left to believe it is."""
    x, layer = minigrad.zeros(2), minigrad.nn.Linear(1, 1)
    optimizer = minigrad.optim.Adagrad(layer.parameters())
    for ask in (x.share_memory_, layer.share_memory, optimizer.share_memory):
        with pytest.warns(UserWarning, match="another process gets a copy"):
            ask()
    process = import_module("minigrad.multiprocessing").get_context("spawn").Process(target=x.fill_, args=(1.0,))
    process.start()
    process.join()
    assert process.exitcode == 0 and x.tolist() == [0.0, 0.0]
    assert not any(tensor.is_shared() for tensor in (x, layer.weight, optimizer.state[layer.weight]["sum"]))


def test_default_tensor_type_refuses():
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        minigrad.set_default_tensor_type("torch.LongTensor")
    with pytest.raises(TypeError, match="is no type of tensors"):
        minigrad.set_default_tensor_type("Tensor")


def test_old_order_of_arguments():
    def program(t):
        p, g = t.ones(3), t.arange(3.0)
        p.add_(-0.1, g)
        p.sub_(2, g)
        p.addcmul_(0.5, g, g)
        p.addcdiv_(-0.25, g, g + 1)
        return p

    with pytest.warns(UserWarning, match="This overload of add_ is deprecated"):
        ours = program(minigrad)
    assert ours.tolist() == pytest.approx(program(torch).tolist(), rel=1e-6)
    with pytest.raises(TypeError):
        minigrad.ones(3).add_(minigrad.ones(3), 2)


@pytest.mark.parametrize(
    "use",
    ["t.special.expit(x)", "t.special.gammaln(x + 1)", "t.special.logsumexp(x, 0)", "t.special.psi(x + 1)", "t.layer_norm(x, (3,))", "t.selu(x)",
     "t.cosine_similarity(x, x + 1, 0)", "t.prelu(x, t.tensor([0.1]))", "x[t.newaxis]", "t.utils.checkpoint.checkpoint(lambda a, b: a * b, x, x, use_reentrant=False)",
     "t.utils.checkpoint.checkpoint(t.relu, x, use_reentrant=False)", "t.eye(3).fill_diagonal_(5)", "x.is_same_size(x)", "x.is_shared()",
     "t.is_autocast_enabled()", "t.rms_norm(x, (3,))", "t.nn.modules.utils._pair(3)", "t.nn.modules.utils._triple((1, 2, 3))", "t.ones(2, 3).adjoint()"],
)  # fmt: skip
def test_names(use):
    def program(t):
        import_module(f"{t.__name__}.utils.checkpoint")
        return eval(use, {"t": t, "x": t.tensor([0.5, -1.0, 2.0])})

    same(program, 1e-5)


@pytest.mark.parametrize("room, name, hint", [("optim", "Adan", "Did you mean 'Adam'"), ("nn", "Conv2D", "Did you mean 'Conv2d'"), ("nn.functional", "softmaxx", "Did you mean")])
def test_unknown_names_have_a_hint(room, name, hint):
    module = import_module(f"minigrad.{room}")
    with pytest.raises(AttributeError, match=hint):
        getattr(module, name)
    assert not hasattr(module, name)


def test_summary_writer(tmp_path):
    module = import_module("minigrad.utils.tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with module.SummaryWriter(tmp_path / "run") as writer:
        for step in range(3):
            writer.add_scalar("loss", minigrad.tensor(0.5 * step), step)
        writer.add_scalars("both", {"a": 1.0, "b": 2.0}, 0)
        writer.add_text("note", "hello", 1)
        writer.add_histogram("weights", minigrad.arange(10.0), 2)
        writer.add_hparams({"lr": 0.1}, {"score": 3})
        with pytest.raises(NotImplementedError, match="add_image"):
            writer.add_image("picture", minigrad.zeros(1, 2, 2))
    events = EventAccumulator(str(tmp_path / "run")).Reload()
    assert [(e.step, e.value) for e in events.Scalars("loss")] == [(0, 0.0), (1, 0.5), (2, 1.0)]
    (histogram,) = events.Histograms("weights")
    assert histogram.step == 2 and histogram.histogram_value.num == 10 and sum(histogram.histogram_value.bucket) == 10
    assert events.Tensors("note/text_summary")[0].tensor_proto.string_val[0] == b"hello"
    assert EventAccumulator(str(tmp_path / "run" / "both_a")).Reload().Scalars("both")[0].value == 1.0
