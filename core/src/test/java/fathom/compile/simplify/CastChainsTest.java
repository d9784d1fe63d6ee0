package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class CastChainsTest {
    private final Pass pass = new CastChains();

    private static List<String> left(Pass pass, DType from, DType by, DType to) {
        TestGraph g = new TestGraph();
        double[] values = from.isFloating() || from.isHalf()
                ? TestGraph.HARD
                : new double[] {Integer.MIN_VALUE, Integer.MAX_VALUE, -1, 0, 1, 200, 255, 16_777_217};
        int x = g.leaf(from, new int[] {16}, values);
        return g.left(pass, g.cast(to, g.cast(by, x)));
    }

    @Test
    void thereAndBack() {
        assertThat(left(pass, DType.F32, DType.F64, DType.F32)).isEmpty();
        assertThat(left(pass, DType.U8, DType.F32, DType.U8)).isEmpty();
        assertThat(left(pass, DType.BOOL, DType.F16, DType.BOOL)).isEmpty();
        assertThat(left(pass, DType.BF16, DType.F32, DType.BF16)).isEmpty();
        assertThat(left(pass, DType.I32, DType.F64, DType.I32)).isEmpty();
    }

    @Test
    void onTheWay() {
        assertThat(left(pass, DType.U8, DType.I32, DType.F32)).containsExactly("cast");
        assertThat(left(pass, DType.I32, DType.I64, DType.U8)).containsExactly("cast");
        assertThat(left(pass, DType.F32, DType.F64, DType.I32)).containsExactly("cast");
        assertThat(left(pass, DType.I32, DType.F64, DType.F32)).containsExactly("cast");
        assertThat(left(pass, DType.BOOL, DType.F32, DType.I64)).containsExactly("cast");
        assertThat(left(pass, DType.F16, DType.F32, DType.BOOL)).containsExactly("cast");
    }

    @Test
    void whatLosesSomethingOrSaturatesStays() {
        assertThat(left(pass, DType.F64, DType.F32, DType.F64)).hasSize(2);
        assertThat(left(pass, DType.I32, DType.F32, DType.I32)).hasSize(2);
        assertThat(left(pass, DType.I64, DType.F64, DType.F32)).hasSize(2);
        assertThat(left(pass, DType.F32, DType.BOOL, DType.F32)).hasSize(2);
        assertThat(left(pass, DType.I32, DType.F64, DType.U8)).hasSize(2);
        assertThat(left(pass, DType.F32, DType.BF16, DType.F32)).hasSize(2);
    }

    @Test
    void allThreeDtypesGiveTheSame() {
        for (DType from : DType.values()) {
            for (DType by : DType.values()) {
                for (DType to : DType.values()) {
                    assertThat(left(pass, from, by, to)).hasSizeLessThan(3);
                }
            }
        }
    }
}
