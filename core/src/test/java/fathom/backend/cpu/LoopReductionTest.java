package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.Cast;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.Output;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.lang.reflect.Array;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Reductions along both axes, to the bit.
class LoopReductionTest {
    private static final int[] COLUMNS = {0, 1, 7, 8, 9, 31, 33, 100};
    private final Random random = new Random(11);

    @ParameterizedTest
    @EnumSource
    void ofColumns(ReduceOp op) {
        for (var type : types(op)) {
            for (var stride : ColumnStride.values()) {
                for (int columns : COLUMNS) {
                    check(type, stride, new ReduceColumns(op, 0), 3, columns);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofRows(ReduceOp op) {
        for (var type : types(op)) {
            for (var stride : ColumnStride.values()) {
                for (int columns : COLUMNS) {
                    check(type, stride, new ReduceRows(op, 0), 5, columns);
                }
                check(type, stride, new ReduceRows(op, 0), 0, 9);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ofLongRows(ReduceOp op) {
        for (int columns : new int[] {4096, 4097, 10000}) {
            check(DType.F32, ColumnStride.CONTIGUOUS, new ReduceColumns(op, 0), 2, columns);
            check(DType.I64, ColumnStride.CONTIGUOUS, new ReduceColumns(op, 0), 1, columns);
            check(DType.F32, ColumnStride.CONTIGUOUS, new ReduceRows(op, 0), 2, columns);
        }
        check(DType.U8, ColumnStride.CONTIGUOUS, new ReduceColumns(op, 0), 1, 5000);
        check(DType.I32, ColumnStride.CONTIGUOUS, new ReduceColumns(op, 0), 1, 5000);
        check(DType.F64, ColumnStride.CONTIGUOUS, new ReduceColumns(op, 0), 1, 5000);
    }

    private static List<DType> types(ReduceOp op) {
        return op == ReduceOp.MAX || op == ReduceOp.MIN
                ? List.of(DType.F32, DType.F64, DType.I32, DType.I64, DType.U8, DType.BOOL)
                : List.of(DType.F32, DType.F64, DType.I32, DType.I64, DType.U8);
    }

    private void check(DType type, ColumnStride stride, Output output, int rows, int columns) {
        var kernel = new LoopKernel(List.of(new Load(0, type)), List.of(stride), List.of(output));
        LoopFixture.check(kernel, rows, columns, new long[0], 0, random);
    }

    @Test
    void withWorkBeforeAndStoresBeside() {
        var kernel = new LoopKernel(
                List.of(
                        new Load(0, DType.F32),
                        new Load(1, DType.F32),
                        new Binary(BinaryOp.SUBTRACT, 0, 1),
                        new Unary(UnaryOp.ABS, 2),
                        new Binary(BinaryOp.LESS, 0, 1),
                        new Cast(DType.I32, 4)),
                List.of(ColumnStride.CONTIGUOUS, ColumnStride.BROADCAST),
                List.of(
                        new Store(3, ColumnStride.CONTIGUOUS),
                        new ReduceColumns(ReduceOp.SUM, 3),
                        new ReduceColumns(ReduceOp.MAX, 3),
                        new ReduceColumns(ReduceOp.SUM, 5)));
        for (int columns : COLUMNS) {
            LoopFixture.check(kernel, 4, columns, new long[0], 0, random);
        }
        LoopFixture.check(kernel, 2, 9000, new long[0], 0, random);
    }

    @Test
    void anyAndAll() {
        var kernel = new LoopKernel(
                List.of(new Load(0, DType.F32), new Load(1, DType.F32), new Binary(BinaryOp.LESS, 0, 1)),
                List.of(ColumnStride.CONTIGUOUS, ColumnStride.CONTIGUOUS),
                List.of(new ReduceColumns(ReduceOp.MAX, 2), new ReduceColumns(ReduceOp.MIN, 2)));
        for (int columns : COLUMNS) {
            LoopFixture.check(kernel, 20, columns, new long[0], 0, random);
        }
    }

    @Test
    void regionsTogetherAreTheWhole() {
        var kernel = new LoopKernel(
                List.of(new Load(0, DType.F32), new Unary(UnaryOp.TANH, 0)),
                List.of(ColumnStride.CONTIGUOUS),
                List.of(new Store(1, ColumnStride.CONTIGUOUS), new ReduceColumns(ReduceOp.SUM, 1)));
        var whole = LoopFixture.arguments(kernel, 40, 50, new long[0], random);
        var parts = LoopFixture.copy(whole);
        var body = new LoopCompiler(VectorSupport.preferredBits()).compile(kernel);
        body.run(whole, 40, 50);
        IntStream.range(0, 8).parallel().forEach(task -> body.run(parts, task * 5, task * 5 + 5, 0, 50));
        for (int k = 0; k < whole.arrays().length; k++) {
            LoopFixture.assertSameBits(parts.arrays()[k], whole.arrays()[k], kernel, 0);
        }
    }

    @Test
    void searches() {
        float nan = Float.NaN;
        float[] x = {1, 3, 3, -2, nan, 5, nan, 0, 2, -7, -7, 2};
        assertThat(search(true, x, 4)).containsExactly(1, 0, 0);
        assertThat(search(false, x, 4)).containsExactly(3, 0, 1);
        assertThat(search(true, new double[] {2, Double.NaN, 9, 4, 8, 8}, 3)).containsExactly(1, 1);
        assertThat(search(false, new int[] {2, 1, 1, 4, 8, 3}, 3)).containsExactly(1, 2);
        assertThat(search(true, new long[] {2, 7, 7, 4, 8, 3}, 3)).containsExactly(1, 1);
        assertThat(search(true, new byte[] {2, (byte) 200, 1, 4, 8, 127}, 3)).containsExactly(1, 2);
        // Down the columns of a matrix of two rows.
        float[] matrix = {1, 5, 2, 4, 3, 2};
        assertThat(IntStream.range(0, 3).map(column -> LoopArgumentSearch.search(true, matrix, column, 3, 2)))
                .containsExactly(1, 0, 0);
    }

    private static int[] search(boolean greatest, Object array, int length) {
        return IntStream.range(0, Array.getLength(array) / length)
                .map(line -> LoopArgumentSearch.search(greatest, array, line * length, 1, length))
                .toArray();
    }
}
