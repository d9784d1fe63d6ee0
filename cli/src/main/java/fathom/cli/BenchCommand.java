package fathom.cli;

import fathom.cli.bench.Comparison;
import fathom.cli.bench.Measurement;
import fathom.cli.bench.OwnSpeed;
import fathom.cli.bench.Peer;
import fathom.cli.bench.Workload;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom bench`: how fast this machine trains, infers and multiplies.
@Command(
        name = "bench",
        description = "Measures speed: at least 3 s of warm-up, then windows of about 2 s.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Prints one line: peer, workload, unit, the best and the median window, threads.",
            "--against prints the peer's line too, and ratio=R: our median over the peer's.",
            "",
            "Workloads:",
            "  gemm            1024 x 1024 times 1024 x 1024, GFLOP/s",
            "  elementwise     layerNorm(gelu(x * a + b) + r), 4096 rows of 1024",
            "  mlp-train       784-512-512-10, batch 128, Adam",
            "  cnn-train       the MNIST convolutional network, batch 128, Adam",
            "  cnn-train-32    the same, batch 32",
            "  cnn-infer       its forward pass, batch 128",
            "  cnn-infer-1     its forward pass, one image at a time",
            "  resnet18-train  ResNet-18 on images of 32 x 32, batch 32, SGD with momentum",
            "  lstm-train      embedding, LSTM of 256 over 100 words, 2 classes, batch 32, Adam",
            "  gpt-train       a transformer, 4 layers of width 256, 8 x 128 tokens, AdamW",
            "  gpt-infer       the same transformer writing, one token at a time"
        })
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "WORKLOAD", description = "One of the workloads below.")
    private Workload workload = Workload.GEMM;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = "How long to measure (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Threads to compute with (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(names = "--json", description = "Print JSON instead.")
    private boolean json;

    @Option(
            names = "--against",
            paramLabel = "PEER",
            description = "Measure another library in turns with this one, in a process of its own:"
                    + " libtorch, tfjava, djl or dl4j. Needs a clone of the repository; the"
                    + " first time the library is fetched and built.")
    private @Nullable String against;

    @Override
    public void run() {
        if (against == null) {
            print(OwnSpeed.measure(workload, seconds, threads, log()));
            return;
        }
        Peer peer = Peer.of(against);
        if (threads != Peer.THREADS) {
            throw new ParameterException(
                    spec.commandLine(), "--against with --threads " + threads + ": the peers have two, expected 2");
        }
        print(Comparison.measure(workload, seconds, peer, log()));
    }

    private void print(Measurement m) {
        out().println(json ? m.json() : m.line());
    }

    private void print(Comparison c) {
        String ratio = String.format(Locale.ROOT, "%.3f", c.ratio());
        if (json) {
            out().printf(
                            "{\"results\":[%s,%s],\"ratio\":%s}%n",
                            c.own().json(), c.peer().json(), ratio);
        } else {
            print(c.own());
            print(c.peer());
            out().println("ratio=" + ratio);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter log() {
        return spec.commandLine().getErr();
    }
}
