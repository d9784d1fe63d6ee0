package fathom.cli.explain;

import fathom.cli.explain.Drawing.Arrow;
import fathom.cli.explain.Drawing.Frame;
import fathom.cli.explain.Drawing.Node;
import fathom.compile.KernelInfo;
import fathom.compile.KernelInfo.Kind;
import fathom.compile.KernelInfo.Place;
import fathom.compile.Profile.ProgramTimes;
import fathom.compile.Units;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The pictures of a program: its kernels, and the operations that they were fused from.
///
/// Arguments and constants are no boxes of their own but words in the boxes that use them: a
/// training step has hundreds of them, and lines from each would hide how the values flow. Likewise
/// what was computed long before, in the forward pass say, is named by its kernel's number where a
/// box has something nearer to follow.
record Pictures(Specimen specimen) {
    private static final int LONGEST = 40;
    private static final int MOST_NAMES = 2;

    private static final String FROM_AFAR = "\u21e1 ";

    /// Kernels between which no line is drawn if there is a shorter one.
    private static final int FAR = 10;

    // ---- kernels ----

    /// The graph after fusion.
    Drawing kernels() {
        long slowest =
                program().nanos().stream().mapToLong(Long::longValue).max().orElse(0);
        List<Node> boxes = new ArrayList<>();
        List<Arrow> arrows = new ArrayList<>();
        Map<Integer, Integer> writers = new HashMap<>();
        for (KernelInfo k : program().kernels()) {
            TreeMap<Integer, String> before = new TreeMap<>();
            for (Place p : k.reads()) {
                Integer writer = writers.get(p.id());
                if (writer != null) {
                    before.merge(writer, p.dtype() + p.shape().toString(), (a, b) -> a + ", " + b);
                }
            }
            k.writes().forEach(p -> writers.put(p.id(), k.number()));
            Set<Integer> far = far(before.keySet(), k.number());
            before.forEach((writer, what) -> {
                if (!far.contains(writer)) {
                    arrows.add(new Arrow(writer, k.number(), what));
                }
            });
            long nanos = program().nanos().get(k.number());
            double share = specimen.isTimed() && slowest > 0 ? (double) nanos / slowest : 0;
            boxes.add(new Node(lines(k, far), kind(k), k.number(), -1, share));
        }
        return new Drawing(boxes, List.of(), arrows);
    }

    /// Those of the kernels before one that are so far away that they are named only.
    private static Set<Integer> far(Set<Integer> before, int kernel) {
        Set<Integer> far = new TreeSet<>(before);
        far.removeIf(b -> kernel - b <= FAR);
        if (!far.isEmpty() && far.size() == before.size()) {
            far.remove(Collections.max(far));
        }
        return far;
    }

    private List<String> lines(KernelInfo k, Set<Integer> far) {
        List<String> lines = new ArrayList<>();
        String name = k.name();
        int end = end(name);
        lines.add(k.number() + " " + name.substring(0, end));
        if (end < name.length()) {
            lines.add(Markup.shortened(name.substring(end).replaceFirst("^(, then|:) ", ""), LONGEST));
        }
        lines.add(Markup.shortened(k.shapes(), LONGEST));
        if (!far.isEmpty()) {
            lines.add(Markup.shortened(FROM_AFAR + numbers(far), LONGEST));
        }
        names(k.reads(), Kind.ARGUMENT).ifPresent(n -> lines.add("from " + n));
        names(k.writes(), Kind.RESULT).ifPresent(n -> lines.add("to " + n));
        lines.add(flops(k) + " · " + Units.bytes(k.bytes()) + time(k));
        return lines;
    }

