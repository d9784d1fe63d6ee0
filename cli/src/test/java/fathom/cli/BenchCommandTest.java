package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchCommandTest {
    private static final String LINE =
            "peer=fathom workload=mlp-train unit=samples/s best=[0-9.]+ median=[0-9.]+ threads=1";

    @Test
    void oneLineGoesToTheOutputAndTheCourseElsewhere() {
        Cli result = Cli.run("bench", "mlp-train", "--seconds", 1, "--threads", 1);
        assertThat(result.code()).isZero();
        assertThat(result.out().strip()).matches(LINE);
        assertThat(result.err()).contains("mlp-train:", "loss");
    }

    @Test
    void peersHaveTwoThreads() {
        Cli.run("bench", "gemm", "--against", "libtorch", "--threads", 1).isRefused("--threads 1", "expected 2");
    }
}
