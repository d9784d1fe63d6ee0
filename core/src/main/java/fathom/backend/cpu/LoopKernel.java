package fathom.backend.cpu;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/// What a fused loop computes for every point of a two-dimensional iteration space (rows ×
/// columns): straight-line instructions in single-assignment order, then outputs.
///
/// A kernel says nothing about sizes, addresses or run-time scalars ([LoopArguments] does), so one
/// compiled kernel serves every shape. Equal kernels are compiled once.
///
/// @param instructions the computation; an operand is the index of an earlier instruction
/// @param inputStrides how each input moves along the columns
/// @param outputs what is kept; at least one, all reductions along the same axis
record LoopKernel(List<Instruction> instructions, List<ColumnStride> inputStrides, List<Output> outputs) {

    /// The most inputs plus outputs of one kernel.
    static final int MAXIMUM_ARRAYS = 32;

    /// The largest [#cost] that a kernel may have. It keeps every emitted method far below the
    /// 8,000 bytes of bytecode beyond which the JVM never compiles it, and the time that compiling
    /// takes, which grows faster than the method, within a second or so.
    static final int MAXIMUM_COST = 160;

    /// How an array moves when the column advances by one.
    enum ColumnStride {
        /// By one element: the fast case.
        CONTIGUOUS,
        /// By one element, and not at all when the row advances: one element per column, as of a bias.
        REPEATED,
        /// Not at all: one element per row.
        BROADCAST,
        /// By a number of elements given at run time; such a kernel runs without vectors.
        STRIDED
    }

    /// One step of the computation.
    sealed interface Instruction {}

    /// Reads the current element of an input. `U8` is unsigned; `BOOL` is 0 or 1 in a byte array;
    /// `F16` and `BF16` live in short arrays and can only be cast.
    record Load(int input, DType type) implements Instruction {}

    /// A run-time scalar: element `index` of [LoopArguments#scalars].
    record Scalar(int index, DType type) implements Instruction {}

    /// An `I32` that is affine in the position: the value number `index` of the coordinates, whose
    /// offset and strides follow those of the arrays in [LoopArguments].
    record Coordinate(int index) implements Instruction {}

    /// A function of one operand.
    record Unary(UnaryOp op, int operand) implements Instruction {}

    /// A function of two operands of one type.
    record Binary(BinaryOp op, int left, int right) implements Instruction {}

    /// `condition ? whenTrue : whenFalse`
    record Select(int condition, int whenTrue, int whenFalse) implements Instruction {}

    /// Conversion: floating to integer truncates and saturates (NaN is 0), integer to integer keeps
    /// the low bits; to `BOOL` is "is not zero".
    record Cast(DType type, int operand) implements Instruction {}

    /// The same bits as the other type of the same width, those of NaN being always the same.
    record BitCast(DType type, int operand) implements Instruction {}

    /// Random bits as `I32`: element `index` (`I32` or `I64`) of the [fathom.ir.Philox] stream with
    /// the `I64` key `seed`, starting at the `I64` block counter `offset`.
    record RandomBits(int seed, int offset, int index) implements Instruction {}

    /// What becomes of a value.
    sealed interface Output {
        /// The instruction whose value is kept.
        int value();
    }

    /// Stores the value of every point. The stride is [ColumnStride#CONTIGUOUS] or
    /// [ColumnStride#STRIDED].
    record Store(int value, ColumnStride stride) implements Output {}

    /// Combines the values of a row: one result per row.
    record ReduceColumns(ReduceOp op, int value) implements Output {}

    /// Combines the values of a column: one result per column, contiguous.
    record ReduceRows(ReduceOp op, int value) implements Output {}

    LoopKernel {
        instructions = List.copyOf(instructions);
        inputStrides = List.copyOf(inputStrides);
        outputs = List.copyOf(outputs);
        check(instructions, inputStrides, outputs);
    }

    /// The type of each instruction's value.
    List<DType> types() {
        return types(instructions);
    }

