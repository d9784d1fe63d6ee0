package fathom.compile;

import fathom.autodiff.Gradients;
import fathom.backend.cpu.CpuBackend;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
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

    /// What a step commits.
    private record Step(List<Tensor> values, List<Variable.Update> updates) {
        List<Node> roots() {
            List<Node> roots = new ArrayList<>();
            values.forEach(v -> roots.add(v.node()));
            updates.forEach(u -> roots.add(u.value().node()));
            return roots;
        }
    }

    private StepBenchmark() {}

    public static void main(String[] arguments) {
        if (Arrays.asList(arguments).contains("--floor")) {
            double micros = measure("empty", empty())[PHASES.length - 1];
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
        Map<String, Supplier<Step>> models = new LinkedHashMap<>();
        models.put("empty", empty());
        models.put("mlp", perceptron());
        models.put("gpt", transformer(6));
        models.forEach((name, model) -> {
            if (arguments.length == 0 || name.equals(arguments[0])) {
                measure(name, model);
            }
        });
    }

    // ---- models ----

    private static Supplier<Step> empty() {
        Variable x = Variable.of(Tensor.scalar(1));
        return () -> new Step(List.of(), List.of(x.to(x.value().sub(x.value().mul(0.1)))));
    }

    /// Three linear layers of width 16, cross-entropy, Adam.
    private static Supplier<Step> perceptron() {
        Training t = new Training();
        Variable x = t.constant(8, 16);
        List<Variable> weights = List.of(t.weight(16, 16), t.weight(16, 16), t.weight(16, 16));
        List<Variable> biases = List.of(t.weight(16), t.weight(16), t.weight(16));
        return () -> {
            Tensor h = x.value();
            for (int i = 0; i < weights.size(); i++) {
                h = h.matmul(weights.get(i).value()).add(biases.get(i).value());
                h = i < weights.size() - 1 ? h.relu() : h;
            }
            return t.step(crossEntropy(h));
        };
    }

    /// Blocks of attention by two heads and two linear layers, each with a layer normalisation
    /// before it; Adam.
    private static Supplier<Step> transformer(int blocks) {
        int width = 8;
        Training t = new Training();
        Variable x = t.constant(2, 4, width);
        List<List<Variable>> all = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            all.add(List.of(
                    t.weight(width),
                    t.weight(width),
                    t.weight(width, 3 * width),
                    t.weight(width, width),
                    t.weight(width),
                    t.weight(width),
                    t.weight(width, 4 * width),
                    t.weight(4 * width, width)));
        }
        return () -> {
            Tensor h = x.value();
            for (List<Variable> variables : all) {
                List<Tensor> w = variables.stream().map(Variable::value).toList();
                h = h.add(attention(normalized(h, w.get(0), w.get(1)).matmul(w.get(2)), width)
                        .matmul(w.get(3)));
                Tensor up = normalized(h, w.get(4), w.get(5)).matmul(w.get(6));
                Tensor active = up.mul(0.5).mul(up.mul(0.7071).erf().add(1));
                h = h.add(active.matmul(w.get(7)));
            }
            return t.step(crossEntropy(h));
        };
    }

    private static Tensor normalized(Tensor x, Tensor gain, Tensor bias) {
        Tensor centred = x.sub(x.mean(true, -1));
        Tensor variance = centred.square().mean(true, -1);
        return centred.div(variance.add(1e-5).sqrt()).mul(gain).add(bias);
    }

    private static Tensor attention(Tensor qkv, int width) {
        int n = qkv.dim(0);
        int length = qkv.dim(1);
        Tensor heads = qkv.reshape(n, length, 3, 2, width / 2).permute(2, 0, 3, 1, 4);
        Tensor scores = heads.at(0, 0).matmul(heads.at(0, 1).transpose());
        return scores.softmax(-1).matmul(heads.at(0, 2)).permute(0, 2, 1, 3).reshape(n, length, width);
    }

    private static Tensor crossEntropy(Tensor logits) {
        return logits.logSoftmax(-1).slice(-1, 0, 1).mean().neg();
    }

    /// Variables with Adam's moments, and its updates.
    private static final class Training {
        private final RandomStream random = RandomStream.of(1);
        private final List<Variable> weights = new ArrayList<>();
        private final List<Variable> means = new ArrayList<>();
        private final List<Variable> squares = new ArrayList<>();
        private int steps;

        Variable constant(int... shape) {
            return Variable.of(random.normal(Shape.of(shape)));
        }

        Variable weight(int... shape) {
            weights.add(Variable.of(random.normal(Shape.of(shape)).mul(0.1)));
            means.add(Variable.of(Tensor.zeros(shape)));
            squares.add(Variable.of(Tensor.zeros(shape)));
            return weights.getLast();
        }

        Step step(Tensor loss) {
            steps++;
            List<Tensor> gradients =
                    Gradients.of(loss, weights.stream().map(Variable::value).toList());
            List<Variable.Update> updates = new ArrayList<>();
            for (int i = 0; i < weights.size(); i++) {
                Tensor g = gradients.get(i);
                Tensor m = means.get(i).value();
                m = m.add(g.sub(m).mul(0.1));
                Tensor v = squares.get(i).value().mul(0.999).add(g.square().mul(0.001));
                double rate = 1e-3 / (1 - Math.pow(0.9, steps));
                Tensor change = m.div(
                        v.sqrt().div(Math.sqrt(1 - Math.pow(0.999, steps))).add(1e-8));
                updates.add(weights.get(i).to(weights.get(i).value().sub(change.mul(rate))));
                updates.add(means.get(i).to(m));
                updates.add(squares.get(i).to(v));
            }
            return new Step(List.of(loss), updates);
        }
    }

    // ---- measuring ----

    private static double[] measure(String name, Supplier<Step> model) {
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
        private final Supplier<Step> model;
        private final Map<Graph, Program> programs = new HashMap<>();
        private final List<Buffer> targets = new ArrayList<>();

        Phases(Backend backend, Supplier<Step> model) {
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
            Step step = model.get();
            device.commit(step.values(), step.updates());
            return System.nanoTime() - start;
        }
    }
}
