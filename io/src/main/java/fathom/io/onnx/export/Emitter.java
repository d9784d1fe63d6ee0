package fathom.io.onnx.export;

import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// What the rules for operations write with: the nodes made so far and what each operation has become.
final class Emitter {
    private final GraphBuilder builder;
    private final SizeNodes sizes;
    private final Arranger arranger;
    private final Function<Term, String> paths;
    private final Map<Term, Value> values = new HashMap<>();
    private final Map<Term, List<String>> packed = new HashMap<>();

    /// @param paths what the file is to call elements that it holds
    Emitter(GraphBuilder builder, Probes probes, Function<Term, String> paths) {
        this.paths = paths;
        this.builder = builder;
        this.sizes = new SizeNodes(builder, probes);
        this.arranger = new Arranger(builder, sizes);
    }

    GraphBuilder builder() {
        return builder;
    }

    SizeNodes sizes() {
        return sizes;
    }

    Arranger arranger() {
        return arranger;
    }

    /// What an operation has become.
    Value value(Term t) {
        return Objects.requireNonNull(values.get(t));
    }

    void set(Term t, Value value) {
        values.put(t, value);
    }

    boolean has(Term t) {
        return values.containsKey(t);
    }

    /// What the file is to call elements that it holds.
    String path(Term leaf) {
        return paths.apply(leaf);
    }

    /// Weights that a term has in a form of its own, which are made once.
    List<String> packed(Term t, Supplier<List<String>> names) {
        return packed.computeIfAbsent(t, _ -> names.get());
    }

    /// A node without attributes; its name.
    String node(String operator, String... inputs) {
        return builder.node(operator, inputs);
    }

    /// A node; its name.
    String node(String operator, Attributes attributes, String... inputs) {
        return builder.node(operator, attributes, inputs);
    }

    /// The elements of a term with its axes in their places, none left out.
    String natural(Term t) {
        return arranger.natural(value(t));
    }

    /// A tensor of the graph whose axes are the term's.
    Value made(Term t, String name) {
        return made(t, name, IntStream.range(0, t.rank()).toArray());
    }

    /// A tensor of the graph with all axes of a term, in other places.
    ///
    /// @param places where each axis is
    Value made(Term t, String name, int[] places) {
        return made(t.sizes(), t.dtype(), name, t.rank(), places);
    }

    /// A tensor of the graph.
    ///
    /// @param places where each axis is, -1 if the elements do not differ along it
    Value made(List<Size> of, DType dtype, String name, int rank, int[] places) {
        List<Integer> axes = new ArrayList<>();
        for (int i = 0; i < of.size(); i++) {
            boolean shown = places[i] >= 0 && !of.get(i).isOne();
            axes.add(shown ? places[i] : -1);
            if (shown) {
                sizes.note(of.get(i), name, places[i]);
            }
        }
        return new Value(Source.of(name, rank), axes, of, dtype);
    }

    /// What an elementwise operator makes of operands of the same sizes.
    Value elementwise(Term t, List<Term> operands, Elementwise operator) {
        Arranger.Aligned aligned =
                arranger.aligned(operands.stream().map(this::value).toList());
        String name = operator.apply(aligned.names());
        return made(t.sizes(), t.dtype(), name, aligned.rank(), aligned.places());
    }

    /// Makes the nodes of an elementwise operation.
    @FunctionalInterface
    interface Elementwise {
        String apply(List<String> operands);
    }

    /// The value with all axes in the graph's tensor that are not of size 1, in whatever order they are.
    ///
    /// @param axes those that are needed
    Value showing(Value v, int... axes) {
        boolean all = Arrays.stream(axes)
                .allMatch(a -> v.varies(a) || v.sizes().get(a).isOne());
        if (all) {
            return v;
        }
        String name = arranger.natural(v);
        return made(
                v.sizes(),
                v.dtype(),
                name,
                v.rank(),
                IntStream.range(0, v.rank()).toArray());
    }

    /// The graph's tensor behind a value, as it lies there.
    String stored(Value v) {
        return arranger.stored(v);
    }

    /// 0, 1, 2 and so on, as many as a size says.
    String range(Size count, DType dtype) {
        String zero = builder.scalar(DType.I64, 0);
        String one = builder.scalar(DType.I64, 1);
        String places = node("Range", zero, sizes.scalar(count), one);
        return dtype == DType.I64 ? places : node("Cast", Casts.to(dtype), places);
    }
}
