package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.BitCast;
import fathom.backend.cpu.LoopKernel.Cast;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Coordinate;
import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.RandomBits;
import fathom.backend.cpu.LoopKernel.Scalar;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every instruction on every type, layout and length, at every vector width.
class LoopElementwiseTest {
    private static final int[] COLUMNS = {0, 1, 2, 7, 8, 9, 31, 33, 100};
    private static final int[] FEW_COLUMNS = {1, 9, 33};
    private static final DType[] ARITHMETIC = {DType.F32, DType.F64, DType.I32, DType.I64, DType.U8, DType.BOOL};
    private final Random random = new Random(7);

    @ParameterizedTest
    @EnumSource
    void unary(UnaryOp op) {
        for (var type : ARITHMETIC) {
            boolean accepted =
                    op == UnaryOp.NOT ? type == DType.BOOL : op.floatingOnly() ? type.isFloating() : type.isNumeric();
            if (accepted) {
                check(List.of(new Load(0, type), new Unary(op, 0)), tolerance(op));
            }
        }
    }

    private static double tolerance(UnaryOp op) {
        return switch (op) {
            case NEGATE, ABS, SIGN, SQRT, FLOOR, CEIL, ROUND, NOT -> 0;
            default -> 3.5;
        };
    }

    @ParameterizedTest
    @EnumSource
    void binary(BinaryOp op) {
        for (var type : ARITHMETIC) {
            boolean accepted = switch (op) {
                case POWER -> type.isFloating();
                case AND, OR, XOR -> type.isInteger() || type == DType.BOOL;
                case SHIFT_RIGHT -> type.isInteger();
                case EQUAL, NOT_EQUAL, MAXIMUM, MINIMUM -> true;
                default -> type.isNumeric();
            };
            if (accepted) {
                // The evaluator's remainder of floats comes from doubles.
                boolean approximate = op == BinaryOp.MODULO && type == DType.F32;
                if (!approximate) {
                    check(List.of(new Load(0, type), new Load(1, type), new Binary(op, 0, 1)), 0);
                }
            }
        }
    }

    /// What is special about the scalar is settled before the loop.
    @ParameterizedTest
    @EnumSource(names = {"MAXIMUM", "MINIMUM"})
    void boundedByScalars(BinaryOp op) {
        for (var type : List.of(DType.F32, DType.F64)) {
            var kernel = new LoopKernel(
                    List.of(new Load(0, type), new Scalar(0, type), new Binary(op, 0, 1)),
                    List.of(ColumnStride.CONTIGUOUS),
                    List.of(new Store(2, ColumnStride.CONTIGUOUS)));
            for (double bound : new double[] {0, -0.0, 6, -1.5, Double.NaN, 1 / 0.0, -1 / 0.0}) {
                LoopFixture.check(kernel, 7, 40, new long[] {LoopArguments.encode(type, bound)}, 0, random);
            }
        }
    }