    /// The type of each input's elements.
    List<DType> inputTypes() {
        var types = new DType[inputStrides.size()];
        for (var instruction : instructions) {
            if (instruction instanceof Load(int input, DType type)) {
                types[input] = type;
            }
        }
        return List.of(types);
    }

    /// How many affine coordinates the kernel uses.
    int coordinates() {
        int count = 0;
        for (var instruction : instructions) {
            if (instruction instanceof Coordinate(int index)) {
                count = Math.max(count, index + 1);
            }
        }
        return count;
    }

    /// Whether any output is a reduction of a row.
    boolean reducesColumns() {
        return outputs.stream().anyMatch(ReduceColumns.class::isInstance);
    }

    /// Whether the inner loop of the vector form goes down the rows, a vector of columns at a time: then what is
    /// repeated is read once for many rows, and short rows, of a few vectors, do not cost as much to begin and to
    /// end as to compute. What is not in a cache is read faster along the rows.
    boolean goesDown() {
        return inputStrides.contains(ColumnStride.REPEATED)
                && coordinates() == 0
                && outputs.stream().allMatch(Store.class::isInstance);
    }

    /// Whether any output is a reduction of a column.
    boolean reducesRows() {
        return outputs.stream().anyMatch(ReduceRows.class::isInstance);
    }

    /// The number of machine-level operations that the kernel expands to; at most [#MAXIMUM_COST].
    int cost() {
        return LoopExpansion.expand(this).cost();
    }

    /// About how many machine-level operations an instruction expands to when its operands have the
    /// given type: an upper bound for deciding how much to fuse, cheaper than [#cost].
    static int costOf(Instruction instruction, DType operands) {
        return switch (instruction) {
            case Unary(UnaryOp op, int _) when operands == DType.F64 && !isCheap(op) -> 16;
            case Unary(UnaryOp op, int _) ->
                switch (op) {
                    case NEGATE, ABS, SQRT, NOT -> 2;
                    case SIGN -> 5;
                    case FLOOR, CEIL, ROUND -> 16;
                    case EXP -> 28;
                    case SIGMOID, LOG, TANH -> 32;
                    case EXPM1, LOG1P, SIN, COS -> 36;
                    case ERF -> 48;
                };
            case Binary(BinaryOp op, int _, int _) ->
                switch (op) {
                    case MODULO -> 28;
                    case MAXIMUM, MINIMUM -> 3;
                    default -> 2;
                };
            case Cast _, BitCast _, RandomBits _ -> 3;
            case Load _, Scalar _, Coordinate _, Select _ -> 1;
        };
    }

    private static boolean isCheap(UnaryOp op) {
        return switch (op) {
            case NEGATE, ABS, SQRT, NOT, SIGN -> true;
            default -> false;
        };
    }

    private static List<DType> types(List<Instruction> instructions) {
        var types = new ArrayList<DType>(instructions.size());
        for (var instruction : instructions) {
            types.add(typeOf(instruction, types));
        }
        return types;
    }

    /// The type of an instruction's value, from the types of earlier ones.
    static DType typeOf(Instruction instruction, List<DType> types) {
        return switch (instruction) {
            case Load load -> load.type();
            case Scalar scalar -> scalar.type();
            case Coordinate _, RandomBits _ -> DType.I32;
            case Unary unary -> types.get(unary.operand());
            case Binary binary -> binary.op().isComparison() ? DType.BOOL : types.get(binary.left());
            case Select select -> types.get(select.whenTrue());
            case Cast cast -> cast.type();
            case BitCast cast -> cast.type();
        };
    }