    private static String numbers(Set<Integer> kernels) {
        return kernels.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String flops(KernelInfo k) {
        return k.flops() == 0 ? "moves" : Units.flops(k.flops());
    }

    /// Where a kernel's name ends and its operations begin.
    private static int end(String name) {
        return IntStream.of(name.indexOf(", then"), name.indexOf(':'), name.length())
                .filter(i -> i >= 0)
                .min()
                .orElseThrow();
    }

    private String time(KernelInfo k) {
        return specimen.isTimed() ? " · " + micros(k) : "";
    }

    /// The mean time of a kernel.
    String micros(KernelInfo k) {
        double micros =
                program().nanos().get(k.number()) / 1e3 / Math.max(1, program().runs());
        return String.format(Locale.ROOT, micros < 1000 ? "%.1f µs" : "%,.0f µs", micros);
    }

    private Optional<String> names(List<Place> places, Kind kind) {
        List<String> names =
                places.stream().filter(p -> p.kind() == kind).map(this::name).toList();
        if (names.isEmpty()) {
            return Optional.empty();
        }
        String some = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
        String more = names.size() > MOST_NAMES ? ", +" + (names.size() - MOST_NAMES) : "";
        return Optional.of(Markup.shortened(some, LONGEST) + more);
    }

    /// What a place is called: by the model's name where it has one.
    String name(Place p) {
        String given = switch (p.kind()) {
            case ARGUMENT -> program().arguments().get(p.number());
            case RESULT -> program().results().get(p.number());
            case TEMPORARY -> "";
        };
        return given.isEmpty() ? p.title() : given;
    }

    /// How a kernel is coloured.
    static String kind(KernelInfo k) {
        String first = k.name().split("[:, ]", 2)[0];
        return switch (first) {
            case "matMul", "convolution", "convolutionInputGradient", "convolutionWeightGradient", "recurrence" ->
                "product";
            case "loop", "copy", "fill", "zeros" -> "loop";
            case "reduce", "by" -> "rows";
            default -> "other";
        };
    }

    // ---- operations ----

    /// The graph before fusion, with the kernels as frames.
    Drawing operations() {
        Map<Integer, KernelInfo> kernelOf = new HashMap<>();
        for (KernelInfo k : program().kernels()) {
            // Of kernels one after the other, such as the two of a large sum, the last gives the result;
            // any later one that computes the entry does so once more.
            for (int e : k.entries()) {
                KernelInfo before = kernelOf.get(e);
                if (before == null || before.number() == k.number() - 1) {
                    kernelOf.put(e, k);
                }
            }
        }
        List<Integer> all = IntStream.range(0, graph().entries().size()).boxed().toList();
        return operations(all, kernelOf);
    }

    /// What one kernel was fused from.
    Drawing operations(KernelInfo k) {
        return operations(k.entries(), Map.of());
    }

    private Drawing operations(Collection<Integer> entries, Map<Integer, KernelInfo> kernelOf) {
        List<KernelInfo> framed = new ArrayList<>();
        List<Node> boxes = new ArrayList<>();
        Map<Integer, Integer> numbers = new HashMap<>();
        List<Arrow> arrows = new ArrayList<>();
        for (int i : entries) {
            Entry e = graph().entries().get(i);
            if (!isBox(e)) {
                continue;
            }
            KernelInfo kernel = kernelOf.get(i);
            if (kernel != null && !framed.contains(kernel)) {
                framed.add(kernel);
            }
            Set<Integer> far = far(kernels(e, kernelOf), kernel == null ? 0 : kernel.number());
            List<String> words = new ArrayList<>(List.of(e.op().title()));
            for (int in : new LinkedHashSet<>(e.inputs())) {
                Entry operand = graph().entries().get(in);
                KernelInfo from = kernelOf.get(in);
                Integer box = numbers.get(in);
                if (!isBox(operand)) {
                    words.add(word(operand));
                } else if (box == null) {
                    words.add("(in)");
                } else if (from != null && far.contains(from.number())) {
                    words.add(FROM_AFAR + from.number());
                } else {
                    arrows.add(new Arrow(
                            box, boxes.size(), operand.dtype() + operand.shape().toString()));
                }
            }
            String title = Markup.shortened(String.join(" ", words), LONGEST);
            numbers.put(i, boxes.size());
            boxes.add(new Node(
                    List.of(title, e.dtype() + e.shape().toString()),
                    "operation " + kind(e.op()),
                    kernel == null ? -1 : kernel.number(),
                    kernel == null ? -1 : framed.indexOf(kernel),
                    0));
        }
        List<Frame> frames = framed.stream()
                .map(k -> new Frame(k.number() + " " + k.name().substring(0, end(k.name())), kind(k), k.number()))
                .toList();
        return new Drawing(boxes, frames, arrows);
    }

    /// The kernels that compute an entry's operands.
    private Set<Integer> kernels(Entry e, Map<Integer, KernelInfo> kernelOf) {
        Set<Integer> kernels = new TreeSet<>();
        for (int in : e.inputs()) {
            KernelInfo k = kernelOf.get(in);
            if (k != null && isBox(graph().entries().get(in))) {
                kernels.add(k.number());
            }
        }
        return kernels;
    }

    private static boolean isBox(Entry e) {
        return !e.isLeaf() && !(e.op() instanceof Op.Full);
    }

    /// An argument or a constant.
    private String word(Entry e) {
        if (e.op() instanceof Op.Full f && !e.isScalarArgument()) {
            return Double.isInfinite(f.value()) ? Double.toString(f.value()) : Markup.number(f.value());
        }
        if (e.isScalarArgument()) {
            return "scalar " + e.argument();
        }
        String given = program().arguments().get(e.argument());
        return given.isEmpty() ? "argument " + e.argument() : given;
    }

    private static String kind(Op op) {
        return switch (op) {
            case Op.MatMul _,
                    Op.Convolution _,
                    Op.ConvolutionInputGradient _,
                    Op.ConvolutionWeightGradient _,
                    Op.Recurrence _ -> "product";
            case Op.Reduce _, Op.ArgReduce _, Op.CumulativeSum _, Op.ArgSort _ -> "rows";
            case Op.Unary _, Op.Binary _, Op.Select _, Op.Cast _, Op.BitCast _, Op.RandomBits _ -> "loop";
            case Op.Data _, Op.Full _, Op.Iota _, Op.StopGradient _, Op.Reshape _, Op.Permute _ -> "other";
            case Op.Broadcast _, Op.Slice _, Op.Pad _, Op.Concat _, Op.Gather _, Op.ScatterAdd _ -> "other";
            case Op.After _, Op.Checkpoint _ -> "other";
            case Op.MaxPool _, Op.MaxPoolScatter _, Op.MaxPoolGather _, Op.SumPool _, Op.SumPoolScatter _ -> "other";
        };
    }

    private ProgramTimes program() {
        return specimen.program();
    }

    private Graph graph() {
        return program().program().graph();
    }
}
