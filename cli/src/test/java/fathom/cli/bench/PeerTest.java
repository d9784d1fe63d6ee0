package fathom.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.cli.Failure;
import fathom.cli.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class PeerTest {
    @TempDir
    Path folder;

    @Test
    void theHarnessIsAskedForOneFigure() throws IOException {
        Peer peer = peer("echo noise; echo complaint >&2; echo \"peer=$1 workload=$2 unit=samples/s"
                + " best=$SECONDS_EACH median=1.0 threads=2\"");
        StringWriter log = new StringWriter();
        Measurement m = peer.measure(Workload.MLP_TRAIN, 7, new PrintWriter(log));
        assertThat(m.line())
                .isEqualTo("peer=libtorch workload=mlp-train unit=samples/s best=7.0 median=1.0" + " threads=2");
        assertThat(log.toString()).contains("complaint");
    }

    @Test
    void noFigureIsAnErrorThatSaysWhereToLook() throws IOException {
        Peer peer = peer("exit 3");
        assertThatThrownBy(() -> peer.measure(Workload.GEMM, 2, new PrintWriter(new StringWriter())))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("libtorch gave no figure for gemm (exit code 3)");
    }

    @Test
    void unknownPeersAreRefused() {
        assertThatThrownBy(() -> Peer.of("numpy"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("expected libtorch, tfjava, djl, dl4j");
    }

    private Peer peer(String script) throws IOException {
        Files.writeString(folder.resolve("run.sh"), script);
        return new Peer("libtorch", folder);
    }
}
