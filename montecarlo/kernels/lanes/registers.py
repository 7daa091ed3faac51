"""Vector code for bits of rows and spins, in LLVM's own language.

What is recognised as one instruction of a processor stands here; `montecarlo.kernels.lanes.signs`
says what it is for.  Arrays are C-ordered, and every function is right on every processor.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .vectors import splat

__all__ = [
    "GROUP",
    "ROWS",
    "SITES",
    "TILE",
    "look_up_one",
    "look_up_tile",
    "overlaps_of_four",
    "overlaps_of_one",
    "sign_word",
    "tabulate",
]

GROUP = 5  # rows looked up together
PATTERNS = 1 << GROUP
TILE = 8  # chains that share the bits they load
SITES = 64  # spins of a word
ROWS = 16  # rows whose overlaps are counted together
_REGISTER = 512
_BIT, _BYTE, _INT32, _INT64 = (ir.IntType(width) for width in (1, 8, 32, 64))


class _Code:
    """The instructions that the intrinsics share."""

    def __init__(self, context, builder):
        self.context, self.builder = context, builder

    def number(self, value):
        return ir.Constant(_INT64, value)

    def lanes(self, values, kind):
        values = list(values)
        return ir.Constant(ir.VectorType(kind, len(values)), values)

    def splat(self, value, lanes):
        """Return a vector with `value` in every lane."""
        return splat(self.builder, value, ir.VectorType(value.type, lanes))

    def pointer(self, kind, array, row, column, target):
        """Return a pointer of type `target` to array[row, column]."""
        builder = self.builder
        made = self.context.make_array(kind)(self.context, builder, array)
        row_bytes = cgutils.unpack_tuple(builder, made.strides)[0]
        address = builder.ptrtoint(made.data, _INT64)
        address = builder.add(address, builder.mul(row_bytes, row))
        offset = builder.mul(self.number(kind.dtype.bitwidth // 8), column)
        return builder.inttoptr(builder.add(address, offset), target.as_pointer())

    def next(self, pointer, k=1):
        """Return the pointer k places on."""
        return self.builder.gep(pointer, [self.number(k)])

    def permuted(self, table, index):
        """Return table[index] lane by lane: LLVM knows it as a permutation of a register."""
        result = ir.Constant(table.type, ir.Undefined)
        for lane in range(index.type.count):
            at = ir.Constant(_INT32, lane)
            entry = self.builder.extract_element(table, self.builder.extract_element(index, at))
            result = self.builder.insert_element(result, entry, at)
        return result


@intrinsic
def sign_word(typingctx, spins, chain, site):
    """Bits of the positive ones among spins[chain, site : site + 64] (floats)."""
    signature = types.uint64(spins, types.intp, types.intp)

    def codegen(context, builder, signature, args):
        code = _Code(context, builder)
        vector = ir.VectorType(context.get_value_type(spins.dtype), SITES)
        pointer = code.pointer(spins, *args, vector)
        values = builder.load(pointer, align=spins.dtype.bitwidth // 8)
        positive = builder.fcmp_ordered(">", values, ir.Constant(vector, None))
        return builder.bitcast(positive, _INT64)

    return signature, codegen


def _overlaps_of(n_chains):
    @intrinsic
    def overlaps_of(typingctx, words, row, spin_words, chain, n_spins, out, slot, column):
        """Fill out[slot..., column : column + 16] with the overlaps of the rows from `row` on.

        Words are (n_words, n_rows), those of the spins (c, n_words), both uint64; out int32.
        """
        intp = types.intp
        signature = types.void(words, intp, spin_words, intp, intp, out, intp, intp)

        def codegen(context, builder, signature, args):
            code = _Code(context, builder)
            words_array, row, spin_array, chain, n_spins, out_array, slot, column = args
            vector, narrow = (ir.VectorType(kind, 8) for kind in (_INT64, _INT32))
            count = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(vector, [vector]), "llvm.ctpop.v8i64"
            )
            made = context.make_array(words)(context, builder, words_array)
            n_words = cgutils.unpack_tuple(builder, made.shape)[0]
            parts = range(ROWS // 8)
            chains = [builder.add(chain, code.number(c)) for c in range(n_chains)]
            zero = ir.Constant(vector, None)
            totals = [[cgutils.alloca_once_value(builder, zero) for _ in parts] for _ in chains]
            with cgutils.for_range(builder, n_words, intp=_INT64) as loop:
                pointer = code.pointer(words, words_array, loop.index, row, vector)
                rows = [builder.load(code.next(pointer, part), align=8) for part in parts]
                for c, of_chain in zip(chains, totals, strict=True):
                    word = code.pointer(spin_words, spin_array, c, loop.index, _INT64)
                    spin = code.splat(builder.load(word), 8)
                    for bits, total in zip(rows, of_chain, strict=True):
                        apart = builder.call(count, [builder.xor(bits, spin)])
                        builder.store(builder.add(builder.load(total), apart), total)
            size = code.splat(builder.trunc(n_spins, _INT32), 8)
            for c, of_chain in enumerate(totals):
                at = builder.add(slot, code.number(c))
                pointer = code.pointer(out, out_array, at, column, narrow)
                for part, total in enumerate(of_chain):
                    apart = builder.trunc(builder.load(total), narrow)
                    overlap = builder.sub(size, builder.add(apart, apart))
                    builder.store(overlap, code.next(pointer, part), align=4)
            return context.get_dummy_value()

        return signature, codegen

    return overlaps_of


@intrinsic
def tabulate(typingctx, values, chain, column, tables, at):
    """Fill tables[at] with the 32 signed sums of values[chain, column : column + 5].

    Entry b has value k with a plus where bit k of b is set.  Values are int32, tables
    (n, 32) int16 or int32, in the arithmetic of two's complement.
    """
    signature = types.void(values, types.intp, types.intp, tables, types.intp)

    def codegen(context, builder, signature, args):
        code = _Code(context, builder)
        kind = context.get_value_type(tables.dtype)
        vector = ir.VectorType(kind, PATTERNS)
        pointer = code.pointer(values, *args[:3], _INT32)
        total = ir.Constant(vector, None)
        for k in range(GROUP):
            value = builder.load(code.next(pointer, k))
            value = builder.trunc(value, kind) if kind.width < 32 else value
            plus, minus = (code.splat(x, PATTERNS) for x in (value, builder.neg(value)))
            chosen = code.lanes(((b >> k) & 1 for b in range(PATTERNS)), _BIT)
            total = builder.add(total, builder.select(chosen, plus, minus))
        target = code.pointer(tables, args[3], args[4], code.number(0), vector)
        builder.store(total, target, align=kind.width // 8)
        return context.get_dummy_value()

    return signature, codegen


def _look_up_of(n_chains):
    @intrinsic
    def look_up_of(typingctx, groups, group, n_groups, site, tables, slot, sums, chain):
        """Add what the tables hold for 64 spins from `site` on to sums[chain...].

        The table of the k-th group and the j-th chain is tables[TILE k + slot + j]; groups
        are (n_groups, n_spins) uint8, patterns below 32; sums are as wide as the tables or
        wider.
        """
        intp = types.intp
        signature = types.void(groups, intp, intp, intp, tables, intp, sums, intp)

        def codegen(context, builder, signature, args):
            code = _Code(context, builder)
            groups_array, group, n_groups, site, tables_array, slot, sums_array, chain = args
            kind, wide = (context.get_value_type(x.dtype) for x in (tables, sums))
            lanes = _REGISTER // kind.width
            vector = ir.VectorType(kind, lanes)
            octets, widened = ir.VectorType(_BYTE, lanes), ir.VectorType(wide, lanes)
            zero = ir.Constant(vector, None)
            parts = range(2)
            chains = [builder.add(chain, code.number(c)) for c in range(n_chains)]
            for start in range(0, SITES, 2 * lanes):
                here = builder.add(site, code.number(start))
                totals = [[cgutils.alloca_once(builder, vector) for _ in parts] for _ in chains]
                for total in (total for of_chain in totals for total in of_chain):
                    builder.store(zero, total)
                with cgutils.for_range(builder, n_groups, intp=_INT64) as loop:
                    row = builder.add(group, loop.index)
                    pointer = code.pointer(groups, groups_array, row, here, octets)
                    patterns = [builder.load(code.next(pointer, part), align=1) for part in parts]
                    patterns = [builder.zext(pattern, vector) for pattern in patterns]
                    first = builder.add(builder.mul(loop.index, code.number(TILE)), slot)
                    for c, of_chain in enumerate(totals):
                        at = builder.add(first, code.number(c))
                        entry = code.pointer(tables, tables_array, at, code.number(0), vector)
                        registers = [
                            builder.load(code.next(entry, part), align=kind.width // 8)
                            for part in range(PATTERNS // lanes)
                        ]
                        for pattern, total in zip(patterns, of_chain, strict=True):
                            found = _entries(code, registers, pattern)
                            builder.store(builder.add(builder.load(total), found), total)
                for c, of_chain in zip(chains, totals, strict=True):
                    pointer = code.pointer(sums, sums_array, c, here, widened)
                    for part, total in enumerate(of_chain):
                        place = code.next(pointer, part)
                        found = builder.load(total)
                        found = builder.sext(found, widened) if kind.width < wide.width else found
                        before = builder.load(place, align=wide.width // 8)
                        builder.store(builder.add(before, found), place, align=wide.width // 8)
            return context.get_dummy_value()

        return signature, codegen

    return look_up_of


def _entries(code, registers, pattern):
    """Look patterns up in a table of one or two registers."""
    if len(registers) == 1:
        return code.permuted(registers[0], pattern)
    builder, lanes, kind = code.builder, pattern.type.count, pattern.type.element
    within = builder.and_(pattern, code.lanes([lanes - 1] * lanes, kind))
    beyond = builder.and_(pattern, code.lanes([lanes] * lanes, kind))
    upper = builder.icmp_unsigned("!=", beyond, ir.Constant(pattern.type, None))
    low, high = (code.permuted(register, within) for register in registers)
    return builder.select(upper, high, low)


overlaps_of_four, overlaps_of_one = _overlaps_of(4), _overlaps_of(1)
look_up_tile, look_up_one = _look_up_of(TILE), _look_up_of(1)
