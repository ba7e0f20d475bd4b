"""Attention: softmax(q kᵀ / sqrt(d)) v, Vaswani et al. 2017."""
from __future__ import annotations

import math
from typing import Any

from ... import dtypes, ops
from ...ops.arguments import checked
from ...tensor import Tensor
from .dropout import dropout
from .spatial import pad

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


@checked
def scaled_dot_product_attention(query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None,
                                 dropout_p: float = 0.0, is_causal: bool = False, scale: float | None = None,
                                 enable_gqa: bool = False) -> Tensor:
    """softmax(query keyᵀ scale + mask) value; (*, L, E), (*, S, E), (*, S, V) to (*, L, V). A row that sees nothing is 0.

    A mask of booleans says what may be seen. Mirrors torch.nn.functional.scaled_dot_product_attention.
    """
    dims = query.dim(), key.dim(), value.dim()
    if min(dims) < 2:
        raise RuntimeError(
            f"Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: {dims[0]} key.dim: {dims[1]} "
            f"and value.dim: {dims[2]} instead."
        )
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    if query.dtype != key.dtype or query.dtype != value.dtype:
        raise RuntimeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{query.dtype.c_name} key.dtype: {key.dtype.c_name} and value.dtype: {value.dtype.c_name} instead."
        )
    if enable_gqa:
        groups = query.size(-3) // key.size(-3)
        key, value = key.repeat_interleave(groups, -3), value.repeat_interleave(groups, -3)
    root = math.sqrt(1.0 / math.sqrt(query.size(-1)) if scale is None else abs(scale))
    scores = (query * (root if scale is None or scale >= 0 else -root)) @ (key * root).transpose(-2, -1)
    if is_causal:
        attn_mask = ops.ones(query.size(-2), key.size(-2), dtype=dtypes.bool_).tril()
    if attn_mask is not None:
        scores = scores + (unseen(attn_mask, scores.dtype) if attn_mask.dtype == dtypes.bool_ else attn_mask)
    blind = None if attn_mask is None else (scores == -math.inf).all(-1, keepdim=True)
    if blind is None or not blind.any():
        weights = scores.softmax(-1)
    else:
        weights = scores.masked_fill(blind, 0.0).softmax(-1).masked_fill(blind, 0.0)
    return (dropout(weights, dropout_p) if dropout_p > 0 else weights) @ value


def unseen(mask: Tensor, dtype: Any, seen: bool = True) -> Tensor:
    """A mask of booleans as numbers to add: 0 where it is `seen`, else -inf."""
    return ops.zeros(mask.shape, dtype=dtype).masked_fill(~mask if seen else mask, -math.inf)


