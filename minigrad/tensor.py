"""class Tensor: where operations become methods and operators. The mathematics is in ops/, the graph in autograd/."""
from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _tensor_str, autograd, dtypes, numpy_dispatch, ops
from .autograd import variable
from .autograd.grad_mode import modes
from .autograd.inplace import address
from .autograd.rule import apply
from .autograd.variable import TensorBase, alias, counter, wrap
from .ops import arithmetic, axes, compare, copies, indexing, linalg, parts, powers
from .ops import data as from_data
from .ops.arguments import checked
from .ops.data import warn_of_scalar
from .ops.devices import CPU, check_device
from .ops.devices import device as Device
from .ops.family import Number, operator
from .ops.layouts import contiguous_format
from .ops.layouts import strided as strided_layout
from .ops.shape import Size, in_order


class Tensor(TensorBase):
    """An n-dimensional array that can be differentiated. Mirrors torch.Tensor.

    `tensor(data)` makes one; `Tensor(2, 3)` (uninitialised) and `Tensor([1, 2])` (float32) are PyTorch's older ways.
    """

    __slots__ = ()
    __module__ = "minigrad"
    __hash__ = object.__hash__
    is_cpu = True
    is_cuda = is_sparse = is_quantized = is_meta = is_mps = is_xpu = False
    layout = strided_layout

    if TYPE_CHECKING:  # the methods that are added below. (A real `__getattr__` would make every attribute slow.)

        def __getattr__(self, name: str) -> Any: ...

    def __new__(cls, *args: Any, device: Any = None) -> Tensor:
        made = from_data.legacy_tensor(None, *args, device=device)
        return made if cls is Tensor else made.as_subclass(cls)

    def as_subclass(self, cls: type) -> Any:
        """The same tensor as an object of a subclass. Mirrors torch.Tensor.as_subclass."""
        twin: Any = object.__new__(cls)
        twin.array, twin._requires_grad, twin._edge = self.array, self._requires_grad, self._edge
        twin._counter, twin._base = counter(self), None
        return twin

    # ---- what it is

    @property
    def shape(self) -> Size:
        """The size of each dimension."""
        return tuple.__new__(Size, self.array.shape)

    def size(self, dim: int | None = None) -> Any:
        """The shape, or the size of one dimension."""
        return self.shape if dim is None else self.array.shape[parts.existing(dim, self.array.ndim)]

    @property
    def dtype(self) -> dtypes.dtype:
        """The type of the elements."""
        return dtypes.of_array(self.array)

    @property
    def device(self) -> Device:
        """Where the tensor lives: the CPU."""
        return CPU

    def get_device(self) -> int:
        """The number of the device; -1 stands for the CPU."""
        return -1

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    def dim(self) -> int:
        """The number of dimensions."""
        return self.array.ndim

    ndimension = dim

    def numel(self) -> int:
        """The number of elements."""
        return self.array.size

    nelement = numel

    @property
    def itemsize(self) -> int:
        """Bytes per element."""
        return self.array.itemsize

    def element_size(self) -> int:
        """Bytes per element."""
        return self.array.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all elements."""
        return self.array.nbytes

    def stride(self, dim: int | None = None) -> Any:
        """How many elements of memory lie from one index to the next, per dimension."""
        array = self.array
        if array.size:
            strides = tuple([s // array.itemsize for s in array.strides])
        else:  # NumPy's strides are all zero then
            strides = tuple([math.prod([max(n, 1) for n in array.shape[d + 1 :]]) for d in range(array.ndim)])
        return strides if dim is None else strides[parts.existing(dim, array.ndim)]

    def storage_offset(self) -> int:
        """How many elements of the memory that it shares with other tensors lie before its own."""
        base = self.array.base
        return 0 if not isinstance(base, np.ndarray) else (address(self.array) - address(base)) // self.array.itemsize

    def data_ptr(self) -> int:
        """The address of the first element."""
        return address(self.array)

    def _is_view(self) -> bool:
        """Whether the tensor shows the memory of another, its `_base`."""
        return self._base is not None

    def is_contiguous(self, memory_format: Any = None) -> bool:
        """Whether the elements lie in memory in order."""
        return self.array.flags.c_contiguous

    def is_floating_point(self) -> bool:
        """Whether the dtype is a float."""
        return self.array.dtype.kind == "f"

    def is_signed(self) -> bool:
        """Whether the dtype has negative numbers."""
        return self.array.dtype.kind in "if"

    def is_nonzero(self) -> bool:
        """Whether the only element is not zero."""
        return bool(self)

    def is_complex(self) -> bool:
        """Always False: there are no complex tensors here."""
        return False

    def type(self, dtype: Any = None, non_blocking: bool = False) -> Any:
        """The name of the tensor's type ("torch.FloatTensor"), or the tensor converted."""
        if dtype is None:
            return f"torch.{self.dtype.scalar_name}Tensor"
        if isinstance(dtype, str):
            named = {f"torch.{d.scalar_name}Tensor": d for d in dtypes.ALL.values()}
            if dtype not in named:
                raise ValueError(f"invalid type: '{dtype}'")
            dtype = named[dtype]
        return self.to(getattr(dtype, "dtype", dtype))

    # ---- out of the graph, and into Python and NumPy

    def detach(self) -> Tensor:
        """The same memory, outside the graph. Changes in place are seen by both, and noticed by backward."""
        return alias(self)

    def detach_(self) -> Tensor:
        """Take this tensor itself out of the graph."""
        if self._base is not None:
            raise RuntimeError(
                "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
                "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
                "these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as "
                "the solution."
            )
        self._edge, self._requires_grad = None, False
        return self

    @property
    def data(self) -> Tensor:
        """The same memory, outside the graph; unlike with `detach()`, backward does not notice its changes."""
        twin = wrap(self.array)
        return twin

    @data.setter
    def data(self, new: Tensor) -> None:
        if not isinstance(new, TensorBase):
            raise TypeError(f"Variable data has to be a tensor, but got {type(new).__name__}")
        if new.array.dtype.kind != "f" and self._requires_grad:
            raise RuntimeError("data set to a tensor that requires gradients must be floating point or complex dtype")
        self.array = new.array

    def item(self) -> Any:
        """The only element, as a Python number."""
        if self.array.size != 1:
            raise RuntimeError(f"a Tensor with {self.array.size} elements cannot be converted to Scalar")
        return self.array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        return self.array.tolist()

    def numpy(self, *, force: bool = False) -> np.ndarray:
        """The array itself, sharing memory. A tensor that requires a gradient must be detached first."""
        if self.requires_grad and not force:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        return self.array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        if dtype is not None:
            return array.astype(dtype, copy=bool(copy))
        return array.copy() if copy else array

    def __bool__(self) -> bool:
        if self.array.size == 1:
            return bool(self.array.item())
        if self.array.size == 0:
            raise RuntimeError("Boolean value of Tensor with no values is ambiguous")
        raise RuntimeError("Boolean value of Tensor with more than one value is ambiguous")

    def __float__(self) -> float:
        if self.requires_grad and modes.mode.enabled:
            warn_of_scalar()
        return float(self.only_element())

    def __int__(self) -> int:
        return int(self.only_element())

    def only_element(self) -> Any:
        """The only element, for Python's conversions, which complain about others in their own words."""
        if self.array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return self.array.item()

    def __index__(self) -> int:
        if self.array.dtype.kind not in "biu" or self.array.size != 1:
            raise TypeError("only integer tensors of a single element can be converted to an index")
        return int(self.array.item())

    def __len__(self) -> int:
        if not self.array.ndim:
            raise TypeError("len() of a 0-d tensor")
        return self.array.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.array.ndim:
            raise TypeError("iteration over a 0-d tensor")
        return iter(parts.unbind(self, 0))

    def __contains__(self, element: Any) -> bool:
        if not isinstance(element, (Tensor, *Number, np.generic)):
            raise RuntimeError(f"Tensor.__contains__ only supports Tensor or scalar, but you passed in a {type(element)}.")
        return bool((self == element).array.any())

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        node = self.grad_fn
        return _tensor_str.tensor_str(
            self.array,
            dtype_name=repr(self.dtype),
            default_dtype_name=repr(dtypes.get_default_dtype()),
            requires_grad=self.requires_grad,
            grad_fn_name=None if node is None else type(node).__name__,
        )

    def __format__(self, spec: str) -> str:
        return self.item().__format__(spec) if not self.array.ndim and type(self) is Tensor else object.__format__(self, spec)

    def __reduce__(self) -> Any:
        return rebuild, (self.array, self._requires_grad)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        if id(self) in memo:
            return memo[id(self)]
        if self.grad_fn is not None:
            raise RuntimeError(
                "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.  If you "
                "were attempting to deepcopy a module, this may be because of a torch.nn.utils.weight_norm usage, see "
                "https://github.com/pytorch/pytorch/pull/103001"
            )
        twin = wrap(copied(self.array, memo)).as_subclass(type(self))
        memo[id(self)] = twin
        twin._requires_grad = self._requires_grad
        for name, value in self.__dict__.items():
            if name not in IN_THE_GRAPH:
                setattr(twin, name, deepcopy(value, memo))
        return twin

    # ---- conversion

    def to(self, *args: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False, copy: bool = False,
           memory_format: Any = None) -> Tensor:  # fmt: skip
        """The tensor in another dtype (or as another tensor has it); itself if nothing changes. Mirrors torch.Tensor.to.

        to(dtype), to(device), to(device, dtype) or to(other), each followed by non_blocking and copy.
        """
        flags = [arg for arg in args if isinstance(arg, bool)]
        for arg in args[: len(args) - len(flags)]:
            if isinstance(arg, TensorBase):
                dtype = arg.dtype  # type: ignore[attr-defined]
            elif isinstance(arg, (dtypes.dtype, type)):
                if dtype is not None:
                    raise TypeError("to() received an invalid combination of arguments: one dtype is enough")
                dtype = arg
            elif arg is not None:
                device = arg
        if device is not None:
            check_device(device, "to")
        goal = self.array.dtype if dtype is None else dtypes.to_numpy(dtype)
        if goal != self.array.dtype or copy or flags[1:] == [True]:
            return apply(copies.ToCopy, self, dtype=goal, order="C" if memory_format is contiguous_format else "K")
        return self

    def type_as(self, other: Tensor) -> Tensor:
        """The tensor in the dtype of another."""
        return self.to(other)

    def cpu(self, memory_format: Any = None) -> Tensor:
        """The tensor itself: it is on the CPU already."""
        return self

    def cuda(self, device: Any = None, non_blocking: Any = False, memory_format: Any = None) -> Tensor:
        """Raises PyTorch's error of a build without CUDA."""
        if device is not None and Device(device).type != "cuda":
            raise RuntimeError("Invalid device, must be cuda device")
        raise AssertionError("Torch not compiled with CUDA enabled")

    def pin_memory(self, device: Any = None) -> Tensor:
        """The tensor itself: there is no other memory to copy to."""
        return self

    def is_pinned(self, device: Any = None) -> Any:
        """Always False: there is no other memory to copy to."""
        return False

    def share_memory_(self) -> Tensor:
        """The tensor itself, with a warning: threads share its memory, other processes get a copy."""
        warnings.warn(
            "share_memory_(): minigrad's tensors are not in shared memory; another process gets a copy, and what it changes is not seen "
            "here. Use threads, or send the results back, for instance a state_dict() through a multiprocessing.Queue.",
            stacklevel=2,
        )
        return self

    def is_shared(self) -> bool:
        """Whether other processes see its memory: always False."""
        return False

    def is_same_size(self, other: Tensor) -> bool:
        """Whether both have the same shape."""
        return self.array.shape == other.array.shape

    def fill_diagonal_(self, fill_value: Any, wrap: bool = False) -> Tensor:
        """Fill the main diagonal of a matrix. Mirrors torch.Tensor.fill_diagonal_, without `wrap`."""
        if wrap or self.array.ndim != 2:
            raise NotImplementedError("fill_diagonal_(): only of a matrix, and with wrap=False")
        self.diagonal().fill_(fill_value)
        return self

    def where(self, condition: Tensor, other: Any) -> Tensor:
        """self where the condition holds, other elsewhere."""
        return ops.where(condition, self, other)

    def polygamma(self, n: int) -> Tensor:
        """The n-th derivative of digamma."""
        return ops.polygamma(n, self)

    def adjoint(self) -> Tensor:
        """The last two dimensions swapped."""
        return self.mT

    def new(self, *args: Any, device: Any = None) -> Tensor:
        """A tensor of the same dtype, from sizes or from a sequence, as the old constructors make it."""
        return from_data.legacy_tensor(self.array.dtype, *args, device=device)

    # ---- backward

    def backward(self, gradient: Any = None, retain_graph: Any = None, create_graph: Any = False, inputs: Any = None) -> None:
        """Add the gradient of this tensor to the `.grad` of the leaves it was computed from. Mirrors torch.Tensor.backward.

        For a scalar; of a tensor with more elements, `gradient` gives the vector of the vector-Jacobian product. The graph is freed
        on the way unless `retain_graph`; with `create_graph` the gradients can be differentiated again.
        """
        autograd.backward(self, gradient, retain_graph, create_graph, inputs)

    # ---- operators

    __add__ = arithmetic.add_operator
    __radd__ = arithmetic.radd_operator
    __sub__ = arithmetic.sub_operator
    __rsub__ = arithmetic.rsub_operator
    __mul__ = arithmetic.mul_operator
    __rmul__ = arithmetic.rmul_operator
    __truediv__ = arithmetic.div_operator
    __rtruediv__ = arithmetic.rdiv_operator
    __floordiv__ = arithmetic.floor_divide_operator
    __rfloordiv__ = arithmetic.rfloor_divide_operator
    __mod__ = arithmetic.remainder_operator
    __rmod__ = arithmetic.rremainder_operator
    __pow__ = powers.pow_operator
    __rpow__ = powers.rpow_operator
    __neg__ = arithmetic.neg
    __abs__ = arithmetic.abs
    __matmul__ = linalg.matmul_operator
    __rmatmul__ = linalg.rmatmul_operator
    __iadd__ = operator(arithmetic.add_)
    __isub__ = operator(arithmetic.sub_)
    __imul__ = operator(arithmetic.mul_)
    __itruediv__ = operator(arithmetic.div_)
    __ifloordiv__ = operator(arithmetic.floor_divide_)
    __ipow__ = operator(powers.pow_)
    __imod__ = operator(arithmetic.remainder_)
    __eq__ = compare.eq_operator
    __ne__ = compare.ne_operator
    __lt__ = compare.lt_operator
    __le__ = compare.le_operator
    __gt__ = compare.gt_operator
    __ge__ = compare.ge_operator
    __and__ = compare.and_operator
    __rand__ = compare.rand_operator
    __or__ = compare.or_operator
    __ror__ = compare.ror_operator
    __xor__ = compare.xor_operator
    __rxor__ = compare.rxor_operator
    __lshift__ = compare.lshift_operator
    __rlshift__ = compare.rlshift_operator
    __rshift__ = compare.rshift_operator
    __rrshift__ = compare.rrshift_operator
    __invert__ = compare.invert_operator
    __iand__ = operator(compare.bitwise_and_)
    __ior__ = operator(compare.bitwise_or_)
    __ixor__ = operator(compare.bitwise_xor_)
    __ilshift__ = operator(compare.bitwise_left_shift_)
    __irshift__ = operator(compare.bitwise_right_shift_)
    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem

    def __pos__(self) -> Tensor:
        if self.array.dtype == bool:
            raise RuntimeError("The `+` operator, on a bool tensor is not supported.")
        return self

    T = property(axes.reverse_dims)
    mT = property(axes.matrix_transpose)
    H = property(axes.adjoint)
    mH = property(axes.matrix_adjoint)

    __array_priority__ = 1000
    __array_ufunc__ = numpy_dispatch.array_ufunc
    __array_function__ = numpy_dispatch.array_function