    private static void check(List<Instruction> instructions, List<ColumnStride> strides, List<Output> outputs) {
        var loaded = new DType[strides.size()];
        for (int i = 0; i < instructions.size(); i++) {
            var instruction = instructions.get(i);
            for (int operand : operands(instruction)) {
                require(operand >= 0 && operand < i, "instruction %d: operand %d", i, operand);
            }
            if (instruction instanceof Load(int input, DType type)) {
                boolean exists = input >= 0 && input < loaded.length;
                boolean agrees = exists && (loaded[input] == null || loaded[input] == type);
                require(agrees, "instruction %d: input %d", i, input);
                loaded[input] = type;
            }
        }
        for (int i = 0; i < loaded.length; i++) {
            require(loaded[i] != null, "input %d of %d is never loaded", i, loaded.length);
        }
        checkTypes(instructions, types(instructions));
        require(!outputs.isEmpty(), "no output among %d instructions", instructions.size(), 0);
        for (var output : outputs) {
            int value = output.value();
            boolean exists = value >= 0 && value < instructions.size();
            require(exists, "output of value %d of %d", value, instructions.size());
            boolean broadcast = output instanceof Store(int _, ColumnStride stride)
                    && (stride == ColumnStride.BROADCAST || stride == ColumnStride.REPEATED);
            require(!broadcast, "value %d cannot be stored with a broadcast stride (instruction %d)", value, value);
        }
        boolean both = outputs.stream().anyMatch(ReduceRows.class::isInstance)
                && outputs.stream().anyMatch(ReduceColumns.class::isInstance);
        require(!both, "reductions along both axes (%d, %d)", 0, 1);
        int arrays = strides.size() + outputs.size();
        require(arrays <= MAXIMUM_ARRAYS, "%d arrays, at most %d are allowed", arrays, MAXIMUM_ARRAYS);
    }

    private static void checkTypes(List<Instruction> instructions, List<DType> types) {
        for (int i = 0; i < instructions.size(); i++) {
            var instruction = instructions.get(i);
            boolean ok = switch (instruction) {
                case Load _, Scalar _, Coordinate _, Cast _ -> true;
                case BitCast(DType type, int operand) -> Op.BitCast.counterpart(type) == types.get(operand);
                case Unary(UnaryOp op, int operand) -> {
                    var type = types.get(operand);
                    yield op == UnaryOp.NOT
                            ? type == DType.BOOL
                            : op.floatingOnly() ? type.isFloating() : type.isNumeric();
                }
                case Binary(BinaryOp op, int left, int right) ->
                    types.get(left) == types.get(right) && accepts(op, types.get(left));
                case Select(int condition, int a, int b) ->
                    types.get(condition) == DType.BOOL && types.get(a) == types.get(b);
                case RandomBits(int seed, int offset, int index) ->
                    types.get(seed) == DType.I64
                            && types.get(offset) == DType.I64
                            && (types.get(index) == DType.I32 || types.get(index) == DType.I64);
            };
            if (!ok) {
                var given = new ArrayList<DType>();
                for (int operand : operands(instruction)) {
                    given.add(types.get(operand));
                }
                throw new IllegalArgumentException(
                        "instruction %d: %s does not take %s".formatted(i, instruction, given));
            }
        }
    }

    private static boolean accepts(BinaryOp op, DType type) {
        return switch (op) {
            case POWER -> type.isFloating();
            case AND, OR, XOR -> type.isInteger() || type == DType.BOOL;
            case SHIFT_RIGHT -> type.isInteger();
            case EQUAL, NOT_EQUAL, MAXIMUM, MINIMUM -> type.isNumeric() || type == DType.BOOL;
            default -> type.isNumeric();
        };
    }

    static int[] operands(Instruction instruction) {
        return switch (instruction) {
            case Load _, Scalar _, Coordinate _ -> new int[0];
            case Unary(var _, int a) -> new int[] {a};
            case Binary(var _, int a, int b) -> new int[] {a, b};
            case Select(int c, int a, int b) -> new int[] {c, a, b};
            case Cast(var _, int a) -> new int[] {a};
            case BitCast(var _, int a) -> new int[] {a};
            case RandomBits(int s, int o, int i) -> new int[] {s, o, i};
        };
    }

    private static void require(boolean condition, String message, int first, int second) {
        if (!condition) {
            throw new IllegalArgumentException("loop kernel: " + message.formatted(first, second));
        }
    }
}
