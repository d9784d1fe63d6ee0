package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.BitCast;
import fathom.backend.cpu.LoopKernel.Cast;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Coordinate;
import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.Output;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Scalar;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Random kernels: every form of a kernel yields the same bits.
class LoopFormsTest {
    private static final int[] COLUMNS = {1, 5, 8, 15, 19, 40, 67};

    @Test
    void randomKernelsAgreeInAllForms() {
        int vectors = 0;
        for (int seed = 0; seed < 160; seed++) {
            var random = new Random(seed);
            var kernel = kernel(random);
            int rows = 1 + random.nextInt(4);
            int columns = COLUMNS[random.nextInt(COLUMNS.length)];
            long[] scalars = {LoopArguments.encode(DType.F32, random.nextGaussian())};
            var start = LoopFixture.arguments(kernel, rows, columns, scalars, random);
            var expected = LoopFixture.copy(start);
            LoopFixture.run(kernel, VectorSupport.SCALAR, expected, rows, columns);
            for (int bits : seed % 8 == 0 ? LoopFixture.ALL_WIDTHS : LoopFixture.WIDTHS) {
                var actual = LoopFixture.copy(start);
                LoopFixture.run(kernel, bits, actual, rows, columns);
                for (int k = 0; k < actual.arrays().length; k++) {
                    LoopFixture.assertSameBits(actual.arrays()[k], expected.arrays()[k], kernel, bits);
                }
                if (LoopEmitter.hasVectorForm(LoopExpansion.expand(kernel), bits)) {
                    vectors++;
                }
            }
        }
        assertThat(vectors).isGreaterThan(VectorSupport.available() ? 50 : -1);
    }

    @Test
    void coldAndWarmCallsAgree() {
        for (int seed = 300; seed < 303; seed++) {
            var random = new Random(seed);
            var kernel = kernel(random);
            long[] scalars = {LoopArguments.encode(DType.F32, 0.25)};
            var start = LoopFixture.arguments(kernel, 50, 37, scalars, random);
            var expected = LoopFixture.copy(start);
            LoopFixture.run(kernel, VectorSupport.SCALAR, expected, 50, 37);
            var body = new LoopCompiler(VectorSupport.preferredBits()).compile(kernel);
            for (int call = 0; call < 60; call++) {
                var actual = LoopFixture.copy(start);
                body.run(actual, 50, 37);
                for (int k = 0; k < actual.arrays().length; k++) {
                    LoopFixture.assertSameBits(actual.arrays()[k], expected.arrays()[k], kernel, call);
                }
            }
        }
    }

    @Test
    void loopsDownTheRowsAgreeWithThoseAlongThem() {
        var kernel = new LoopKernel(
                List.of(
                        new Load(0, DType.F32),
                        new Load(1, DType.F32),
                        new Load(2, DType.F32),
                        new Binary(BinaryOp.MULTIPLY, 0, 1),
                        new Binary(BinaryOp.ADD, 3, 2)),
                List.of(ColumnStride.CONTIGUOUS, ColumnStride.REPEATED, ColumnStride.BROADCAST),
                List.of(new Store(4, ColumnStride.CONTIGUOUS), new Store(3, ColumnStride.CONTIGUOUS)));
        assertThat(kernel.goesDown()).isTrue();
        // More rows than a block has, and columns that are no vector, half of one, one and a half, and many.
        for (int columns : new int[] {3, 8, 16, 24, 88, 250}) {
            LoopFixture.check(kernel, 700, columns, new long[0], 0, new Random(columns));
        }
    }

    @Test
    void equalKernelsAreCompiledOnce() {
        var compiler = new LoopCompiler(VectorSupport.preferredBits());
        assertThat(compiler.compile(kernel(new Random(1))))
                .isSameAs(compiler.compile(kernel(new Random(1))))
                .isNotSameAs(compiler.compile(kernel(new Random(2))));
    }