def rebuild(array: np.ndarray, requires_grad: bool) -> Tensor:
    """What unpickling calls."""
    made = wrap(array)
    made._requires_grad = requires_grad
    return made


# What deepcopy leaves behind: hooks, and what belongs to one place in the graph.
IN_THE_GRAPH = {"_hooks", "_post_accumulate_hooks", "_accumulator", "hooked", "_retains_grad"}


def copied(array: np.ndarray, memo: dict[int, Any]) -> np.ndarray:
    """A deep copy of an array; views of one memory are views of one copy again."""
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if id(owner) not in memo:
        memo[id(owner)] = owner.copy("K")
    twin = memo[id(owner)]
    if owner is array:
        return twin
    return np.ndarray(array.shape, array.dtype, in_order(twin), address(array) - address(owner), array.strides)


class Method:
    """An operation that is a method too. It is made, and its family imported, when it is first asked for; then it takes this place."""

    __slots__ = ("make", "name")

    def __init__(self, name: str, make: Callable[[str], Callable[..., Any]]) -> None:
        self.name, self.make = name, make

    def __get__(self, tensor: Tensor | None, owner: type) -> Any:
        method = self.make(self.name)
        setattr(Tensor, self.name, method)
        return method.__get__(tensor, owner)


def operation(name: str) -> Callable[..., Any]:
    """The function of that name, whose first argument is the tensor, with the same documentation."""
    return checked(getattr(ops, name), method=True)


