package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThatCode;

import fathom.io.onnx.export.Axis;
import fathom.tensor.DType;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Functions of operations drawn at random, whose axes are in all orders.
class ExportedRandomTest {
    private static final Axis[] AXES = {Axis.batch(), Axis.of(4), Axis.of(6), Axis.of(2)};

    static LongStream seeds() {
        return LongStream.range(0, Long.getLong("fathom.export.seeds", 60));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agrees(long seed) {
        RandomFunction function = new RandomFunction(seed, 4 + (int) (seed % 14));
        try (Exported exported = Exported.of(function, DType.F32, AXES)) {
            for (int batch : new int[] {1, 2, 5}) {
                assertThatCode(() -> exported.check(Map.of("x", RandomFunction.input(batch)), 1e-4))
                        .as("function %s", function)
                        .doesNotThrowAnyException();
            }
        }
    }
}