    /// A random kernel of F32, I32 and BOOL values.
    private static LoopKernel kernel(Random random) {
        var instructions = new ArrayList<Instruction>();
        var types = new ArrayList<DType>();
        var loads = new DType[] {DType.F32, DType.F32, DType.I32, DType.BOOL, DType.U8};
        var strides = new ArrayList<ColumnStride>();
        for (int i = 0; i < loads.length; i++) {
            instructions.add(new Load(i, loads[i]));
            strides.add(
                    switch (random.nextInt(6)) {
                        case 0, 1 -> ColumnStride.BROADCAST;
                        case 2, 3 -> ColumnStride.REPEATED;
                        default -> ColumnStride.CONTIGUOUS;
                    });
        }
        instructions.add(new Scalar(0, DType.F32));
        instructions.add(random.nextBoolean() ? new Coordinate(0) : new Cast(DType.I32, 0));
        int length = instructions.size() + 3 + random.nextInt(8);
        while (instructions.size() < length) {
            types.clear();
            types.addAll(typesOf(instructions));
            var next = candidate(instructions.size(), types, random);
            if (next != null) {
                instructions.add(next);
            }
        }
        types.clear();
        types.addAll(typesOf(instructions));
        var outputs = new ArrayList<Output>();
        int kind = random.nextInt(3);
        for (int i = 0; i < 2; i++) {
            int value = length - 1 - i;
            var op = ReduceOp.values()[random.nextInt(4)];
            if (types.get(value) == DType.BOOL) {
                op = random.nextBoolean() ? ReduceOp.MAX : ReduceOp.MIN;
            }
            outputs.add(
                    kind == 0 || i == 1
                            ? new Store(value, ColumnStride.CONTIGUOUS)
                            : kind == 1 ? new ReduceColumns(op, value) : new ReduceRows(op, value));
        }
        return new LoopKernel(instructions, strides, outputs);
    }

    private static List<DType> typesOf(List<Instruction> instructions) {
        var strides = new ArrayList<ColumnStride>();
        for (int i = 0; i < 5; i++) {
            strides.add(ColumnStride.CONTIGUOUS);
        }
        return new LoopKernel(instructions, strides, List.of(new Store(0, ColumnStride.CONTIGUOUS))).types();
    }

    /// A random instruction, null if its operands do not fit.
    private static @Nullable Instruction candidate(int size, List<DType> types, Random random) {
        int a = random.nextInt(size);
        int b = random.nextInt(size);
        int c = random.nextInt(size);
        var type = types.get(a);
        return switch (random.nextInt(4)) {
            case 0 -> {
                var op = UnaryOp.values()[random.nextInt(UnaryOp.values().length)];
                boolean fits = op == UnaryOp.NOT ? type == DType.BOOL : type == DType.F32;
                if (!fits) {
                    yield null;
                }
                yield new Unary(op, a);
            }
            case 1 -> {
                var op = BinaryOp.values()[random.nextInt(BinaryOp.values().length)];
                boolean fits = switch (op) {
                    case POWER -> false;
                    case DIVIDE, MODULO -> type == DType.F32;
                    case AND, OR, XOR -> type != DType.F32;
                    case SHIFT_RIGHT -> type == DType.I32;
                    case EQUAL, NOT_EQUAL, MAXIMUM, MINIMUM -> true;
                    default -> type != DType.BOOL;
                };
                if (!fits || types.get(b) != type) {
                    yield null;
                }
                yield new Binary(op, a, b);
            }
            case 2 -> {
                if (type != DType.BOOL || types.get(b) != types.get(c)) {
                    yield null;
                }
                yield new Select(a, b, c);
            }
            default -> {
                DType counterpart = type == DType.I32 ? DType.F32 : type == DType.F32 ? DType.I32 : null;
                if (counterpart != null && random.nextInt(3) == 0) {
                    yield new BitCast(counterpart, a);
                }
                DType[] to = {DType.F32, DType.I32, DType.BOOL, DType.U8};
                yield new Cast(to[random.nextInt(4)], a);
            }
        };
    }
}
