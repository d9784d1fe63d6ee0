package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.ir.BinaryOp;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A [LoopKernel] expanded to machine-level nodes: the one place that says what an instruction
/// means. Both forms of a loop, vectors and scalars, are spelled from here.
///
/// @param kernel where it comes from
/// @param nodes the operations, operands first
/// @param values the node of each output's value
/// @param outputTypes the type of each output's elements
/// @param needed whether each node contributes to an output
/// @param levels how often each node has to be computed
record LoopExpansion(
        LoopKernel kernel,
        List<LoopNode> nodes,
        List<Integer> values,
        List<DType> outputTypes,
        boolean[] needed,
        Level[] levels) {

    /// How often a value changes.
    enum Level {
        /// The same for the whole call.
        CALL,
        /// For every turn of the outer loop: per row or, where the inner loop goes down, per vector of columns.
        OUTER,
        /// For every element.
        ELEMENT
    }

    static LoopExpansion expand(LoopKernel kernel) {
        var builder = new LoopNode.Builder();
        var types = kernel.types();
        var results = new int[types.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = expand(builder, kernel.instructions().get(i), types, results);
        }
        var values = new ArrayList<Integer>();
        var outputTypes = new ArrayList<DType>();
        for (var output : kernel.outputs()) {
            int value = results[output.value()];
            outputTypes.add(types.get(output.value()));
            boolean reduced = !(output instanceof LoopKernel.Store);
            if (reduced && builder.type(value) == LoopType.BOOL) {
                // Any and all are the greatest and the smallest of 0s and 1s.
                value = builder.select(value, builder.constant(1), builder.constant(0));
            }
            values.add(value);
        }
        var nodes = List.copyOf(builder.nodes());
        return new LoopExpansion(
                kernel,
                nodes,
                values,
                outputTypes,
                needed(nodes, values),
                levels(nodes, kernel.inputStrides(), ColumnStride.BROADCAST));
    }

    /// The same for a nest whose inner loop goes down the rows.
    LoopExpansion down() {
        Level[] down = levels(nodes, kernel.inputStrides(), ColumnStride.REPEATED);
        return new LoopExpansion(kernel, nodes, values, outputTypes, needed, down);
    }

    /// The number of operations that are needed for an element or a row. What is the same for the whole call is
    /// not counted: it is made once and shared.
    int cost() {
        int cost = 0;
        for (int i = 0; i < needed.length; i++) {
            cost += needed[i] && levels[i] != Level.CALL ? 1 : 0;
        }
        return cost;
    }

    /// The operation that combines two partial results.
    static LoopCode combination(ReduceOp op) {
        return switch (op) {
            case SUM -> LoopCode.ADD;
            case PRODUCT -> LoopCode.MULTIPLY;
            case MAX -> LoopCode.MAXIMUM;
            case MIN -> LoopCode.MINIMUM;
        };
    }

    private static boolean[] needed(List<LoopNode> nodes, List<Integer> values) {
        var needed = new boolean[nodes.size()];
        values.forEach(value -> needed[value] = true);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (needed[i]) {
                for (int operand : operands(nodes.get(i))) {
                    needed[operand] = true;
                }
            }
        }
        return needed;
    }

    static int[] operands(LoopNode node) {
        return Arrays.stream(new int[] {node.a(), node.b(), node.c()})
                .filter(i -> i >= 0)
                .toArray();
    }

    /// @param still the inputs that the inner loop does not move
    private static Level[] levels(List<LoopNode> nodes, List<ColumnStride> strides, ColumnStride still) {
        var levels = new Level[nodes.size()];
        for (int i = 0; i < levels.length; i++) {
            var node = nodes.get(i);
            var level = switch (node.code()) {
                case LOAD -> strides.get((int) node.immediate()) == still ? Level.OUTER : Level.ELEMENT;
                case COORDINATE, RANDOM -> Level.ELEMENT;
                default -> Level.CALL;
            };
            for (int operand : operands(node)) {
                if (levels[operand].compareTo(level) > 0) {
                    level = levels[operand];
                }
            }
            levels[i] = level;
        }
        return levels;
    }

    private static int expand(LoopNode.Builder g, LoopKernel.Instruction instruction, List<DType> types, int[] at) {
        return switch (instruction) {
            case LoopKernel.Load(int input, DType type) -> g.leaf(LoopCode.LOAD, LoopType.of(type), input);
            case LoopKernel.Scalar(int index, DType type) -> g.leaf(LoopCode.SCALAR, LoopType.of(type), index);
            case LoopKernel.Coordinate(int index) -> g.leaf(LoopCode.COORDINATE, LoopType.I32, index);
            case LoopKernel.Unary(UnaryOp op, int a) -> unary(g, op, types.get(a), at[a]);
            case LoopKernel.Binary(BinaryOp op, int a, int b) -> binary(g, op, types.get(a), at[a], at[b]);
            case LoopKernel.Select(int condition, int a, int b) -> g.select(at[condition], at[a], at[b]);
            case LoopKernel.Cast(DType to, int a) -> cast(g, types.get(a), to, at[a]);
            case LoopKernel.BitCast(DType to, int a) -> bits(g, LoopType.of(to), at[a]);
            case LoopKernel.RandomBits(int seed, int offset, int index) ->
                g.add(LoopCode.RANDOM, LoopType.I32, at[seed], at[offset], g.convert(LoopType.I64, at[index]), 0);
        };
    }

    /// Forms of a loop may make different NaNs, which must not show.
    private static int bits(LoopNode.Builder g, LoopType to, int x) {
        if (to.isFloating()) {
            return g.bits(to, x);
        }
        long nan = to == LoopType.I32 ? Float.floatToIntBits(Float.NaN) : Double.doubleToLongBits(Double.NaN);
        int isNaN = g.compare(LoopCode.NOT_EQUAL, x, x);
        return g.select(isNaN, g.leaf(LoopCode.CONSTANT, to, nan), g.bits(to, x));
    }

    private static int unary(LoopNode.Builder g, UnaryOp op, DType type, int x) {
        return switch (op) {
            case NEGATE -> wrap(g, type, g.unary(LoopCode.NEGATE, x));
            case ABS -> type == DType.U8 ? x : g.unary(LoopCode.ABS, x);
            case SIGN -> MathRounding.sign(g, x);
            case SQRT -> g.unary(LoopCode.SQRT, x);
            case FLOOR -> MathRounding.floor(g, x);
            case CEIL -> MathRounding.ceil(g, x);
            case ROUND -> MathRounding.round(g, x);
            case NOT -> g.unary(LoopCode.NOT, x);
            default -> type == DType.F32 ? transcendental(g, op, x) : transcendentalF64(g, op, x);
        };
    }

    private static int transcendental(LoopNode.Builder g, UnaryOp op, int x) {
        return switch (op) {
            case EXP -> MathExponential.exp(g, x);
            case LOG -> MathExponential.log(g, x);
            case EXPM1 -> MathExponential.expm1(g, x);
            case LOG1P -> MathExponential.log1p(g, x);
            case SIN -> MathTrigonometry.sin(g, x);
            case COS -> MathTrigonometry.cos(g, x);
            case TANH -> MathExponential.tanh(g, x);
            case ERF -> MathErf.erf(g, x);
            case SIGMOID -> MathExponential.sigmoid(g, x);
            default -> throw new IllegalArgumentException("not transcendental: " + op);
        };
    }

    private static int transcendentalF64(LoopNode.Builder g, UnaryOp op, int x) {
        return switch (op) {
            case SIGMOID -> {
                int one = g.constant(LoopType.F64, 1);
                int e = g.call(LoopCall.EXP, g.unary(LoopCode.NEGATE, g.unary(LoopCode.ABS, x)));
                int negative = g.compare(LoopCode.LESS, x, g.constant(LoopType.F64, 0));
                yield g.binary(LoopCode.DIVIDE, g.select(negative, e, one), g.sum(e, one));
            }
            default -> g.call(LoopCall.valueOf(op.name()), x);
        };
    }

    private static int binary(LoopNode.Builder g, BinaryOp op, DType type, int x, int y) {
        boolean bool = type == DType.BOOL;
        boolean wide = type == DType.I64;
        return switch (op) {
            case ADD -> wrap(g, type, g.sum(x, y));
            case SUBTRACT -> wrap(g, type, g.difference(x, y));
            case MULTIPLY -> wrap(g, type, g.product(x, y));
            case DIVIDE ->
                type.isFloating()
                        ? g.binary(LoopCode.DIVIDE, x, y)
                        : g.call(wide ? LoopCall.DIVIDE_LONG : LoopCall.DIVIDE_INT, x, y);
            case MODULO ->
                type.isFloating()
                        ? MathRounding.modulo(g, x, y)
                        : g.call(wide ? LoopCall.MODULO_LONG : LoopCall.MODULO_INT, x, y);
            case POWER -> g.call(type == DType.F32 ? LoopCall.POWER_FLOAT : LoopCall.POWER, x, y);
            case MAXIMUM ->
                MathBounds.fits(g, x, y)
                        ? MathBounds.maximum(g, x, y)
                        : g.binary(bool ? LoopCode.OR : LoopCode.MAXIMUM, x, y);
            case MINIMUM ->
                MathBounds.fits(g, x, y)
                        ? MathBounds.minimum(g, x, y)
                        : g.binary(bool ? LoopCode.AND : LoopCode.MINIMUM, x, y);
            case LESS -> g.compare(LoopCode.LESS, x, y);
            case LESS_EQUAL -> g.compare(LoopCode.LESS_EQUAL, x, y);
            case EQUAL -> bool ? g.unary(LoopCode.NOT, g.binary(LoopCode.XOR, x, y)) : g.compare(LoopCode.EQUAL, x, y);
            case NOT_EQUAL -> bool ? g.binary(LoopCode.XOR, x, y) : g.compare(LoopCode.NOT_EQUAL, x, y);
            case AND -> g.binary(LoopCode.AND, x, y);
            case OR -> g.binary(LoopCode.OR, x, y);
            case XOR -> g.binary(LoopCode.XOR, x, y);
            case SHIFT_RIGHT -> g.binary(LoopCode.SHIFT_RIGHT, x, y);
        };
    }

    /// The low eight bits where the type is `U8`.
    private static int wrap(LoopNode.Builder g, DType type, int x) {
        return type == DType.U8 ? g.binary(LoopCode.AND, x, g.constant(0xFF)) : x;
    }

    private static int cast(LoopNode.Builder g, DType from, DType to, int x) {
        if (from == to) {
            return x;
        }
        if (from.isHalf()) {
            int wide = g.call(from == DType.F16 ? LoopCall.HALF_TO_FLOAT : LoopCall.BFLOAT_TO_FLOAT, x);
            return cast(g, DType.F32, to, wide);
        }
        if (to.isHalf()) {
            return g.call(
                    to == DType.F16 ? LoopCall.FLOAT_TO_HALF : LoopCall.FLOAT_TO_BFLOAT, cast(g, from, DType.F32, x));
        }
        var type = LoopType.of(to);
        if (from == DType.BOOL) {
            return g.select(x, g.constant(type, 1), g.constant(type, 0));
        }
        if (to == DType.BOOL) {
            return g.compare(LoopCode.NOT_EQUAL, x, g.constant(g.type(x), 0));
        }
        int converted = g.convert(type, x);
        if (to == DType.U8 && from.isFloating()) {
            int low = g.binary(LoopCode.MAXIMUM, converted, g.constant(0));
            return g.binary(LoopCode.MINIMUM, low, g.constant(0xFF));
        }
        return wrap(g, to, converted);
    }
}
