"""Numbers side by side, for compiled functions: the processor's vector instructions by hand.

The compiler turns loops over arrays into vector instructions only where it can tell that the
arrays do not overlap, which it often cannot. Here the vectors are written out: `load` some numbers
of an array, compute with `+`, `-`, `*` and `/` as with a single number, and `store` them. Each
number is computed as it would be alone, on machines with wide vectors and with narrow ones alike.
"""

from __future__ import annotations

import operator
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.extending import intrinsic, lower_builtin, register_model, type_callable
from numba.np.arrayobj import make_array


class Vector(types.Type):
    """So many float32 side by side."""

    def __init__(self, width: int) -> None:
        super().__init__(f"Vector({width})")
        self.width = width


@register_model(Vector)
class VectorModel(models.PrimitiveModel):
    """How a vector is held: in a vector register, or in as many as it takes."""

    def __init__(self, manager: Any, kind: Vector) -> None:
        base: Any = super()
        base.__init__(manager, kind, ir.VectorType(ir.FloatType(), kind.width))


def _instruction(definition: Any) -> Any:
    """Lets compiled functions call what the definition generates."""
    return intrinsic(definition)


def _address(context: Any, builder: Any, kind: Any, array: Any, indices: Any, width: int) -> Any:
    """Where an array's element is, as the address of a vector that begins with it."""
    make, tools = cast(Any, make_array), cast(Any, cgutils)  # They have no types.
    made = make(kind)(context, builder, array)
    shape = tools.unpack_tuple(builder, made.shape)
    strides = tools.unpack_tuple(builder, made.strides)
    pointer = tools.get_item_pointer2(
        context, builder, made.data, shape, strides, kind.layout, indices, wraparound=False
    )
    return builder.bitcast(pointer, ir.VectorType(ir.FloatType(), width).as_pointer())


def _indices(context: Any, builder: Any, values: Any, kinds: Any) -> list[Any]:
    pairs = zip(values, kinds, strict=True)
    return [context.cast(builder, value, kind, types.intp) for value, kind in pairs]


@_instruction
def load(typing: Any, width: Any, array: Any, row: Any, column: Any) -> Any:
    """The `width` numbers of a two-dimensional array from (row, column) on.

    They must stand side by side there; `width` must be written as a number.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = signature.args
        indices = _indices(context, builder, arguments[2:], kinds[2:])
        width = signature.return_type.width
        address = _address(context, builder, kinds[1], arguments[1], indices, width)
        return builder.load(address, align=4)

    if not isinstance(width, types.IntegerLiteral):
        return None
    return Vector(width.literal_value)(width, array, row, column), generate


@_instruction
def store(typing: Any, array: Any, row: Any, column: Any, vector: Any) -> Any:
    """Writes a vector into a two-dimensional array, from (row, column) on."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kinds = signature.args
        indices = _indices(context, builder, arguments[1:3], kinds[1:3])
        address = _address(context, builder, kinds[0], arguments[0], indices, kinds[3].width)
        builder.store(arguments[3], address, align=4)
        return context.get_dummy_value()

    return types.void(array, row, column, vector), generate


def _spread(builder: Any, number: Any, width: int) -> Any:
    """A vector of one number everywhere."""
    undefined = ir.Constant(ir.VectorType(ir.FloatType(), width), ir.Undefined)
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    first = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, undefined, zeros)


@_instruction
def fill(typing: Any, width: Any, number: Any) -> Any:
    """A vector of one number everywhere; `width` must be written as a number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = context.cast(builder, arguments[1], signature.args[1], types.float32)
        return _spread(builder, number, signature.return_type.width)

    if not isinstance(width, types.IntegerLiteral):
        return None
    return Vector(width.literal_value)(width, number), generate


@_instruction
def clamp(typing: Any, vector: Any, low: Any, high: Any) -> Any:
    """A vector with what is below `low` or above `high` put there; nan stays nan."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, *bounds = arguments
        width = signature.args[0].width
        for sign, bound in zip("<>", bounds, strict=True):
            limit = _spread(builder, bound, width)
            vector = builder.select(builder.fcmp_ordered(sign, vector, limit), limit, vector)
        return vector

    return vector(vector, types.float32, types.float32), generate


def _define(operation: Any, instruction: str) -> None:
    """Lets an operator take two vectors, or a vector and a float32."""

    def typed(context: Any) -> Any:
        def typer(first: Any, second: Any) -> Any:
            vectors = [kind for kind in (first, second) if isinstance(kind, Vector)]
            fits = all(kind in (*vectors, types.float32) for kind in (first, second))
            return vectors[0] if vectors and fits and len(set(vectors)) == 1 else None

        return typer

    cast(Any, type_callable)(operation)(typed)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        width = signature.return_type.width
        pairs = zip(arguments, signature.args, strict=True)
        both = [v if isinstance(k, Vector) else _spread(builder, v, width) for v, k in pairs]
        return getattr(builder, instruction)(*both)

    for kinds in ((Vector, Vector), (Vector, types.Float), (types.Float, Vector)):
        cast(Any, lower_builtin)(operation, *kinds)(generate)


for _operation, _opcode in (
    (operator.add, "fadd"),
    (operator.iadd, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define(_operation, _opcode)