    @Test
    void remainderOfFloats() {
        var kernel = new LoopKernel(
                List.of(new Load(0, DType.F32), new Load(1, DType.F32), new Binary(BinaryOp.MODULO, 0, 1)),
                List.of(ColumnStride.CONTIGUOUS, ColumnStride.CONTIGUOUS),
                List.of(new Store(2, ColumnStride.CONTIGUOUS)));
        float[] x = {5, -5, 5, -5, 6, 0.5f, 1, -7.5f, 0};
        float[] y = {3, 3, -3, -3, 0.1f, 0.25f, 0, 2, 3};
        for (int bits : LoopFixture.WIDTHS) {
            var result = new float[x.length];
            var arguments = new LoopArguments(
                    new Object[] {x, y, result}, new int[3], new int[3], new int[] {1, 1, 1}, new long[0]);
            LoopFixture.run(kernel, bits, arguments, 1, x.length);
            assertThat(result).containsExactly(2, 1, -1, -2, 0.09999991f, 0, Float.NaN, 0.5f, 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void castFrom(DType from) {
        for (var to : DType.values()) {
            check(List.of(new Load(0, from), new Cast(to, 0)), 0);
        }
    }

    @Test
    void bitsAsAnotherType() {
        for (var type : List.of(DType.F32, DType.I32, DType.F64, DType.I64)) {
            DType to = Op.BitCast.counterpart(type);
            check(List.of(new Load(0, type), new BitCast(Objects.requireNonNull(to), 0)), 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void select(DType type) {
        check(List.of(new Load(0, DType.BOOL), new Load(1, type), new Load(2, type), new Select(0, 1, 2)), 0);
    }

    @Test
    void selectByComparisonOfAnotherType() {
        check(
                List.of(
                        new Load(0, DType.I32),
                        new Load(1, DType.F32),
                        new Load(2, DType.F32),
                        new Scalar(0, DType.I32),
                        new Binary(BinaryOp.LESS, 0, 3),
                        new Select(4, 1, 2),
                        new Binary(BinaryOp.LESS, 1, 2),
                        new Select(6, 0, 3),
                        new Binary(BinaryOp.XOR, 4, 6),
                        new Unary(UnaryOp.NOT, 8),
                        new Select(9, 4, 6),
                        new Select(10, 7, 0),
                        new Cast(DType.F32, 11),
                        new Binary(BinaryOp.ADD, 12, 5)),
                0);
    }

    @ParameterizedTest
    @EnumSource
    void scalarsAndBroadcasts(DType type) {
        if (type.isNumeric()) {
            check(
                    List.of(
                            new Load(0, type),
                            new Scalar(1, type),
                            new Binary(BinaryOp.ADD, 0, 1),
                            new Scalar(2, DType.BOOL),
                            new Select(3, 2, 0)),
                    0);
        }
    }

    @Test
    void coordinates() {
        check(List.of(new Coordinate(0)), 0);
        check(
                List.of(
                        new Coordinate(0),
                        new Load(0, DType.I32),
                        new Binary(BinaryOp.EQUAL, 0, 1),
                        new Cast(DType.F32, 2),
                        new Coordinate(1),
                        new Cast(DType.F32, 4),
                        new Binary(BinaryOp.SUBTRACT, 3, 5)),
                0);
        check(List.of(new Coordinate(0), new Cast(DType.I64, 0), new Cast(DType.F64, 1)), 0);
    }

    @Test
    void randomBits() {
        check(
                List.of(
                        new Scalar(3, DType.I64),
                        new Scalar(4, DType.I64),
                        new Coordinate(0),
                        new Scalar(5, DType.I32),
                        new Binary(BinaryOp.ADD, 2, 3),
                        new RandomBits(0, 1, 4)),
                0);
    }

    @Test
    void severalOutputs() {
        var kernel = new LoopKernel(
                List.of(
                        new Load(0, DType.F32),
                        new Load(1, DType.F32),
                        new Binary(BinaryOp.ADD, 0, 1),
                        new Binary(BinaryOp.LESS, 0, 1),
                        new Cast(DType.I32, 2)),
                List.of(ColumnStride.CONTIGUOUS, ColumnStride.BROADCAST),
                List.of(
                        new Store(2, ColumnStride.CONTIGUOUS),
                        new Store(3, ColumnStride.CONTIGUOUS),
                        new Store(4, ColumnStride.CONTIGUOUS),
                        new Store(0, ColumnStride.CONTIGUOUS)));
        for (int columns : COLUMNS) {
            LoopFixture.check(kernel, 3, columns, new long[0], 0, random);
        }
    }

    /// Stores the last instruction's value, for each layout of the inputs and the output.
    private void check(List<Instruction> instructions, double ulps) {
        int inputs = 0;
        for (var instruction : instructions) {
            inputs += instruction instanceof Load ? 1 : 0;
        }
        long[] scalars = {3, LoopArguments.encode(DType.F32, 1.5), 1, 0x1234567890ABCDEFL, -3, 400};
        for (int layout = 0; layout < 4; layout++) {
            var strides = new ArrayList<ColumnStride>();
            for (int i = 0; i < inputs; i++) {
                strides.add(
                        switch (layout) {
                            case 0, 3 -> ColumnStride.CONTIGUOUS;
                            case 1 -> i == inputs - 1 ? ColumnStride.BROADCAST : ColumnStride.CONTIGUOUS;
                            default -> ColumnStride.STRIDED;
                        });
            }
            var output = layout == 3 ? ColumnStride.STRIDED : ColumnStride.CONTIGUOUS;
            var kernel = new LoopKernel(instructions, strides, List.of(new Store(instructions.size() - 1, output)));
            for (int columns : layout == 0 ? COLUMNS : FEW_COLUMNS) {
                LoopFixture.check(kernel, 3, columns, scalars, ulps, random);
            }
        }
    }
}
