"""einsum and tensordot beside PyTorch: ops/contraction.py."""
from __future__ import annotations

from beside import beside, draw, program, table

X, Y, Z = draw(2, 3, 4), draw(2, 4, 5, seed=2), draw(4, seed=3)
EINSUM = """
t.einsum('bij,bjk->bik', x, y)
t.einsum('bij,bjk', x, y)
t.einsum('bij,bjk->', x, y)
t.einsum('bij,bjk->ki', x, y)
t.einsum('ijk->kji', x)
t.einsum('kji', x)
t.einsum('ijk->ik', x)
t.einsum('ijk->', x)
t.einsum('ijk', x)
t.einsum('ii->i', x[:, :2, 0])
t.einsum('ii', x[:, :2, 0])
t.einsum('iji->j', x[:, :, :2])
t.einsum('ijk,k->ij', x, z)
t.einsum('ijk,k->ijk', x, z)
t.einsum('i,j->ij', z, x[0, 0])
t.einsum('i,i->', z, x[0, 0])
t.einsum('i,i', z, z)
t.einsum('...ij,...jk->...ik', x, y)
t.einsum('...ij,jk->...ik', x, y[0])
t.einsum('i...->...', x)
t.einsum('...i->i', x)
t.einsum('...', x)
t.einsum('i...,j...->ij...', x[0], x[1, :2])
t.einsum('...,...->...', x, z)
t.einsum('...i,...i->', x, x)
t.einsum('i->i...', z)
t.einsum('bij, bjk -> bik', [x, y])
t.einsum('bij,bjk,j->ik', x, y, z)
t.einsum('bn,anm,bm->ba', x[0, :, :2].mT, x.mT[..., [0, 1, 2, 0]].mT[:, :2], y[:, 0, :4])
t.einsum('aB,Bc->ac', x[0], y[0])
t.einsum('ij,ij->ij', x[0], x[0, :1])
t.einsum('ij,ij->j', x[0], x[0, :1])
t.einsum('', x[0, 0, 0])
t.einsum(',->', x[0, 0, 0], z[0])
t.einsum(',i->i', x[0, 0, 0], z)
t.einsum('ijk,ljk->il', x, x)
t.einsum('ijk,jl,kl->il', x, x[0], x[1, :, :].mT @ x[0])
"""
TENSORDOT = """
t.tensordot(x, y, 1)
t.tensordot(x.mT, x, ([1], [2]))
t.tensordot(x, y, ([0, 2], [0, 1]))
t.tensordot(x, x, 3)
t.tensordot(x, z, 1)
t.tensordot(x, z, 0)
t.tensordot(x, x, dims=((0, -1), (0, 2)))
t.tensordot(x, y.mT, dims=([-1], [-1]))
t.tensordot(x[:, :, :1], z, dims=([2], [0]))
"""
ERRORS = """
t.einsum('bij,bjk->bik', x)
t.einsum('ij->ik', x[0])
t.einsum('ij->ij', x, y)
t.einsum('ij,jk->ik', x[0], x[1])
t.einsum('ijk->ik', x[0])
t.einsum('i->i', x)
t.einsum('i...->...', z[0])
t.einsum('i1->i', x[0])
t.einsum('i.j->ij', x[0])
t.einsum('ij->ii', x[0])
t.einsum('ii->i', x[0])
t.einsum('i', 5)
t.einsum(5, x)
t.einsum('i')
t.einsum('ij,jk->ik', x[0], y[0].float())
t.tensordot(x, y, 2)
t.tensordot(x, y, -1)
t.tensordot(x, y, 4)
t.tensordot(x, y, ([1, 0], [0]))
t.tensordot(x, y, ([1], [5]))
"""


@table(EINSUM + TENSORDOT)
def test_program(source):
    beside(program(source), X, Y, Z, tier="T3")


@table(EINSUM + TENSORDOT)
def test_integers(source):
    beside(program(source), *[a.round().astype("int64") for a in (X, Y, Z)])


@table(ERRORS)
def test_error(source):
    beside(program(source), X, Y, Z)
