package fathom.io.onnx.export;

import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes the ONNX graph of a model.
final class Exporter {
    /// Constants of more elements are computed where the model runs.
    private static final long LARGEST_CONSTANT = 1 << 22;

    private final List<ExportInput> inputs;
    private final Probes probes;
    private final Terms terms;
    private final Map<Object, String> parameters = new IdentityHashMap<>();
    private final GraphBuilder builder = new GraphBuilder();
    private final Emitter emitter;
    private final Rules rules;
    private final Fusions fusions;
    private final RecurrenceFusions recurrences;
    private final boolean[] constant;

    private Exporter(Module model, List<ExportInput> inputs, Probes probes, Terms terms) {
        this.inputs = inputs;
        this.probes = probes;
        this.terms = terms;
        Modules.parameters(model)
                .forEach((path, p) ->
                        parameters.put(p.variable().value().buffer().array(), path));
        Modules.buffers(model)
                .forEach((path, v) -> parameters.put(v.value().buffer().array(), path));
        this.emitter = new Emitter(builder, probes, this::leafName);
        this.rules = new Rules(emitter);
        this.fusions = new Fusions(terms.uses(), rules);
        this.recurrences = new RecurrenceFusions(terms, fusions);
        this.constant = constants();
    }

    /// The graph of a model.
    ///
    /// @throws IllegalArgumentException if the model cannot be recorded, does other things at other sizes, or
    ///   does something that ONNX has no form for: then the message names all of that
    static GraphProto graph(
            String name,
            Module model,
            Function<Map<String, Tensor>, Map<String, Tensor>> call,
            List<ExportInput> inputs) {
        Probes probes = Probes.of(inputs);
        List<Recording> recordings = new ArrayList<>();
        for (int p = 0; p < probes.count(); p++) {
            Map<String, Tensor> given = new LinkedHashMap<>();
            for (ExportInput input : inputs) {
                given.put(input.name(), Recording.placeholder(probes.shape(input, p), input.dtype()));
            }
            recordings.add(Recording.of(model, call, given));
        }
        return new Exporter(model, inputs, probes, Terms.of(recordings, probes)).graph(name);
    }

    /// Which depend neither on the inputs nor on weights, nor on the inputs' sizes.
    private boolean[] constants() {
        boolean[] constants = new boolean[terms.all().size()];
        for (Term t : terms.all()) {
            boolean leaf = t.op() instanceof Op.Data;
            boolean known = !leaf || t.input() < 0 && path(t) == null;
            boolean random = t.op() instanceof Op.RandomBits;
            constants[t.number()] = known
                    && !random
                    && t.isFixed()
                    && (!(t.op() instanceof Op.Full) || t.constant().isPresent())
                    && t.inputs().stream().allMatch(i -> constants[i.number()]);
        }
        return constants;
    }

    private @Nullable String path(Term leaf) {
        return leaf.values().isEmpty()
                ? null
                : parameters.get(leaf.values().getFirst().buffer().array());
    }

    private GraphProto graph(String name) {
        List<String> names =
                new ArrayList<>(inputs.stream().map(ExportInput::name).toList());
        names.addAll(terms.outputs().keySet());
        for (String n : names) {
            Require.that(!n.isBlank() && builder.name(n).equals(n), "'%s' among %s, expected a name once", n, names);
        }
        Map<Term, Fused> fused = new LinkedHashMap<>();
        Set<Term> needed = needed(fused);
        Set<String> refused = new LinkedHashSet<>();
        for (Term t : needed) {
            Rules.refusal(t).ifPresent(r -> refused.add(where(t, r)));
        }
        IntStream.range(0, inputs.size()).forEach(this::input);
        for (Term t : terms.all()) {
            if (needed.contains(t) && !emitter.has(t) && Rules.refusal(t).isEmpty()) {
                emit(t, fused.get(t), refused);
            } else if (needed.contains(t) && !emitter.has(t)) {
                emitter.set(t, emitter.made(t, "refused"));
            }
        }
        if (!refused.isEmpty()) {
            throw new IllegalArgumentException(
                    "the model has parts that ONNX has no form for: " + String.join("; ", refused));
        }
        return finished(name);
    }

    private static String where(Term t, String reason) {
        return t.title() + ": " + reason;
    }

    /// What has to be made, when groups are replaced by single operators.
    private Set<Term> needed(Map<Term, Fused> fused) {
        Set<Term> needed = new LinkedHashSet<>(terms.outputs().values());
        for (Term t : terms.all().reversed()) {
            if (!needed.contains(t) || isFolded(t)) {
                continue;
            }
            Optional<Fused> group = recurrences.of(t).or(() -> fusions.of(t));
            group.ifPresent(g -> fused.put(t, g));
            needed.addAll(group.map(Fused::inputs).orElse(t.inputs()));
        }
        return needed;
    }

