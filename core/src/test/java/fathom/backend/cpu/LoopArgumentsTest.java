package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoopArgumentsTest {
    @Test
    void aSampleIsOfCopies() {
        // A matrix of two rows with a row of room before and after, a number for each row, and a sum.
        var kernel = new LoopKernel(
                List.of(new LoopKernel.Load(0, DType.F32), new LoopKernel.Load(1, DType.I32)),
                List.of(ColumnStride.CONTIGUOUS, ColumnStride.BROADCAST),
                List.of(new LoopKernel.ReduceColumns(ReduceOp.SUM, 0)));
        float[] matrix = {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        int[] rows = {10, 20};
        float[] sums = {-1, -2};
        // What locates blocks may keep more offsets than there are arrays and coordinates.
        var arguments = new LoopArguments(
                new Object[] {matrix, rows, sums},
                new int[] {3, 0, 0, 100, 7},
                new int[] {3, 1, 1, 50},
                new int[] {1, 0, 0, 5},
                new long[] {9});

        var sample = arguments.sample(kernel, 1, 1, 2);

        assertThat(sample.arrays()[0]).isEqualTo(new float[] {5, 6});
        assertThat(sample.arrays()[1]).isEqualTo(new int[] {20, 0});
        assertThat(sample.arrays()[2]).isEqualTo(new float[] {-2, 0});
        assertThat(sample.offsets()).startsWith(0, 0, 0, 155);
        assertThat(sample.rowStrides()).containsOnly(0);
        assertThat(sample.scalars()).containsExactly(9);
    }
}