def written_back(name: str) -> Callable[..., Any]:
    """The in-place form of an operation whose rule does not write in place by itself: computed on a copy, and written back."""
    return copies.in_place(getattr(Tensor, name[:-1]), name)


OPERATIONS = """
    abs abs_ absolute acos acos_ acosh acosh_ add add_ addbmm addcdiv addcdiv_ addcmul addcmul_ addmm addmv addr all allclose
    amax amin aminmax any arccos arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh arcsinh_ arctan arctan2 arctan2_ arctan_
    arctanh arctanh_ argmax argmin argsort argwhere as_strided as_strided_ as_strided_scatter asin asin_ asinh asinh_ atan atan2
    atan2_ atan_ atanh atanh_ baddbmm bernoulli bernoulli_ bincount bitwise_and bitwise_and_ bitwise_left_shift
    bitwise_left_shift_ bitwise_not bitwise_not_ bitwise_or bitwise_or_ bitwise_right_shift bitwise_right_shift_ bitwise_xor
    bitwise_xor_ bmm broadcast_to cauchy_ ceil ceil_ cholesky chunk clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip
    clip_ clone conj contiguous copy_ copysign copysign_ corrcoef cos cos_ cosh cosh_ count_nonzero cov cross cummax cummin
    cumprod cumsum deg2rad deg2rad_ det diag diag_embed diagflat diagonal diagonal_scatter diff digamma digamma_ dist div div_
    divide dot dsplit eq eq_ equal erf erf_ erfc erfc_ erfinv erfinv_ exp exp2 exp2_ exp_ expand expand_as expm1 expm1_
    exponential_ fill_ fix fix_ flatten flip fliplr flipud float_power float_power_ floor floor_ floor_divide floor_divide_ fmax
    fmin fmod fmod_ frac frac_ gather gcd gcd_ ge ge_ geometric_ ger greater greater_equal gt gt_ heaviside heaviside_ histc
    hsplit hypot hypot_ index_add index_add_ index_copy index_copy_ index_fill index_fill_ index_put index_put_ index_select
    inner inverse isclose isfinite isinf isnan isneginf isposinf isreal kron kthvalue lcm lcm_ ldexp le le_ lerp lerp_ less
    less_equal lgamma lgamma_ log log10 log10_ log1p log1p_ log2 log2_ log_ log_normal_ log_softmax logaddexp logaddexp2
    logcumsumexp logdet logical_and logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor logical_xor_ logit
    logsumexp lt lt_ masked_fill masked_fill_ masked_scatter masked_select matmul matrix_power max maximum mean median min
    minimum mm mode moveaxis movedim msort mul mul_ multinomial multiply mv nan_to_num nan_to_num_ nanmean nanmedian nanquantile
    nansum narrow ne ne_ neg neg_ negative new_empty new_full new_ones new_tensor new_zeros nextafter nextafter_ nonzero norm
    normal_ not_equal outer permute pinverse positive pow pow_ prod put qr quantile rad2deg rad2deg_ random_ ravel real
    reciprocal reciprocal_ relu relu_ remainder remainder_ repeat repeat_interleave reshape reshape_as resolve_conj resolve_neg
    roll rot90 round round_ rsqrt rsqrt_ scatter scatter_ scatter_add scatter_add_ scatter_reduce scatter_reduce_ select
    select_scatter sgn sigmoid sigmoid_ sign sign_ signbit sin sin_ sinc sinc_ sinh sinh_ slice_scatter slogdet softmax sort
    split split_with_sizes sqrt sqrt_ square squeeze squeeze_ std sub sub_ subtract sum sum_to_size svd swapaxes swapaxes_
    swapdims swapdims_ t t_ take take_along_dim tan tan_ tanh tanh_ tensor_split tile topk trace transpose transpose_ tril triu
    true_divide trunc trunc_ unbind unflatten unfold uniform_ unique unique_consecutive unsqueeze unsqueeze_ var vdot view
    view_as vsplit xlogy zero_"""