    private boolean isFolded(Term t) {
        long elements = t.size(0, t.rank()).at(0);
        return constant[t.number()]
                && t.node().isPresent()
                && elements <= LARGEST_CONSTANT
                && switch (t.op()) {
                    case Op.Data _, Op.Full _, Op.Iota _, Op.Broadcast _, Op.Permute _, Op.Reshape _ -> false;
                    default -> true;
                };
    }

    private void emit(Term t, @Nullable Fused group, Set<String> refused) {
        builder.path(t.path());
        try {
            emitter.set(t, value(t, group));
        } catch (Refusal r) {
            refused.add(where(t, String.valueOf(r.getMessage())));
            emitter.set(t, emitter.made(t, "refused"));
        }
    }

    private Value value(Term t, @Nullable Fused group) {
        if (isFolded(t)) {
            Tensor elements = new Tensor(t.node().orElseThrow()).evaluate();
            return Value.of(Source.of(within(t, "constant"), elements), t.sizes(), t.dtype());
        }
        if (t.op() instanceof Op.Data) {
            return leaf(t);
        }
        return group != null ? group.emit().apply(emitter) : rules.apply(t);
    }

    private static String within(Term t, String name) {
        return t.path().isEmpty() ? name : t.path() + "/" + name;
    }

    private Value leaf(Term t) {
        Tensor first = t.values().getFirst();
        boolean same = t.values().stream().allMatch(v -> isSame(first, v));
        if (!same) {
            return new Tables(emitter)
                    .of(t)
                    .orElseThrow(() -> new Refusal("a table that the model makes anew for other sizes: it has to be"
                            + " computed from the inputs, or the axis to be fixed"));
        }
        return Value.of(Source.of(leafName(t), first), t.sizes(), t.dtype());
    }

    private String leafName(Term t) {
        String path = path(t);
        return path == null ? within(t, "constant") : path;
    }

    private static boolean isSame(Tensor a, Tensor b) {
        if (!a.type().equals(b.type())) {
            return false;
        }
        return a.buffer().array() == b.buffer().array()
                || IntStream.range(0, a.size())
                        .allMatch(i -> Double.compare(
                                        a.buffer().getDouble(i), b.buffer().getDouble(i))
                                == 0);
    }

    /// Inputs come before all else, so that sizes are asked of them.
    private void input(int number) {
        ExportInput input = inputs.get(number);
        List<Size> sizes = input.axes().stream().map(probes::size).toList();
        int[] places = IntStream.range(0, sizes.size()).toArray();
        Value value = emitter.made(sizes, input.dtype(), input.name(), places.length, places);
        terms.all().stream().filter(t -> t.input() == number).forEach(t -> emitter.set(t, value));
    }

    private GraphProto finished(String name) {
        builder.path("");
        Map<String, String> results = new LinkedHashMap<>();
        terms.outputs().forEach((output, t) -> results.put(output, emitter.natural(t)));
        Map<String, String> renamed = new LinkedHashMap<>();
        results.forEach((output, result) -> {
            boolean free = builder.isResult(result) && !renamed.containsKey(result) && !builder.hasSubgraphs();
            if (free) {
                renamed.put(result, output);
            }
        });
        builder.rename(renamed);
        results.forEach((output, result) -> {
            if (!output.equals(renamed.get(result))) {
                builder.identity(renamed.getOrDefault(result, result), output);
            }
        });
        List<ValueInfo> given = inputs.stream()
                .map(i -> info(i.name(), i.dtype(), dimensions(i)))
                .toList();
        List<ValueInfo> made = new ArrayList<>();
        terms.outputs().forEach((output, t) -> made.add(info(output, t.dtype(), dimensions(t.sizes()))));
        return builder.build(name, given, made, false);
    }

    private static ValueInfo info(String name, DType dtype, List<ValueInfo.Dimension> sizes) {
        return new ValueInfo(name, ValueInfo.TENSOR, Optional.of(OnnxType.of(dtype)), Optional.of(sizes));
    }

    private static List<ValueInfo.Dimension> dimensions(ExportInput input) {
        return input.axes().stream()
                .map(a -> (ValueInfo.Dimension)
                        switch (a) {
                            case Axis.Fixed f -> new ValueInfo.Fixed(f.size());
                            case Axis.Dynamic d -> new ValueInfo.Symbolic(d.name());
                        })
                .toList();
    }

    private List<ValueInfo.Dimension> dimensions(List<Size> sizes) {
        List<ValueInfo.Dimension> all = new ArrayList<>();
        for (Size size : sizes) {
            String axis = probes.axes().keySet().stream()
                    .filter(n -> probes.size(n).equals(size))
                    .findFirst()
                    .orElse("");
            all.add(size.isFixed() ? new ValueInfo.Fixed(size.at(0)) : new ValueInfo.Symbolic(axis));
        }
        return all;
    }
}
