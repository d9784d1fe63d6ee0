package fathom.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementTest {
    @Test
    void theLineIsTheOneThatScriptsRead() {
        Measurement m = Measurement.of("fathom", Workload.CNN_TRAIN, new double[] {4000, 4321.4, 4100}, 2);
        assertThat(m.line())
                .isEqualTo("peer=fathom workload=cnn-train unit=samples/s best=4321 median=4100" + " threads=2");
    }

    @Test
    void smallFiguresKeepADecimal() {
        Measurement m = Measurement.of("fathom", Workload.GEMM, new double[] {431.26, 420}, 2);
        assertThat(m.line()).contains("unit=GFLOP/s best=431.3 median=425.6 threads=2");
    }

    @Test
    void aLineCanBeReadBack() {
        String line = "peer=libtorch workload=gemm unit=GFLOP/s best=480.1 median=470.0 threads=2";
        assertThat(Measurement.parse(line).line()).isEqualTo(line);
        assertThatThrownBy(() -> Measurement.parse("warning: no figure"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("warning: no figure");
    }

    @Test
    void jsonHasTheSameFigures() {
        Measurement m = Measurement.of("fathom", Workload.CNN_INFER_1, new double[] {950}, 1);
        assertThat(m.json())
                .isEqualTo("{\"peer\":\"fathom\",\"workload\":\"cnn-infer-1\",\"unit\":\"samples/s\","
                        + "\"best\":950.0,\"median\":950.0,\"threads\":1}");
    }

    @Test
    void turnsAreTakenTogether() {
        Measurement a = new Measurement("fathom", "gemm", "GFLOP/s", 10, 8, 2);
        Measurement b = new Measurement("fathom", "gemm", "GFLOP/s", 12, 7, 2);
        Measurement c = new Measurement("fathom", "gemm", "GFLOP/s", 11, 9, 2);
        Measurement all = Measurement.together(List.of(a, b, c));
        assertThat(all.best()).isEqualTo(12);
        assertThat(all.median()).isEqualTo(8);
        assertThat(new Comparison(all, a).ratio()).isEqualTo(1);
    }
}
