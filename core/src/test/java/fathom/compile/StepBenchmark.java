package fathom.compile;

import fathom.backend.cpu.CpuBackend;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.tensor.DType;
import fathom.tensor.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// What a step costs besides its arithmetic, in µs: models of next to no work, whose program is
/// compiled already. Medians of many steps for building the nodes, for making a [Graph] of them, for
/// finding its program, for running that, and for a whole step by [Device#commit].
///
/// With `--floor` it measures the smallest model only and exits with 1 if a step takes 20 µs or more.
final class StepBenchmark {
    private static final double MOST_MICROS = 20;
    private static final long WARM_UP_NANOS = 6_000_000_000L;
    private static final int ROUNDS = 40;
    private static final String[] PHASES = {"nodes", "trace", "graph", "lookup", "run", "sum", "commit"};

    private StepBenchmark() {}

    public static void main(String[] arguments) {
        if (Arrays.asList(arguments).contains("--floor")) {
            double micros = measure("empty", TrainingSteps.empty())[PHASES.length - 1];
            if (micros >= MOST_MICROS) {
                System.exit(1);
            }
            return;
        }
        System.out.printf("%-10s", "");
        for (String phase : PHASES) {
            System.out.printf(" %8s", phase);
        }
        System.out.println();
        Map<String, Supplier<TrainingSteps.Step>> models = new LinkedHashMap<>();
        models.put("empty", TrainingSteps.empty());
        models.put("mlp", TrainingSteps.perceptron(8, 16));
        models.put("gpt", TrainingSteps.transformer(6));
        models.forEach((name, model) -> {
            if (arguments.length == 0 || name.equals(arguments[0])) {
                measure(name, model);
            }
        });
    }

    private static double[] measure(String name, Supplier<TrainingSteps.Step> model) {
        try (Backend backend = new CpuBackend(Runtime.getRuntime().availableProcessors(), true);
                Device device = Device.cpu()) {
            Phases phases = new Phases(backend, model);
            double[] row = new double[PHASES.length];
            double[] best = new double[PHASES.length];
            Arrays.fill(best, Double.MAX_VALUE);
            long end = System.nanoTime() + WARM_UP_NANOS;
            while (System.nanoTime() < end) {
                phases.step();
                phases.commit(device);
            }
            // The median of some steps, and of those medians the least: this machine has other users.
            for (int round = 0; round < ROUNDS; round++) {
                List<long[]> steps = new ArrayList<>();
                for (int i = 0; i < 51; i++) {
                    long[] times = phases.step();
                    times[times.length - 1] = phases.commit(device);
                    steps.add(times);
                }
                for (int k = 0; k < row.length; k++) {
                    int at = k;
                    long[] sorted =
                            steps.stream().mapToLong(s -> s[at]).sorted().toArray();
                    best[k] = Math.min(best[k], sorted[sorted.length / 2]);
                }
            }
            System.out.printf("%-10s", name);
            for (int k = 0; k < row.length; k++) {
                row[k] = k == 0 ? best[k] : best[k] * 1e-3;
                System.out.printf(k == 0 ? " %8.0f" : " %8.1f", row[k]);
            }
            System.out.println();
            return row;
        }
    }

    /// The parts of a step one by one. The results go to buffers that nobody reads, so that the
    /// variables stay as they are.
    private static final class Phases {
        private final Backend backend;
        private final Supplier<TrainingSteps.Step> model;
        private final Map<Graph, Program> programs = new HashMap<>();
        private final List<Buffer> targets = new ArrayList<>();

        Phases(Backend backend, Supplier<TrainingSteps.Step> model) {
            this.backend = backend;
            this.model = model;
            for (Node n : model.get().roots()) {
                targets.add(Buffer.allocate(DType.F32, n.shape().size()));
            }
        }

        long[] step() {
            long start = System.nanoTime();
            List<Node> roots = model.get().roots();
            long traced = System.nanoTime();
            Graph.Call call = Graph.of(roots);
            long made = System.nanoTime();
            Program program = programs.get(call.graph());
            long found = System.nanoTime();
            if (program == null) {
                program = backend.compile(call.graph());
                programs.put(call.graph(), program);
            }
            List<Buffer> leaves = call.leaves().stream().map(Node::value).toList();
            long ready = System.nanoTime();
            program.run(leaves, call.scalars(), List.copyOf(targets));
            long end = System.nanoTime();
            return new long[] {
                call.graph().entries().size(),
                traced - start,
                made - traced,
                found - made,
                end - ready,
                found - start + end - ready,
                0
            };
        }

        long commit(Device device) {
            long start = System.nanoTime();
            TrainingSteps.Step step = model.get();
            device.commit(step.values(), step.updates());
            return System.nanoTime() - start;
        }
    }
}