WRITTEN_BACK = """
    absolute_ addbmm_ addmm_ addmv_ addr_ baddbmm_ cumprod_ cumsum_ divide_ greater_ greater_equal_ ldexp_ less_ less_equal_
    logit_ masked_scatter_ multiply_ negative_ not_equal_ polygamma_ put_ sgn_ square_ subtract_ tril_ triu_ true_divide_ xlogy_"""
for _names, _make in ((OPERATIONS, operation), (WRITTEN_BACK, written_back)):
    for _name in _names.split():
        setattr(Tensor, _name, Method(_name, _make))


def conversion(name: str, dtype: dtypes.dtype) -> Any:
    """`x.double()` and its like."""

    def method(self: Tensor, memory_format: Any = None) -> Tensor:
        return self.to(dtype, memory_format=memory_format)

    method.__name__, method.__qualname__, method.__doc__ = name, f"Tensor.{name}", f"As {dtype!r}."
    return method


for _name, _dtype in {
    "double": dtypes.float64, "float": dtypes.float32, "half": dtypes.float16, "long": dtypes.int64, "int": dtypes.int32,
    "short": dtypes.int16, "char": dtypes.int8, "byte": dtypes.uint8, "bool": dtypes.bool_,
}.items():  # fmt: skip
    setattr(Tensor, _name, conversion(_name, _dtype))

variable.tensor_type = Tensor