def multi_head_attention_forward(
    query: Tensor, key: Tensor, value: Tensor, embed_dim_to_check: int, num_heads: int, in_proj_weight: Tensor | None,
    in_proj_bias: Tensor | None, bias_k: Tensor | None, bias_v: Tensor | None, add_zero_attn: bool, dropout_p: float,
    out_proj_weight: Tensor, out_proj_bias: Tensor | None, training: bool = True, key_padding_mask: Tensor | None = None,
    need_weights: bool = True, attn_mask: Tensor | None = None, use_separate_proj_weight: bool = False,
    q_proj_weight: Tensor | None = None, k_proj_weight: Tensor | None = None, v_proj_weight: Tensor | None = None,
    static_k: Tensor | None = None, static_v: Tensor | None = None, average_attn_weights: bool = True, is_causal: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """Attention in several heads: (L, N, E), (S, N, E), (S, N, E) to (L, N, E), and the weights (N, L, S).

    Masks are of booleans, True for what must not be seen, or of numbers to add.
    Mirrors torch.nn.functional.multi_head_attention_forward.
    """
    if static_k is not None or static_v is not None:
        raise NotImplementedError("multi_head_attention_forward(): static_k and static_v are not supported; pass key and value")
    batched = check_dims(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, n, embed_dim = query.shape
    key_padding_mask = additive(key_padding_mask, "key_padding_mask", query.dtype)
    if is_causal and attn_mask is None:
        raise RuntimeError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if is_causal and key_padding_mask is None and not need_weights:
        attn_mask = None  # the same, said shorter
    else:
        attn_mask, is_causal = additive(attn_mask, "attn_mask", query.dtype), False
    if embed_dim != embed_dim_to_check:
        raise AssertionError(f"was expecting embedding dimension of {embed_dim_to_check}, but got {embed_dim}")
    head_dim = embed_dim // num_heads
    if head_dim * num_heads != embed_dim:
        raise AssertionError(f"embed_dim {embed_dim} not divisible by num_heads {num_heads}")
    if use_separate_proj_weight and key.shape[:2] != value.shape[:2]:
        raise AssertionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
    if not use_separate_proj_weight and key.shape != value.shape:
        raise AssertionError(f"key shape {key.shape} does not match value shape {value.shape}")

    weights = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else in_proj_weight.chunk(3)  # type: ignore[union-attr]
    biases = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
    if query is key is value and in_proj_weight is not None:
        q, k, v = ops.linear(query, in_proj_weight, in_proj_bias).chunk(3, -1)
    else:
        q, k, v = [ops.linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases)]
    attn_mask = check_mask(attn_mask, length, key.size(0), n * num_heads)
    added = (bias_k is not None and bias_v is not None) + bool(add_zero_attn)
    if bias_k is not None and bias_v is not None:
        k, v = ops.cat([k, bias_k.repeat(1, n, 1)]), ops.cat([v, bias_v.repeat(1, n, 1)])
    q, k, v = [x.reshape(x.size(0), n * num_heads, head_dim).transpose(0, 1) for x in (q, k, v)]
    if add_zero_attn:
        nothing = ops.zeros(n * num_heads, 1, head_dim, dtype=k.dtype)
        k, v = ops.cat([k, nothing], 1), ops.cat([v, nothing], 1)
    source = k.size(1)
    if added:
        attn_mask = None if attn_mask is None else pad(attn_mask, (0, added))
        key_padding_mask = None if key_padding_mask is None else pad(key_padding_mask, (0, added))
    if key_padding_mask is not None:
        hidden = key_padding_mask.view(n, 1, 1, source).expand(-1, num_heads, -1, -1).reshape(n * num_heads, 1, source)
        attn_mask = hidden if attn_mask is None else attn_mask + hidden
    p = dropout_p if training else 0.0

    seen = None
    if need_weights:
        q = q * math.sqrt(1.0 / head_dim)
        k = k.transpose(-2, -1)
        scores = ops.bmm(q, k) if attn_mask is None else ops.baddbmm(attn_mask, q, k)
        seen = scores.softmax(-1)
        if p > 0.0:
            seen = dropout(seen, p)
        out = ops.bmm(seen, v).transpose(0, 1)
    else:
        if attn_mask is not None:
            attn_mask = attn_mask.unsqueeze(0) if attn_mask.size(0) == 1 else attn_mask.view(n, num_heads, -1, source)
        heads = [x.reshape(n, num_heads, x.size(1), head_dim) for x in (q, k, v)]
        out = scaled_dot_product_attention(*heads, attn_mask, p, is_causal).permute(2, 0, 1, 3)
    out = ops.linear(out.reshape(length * n, embed_dim), out_proj_weight, out_proj_bias)
    out = out.view(length, n, out.size(1))
    if seen is not None:
        seen = seen.view(n, num_heads, length, source)
        seen = seen.mean(1) if average_attn_weights else seen
    if not batched:
        return out.squeeze(1), None if seen is None else seen.squeeze(0)
    return out, seen


def additive(mask: Tensor | None, name: str, dtype: Any) -> Tensor | None:
    """A mask as numbers to add."""
    if mask is None or mask.is_floating_point():
        return mask
    if mask.dtype != dtypes.bool_:
        raise AssertionError(f"only bool and floating types of {name} are supported")
    return unseen(mask, dtype, seen=False)


def check_mask(mask: Tensor | None, length: int, source: int, heads: int) -> Tensor | None:
    if mask is None:
        return None
    wanted: dict[int, Any] = {2: (length, source), 3: (heads, length, source)}
    if mask.dim() not in wanted:
        raise RuntimeError(f"attn_mask's dimension {mask.dim()} is not supported")
    if tuple(mask.shape) != wanted[mask.dim()]:
        raise RuntimeError(
            f"The shape of the {mask.dim()}D attn_mask is {mask.shape}, but should be {wanted[mask.dim()]}."
        )
    return mask.unsqueeze(0) if mask.dim() == 2 else mask


def check_dims(query: Tensor, key: Tensor, value: Tensor, padding: Tensor | None, mask: Tensor | None, num_heads: int) -> bool:
    """Whether there is a batch; all must agree about that."""
    dims = query.dim()
    if dims not in (2, 3):
        raise AssertionError(
            f"query should be unbatched 2D or batched 3D tensor but received {dims}-D query tensor"
        )
    kind = "batched" if dims == 3 else "unbatched"
    if key.dim() != dims or value.dim() != dims:
        raise AssertionError(
            f"For {kind} ({dims}-D) `query`, expected `key` and `value` to be {dims}-D but found {key.dim()}-D and {value.dim()}-D "
            "tensors respectively"
        )
    if padding is not None and padding.dim() != dims - 1:
        raise AssertionError(
            f"For {kind} ({dims}-D) `query`, expected `key_padding_mask` to be `None` or {dims - 1}-D but found {padding.dim()}-D "
            "tensor instead"
        )
    if mask is not None and mask.dim() not in (2, 3):
        raise AssertionError(
            f"For {kind} ({dims}-D) `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found {mask.dim()}-D tensor instead"
        )
    return dims == 3
