package fathom.io.onnx.export;

import fathom.ir.Require;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The sizes of the dynamic axes at which a model is recorded: first all as in the examples, then each of
/// them in two other ways, then all of them otherwise.
///
/// @param axes the dynamic axes by name
/// @param variants for each recording which of its sizes each axis has, in the order of `axes`
record Probes(Map<String, Axis.Dynamic> axes, List<List<Integer>> variants) {
    static Probes of(List<ExportInput> inputs) {
        Map<String, Axis.Dynamic> axes = new LinkedHashMap<>();
        for (ExportInput input : inputs) {
            for (Axis axis : input.axes()) {
                if (axis instanceof Axis.Dynamic d) {
                    Axis.Dynamic before = axes.putIfAbsent(d.name(), d);
                    String message = "axis '%s' has the examples %s and %s, expected one";
                    Require.that(before == null || before.equals(d), message, d.name(), before, d);
                }
            }
        }
        int count = axes.size();
        List<List<Integer>> variants = new ArrayList<>();
        variants.add(variant(count, -1, 0));
        for (int i = 0; i < count; i++) {
            variants.add(variant(count, i, 1));
            variants.add(variant(count, i, 2));
        }
        if (count > 1) {
            variants.add(IntStream.range(0, count).mapToObj(i -> 1 + i % 2).toList());
        }
        return new Probes(axes, variants);
    }

    private static List<Integer> variant(int count, int axis, int variant) {
        return IntStream.range(0, count).mapToObj(i -> i == axis ? variant : 0).toList();
    }

    /// How often the model is recorded.
    int count() {
        return variants.size();
    }

    /// The size of a dynamic axis.
    Size size(String name) {
        int place = List.copyOf(axes.keySet()).indexOf(name);
        Axis.Dynamic axis = axes.values().stream().skip(place).findFirst().orElseThrow();
        return Size.of(variants.stream().mapToLong(v -> axis.size(v.get(place))));
    }

    /// The size of an axis.
    Size size(Axis axis) {
        return switch (axis) {
            case Axis.Fixed f -> Size.fixed(f.size(), count());
            case Axis.Dynamic d -> size(d.name());
        };
    }

    /// The shape of an input in a recording.
    Shape shape(ExportInput input, int probe) {
        return Shape.of(input.axes().stream().map(a -> (int) size(a).at(probe)).toList());
    }

    /// The sizes in a recording, for errors.
    String describe(int probe) {
        List<String> all = axes.keySet().stream()
                .map(name -> name + " = " + size(name).at(probe))
                .toList();
        return all.isEmpty() ? "fixed sizes" : String.join(", ", all);
    }
}
