package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Layers that get the same input, and what is made of their results.
final class Branches {
    private Branches() {}

    static void check(String layer, List<?> branches) {
        Require.positive(layer + ": branches", branches.size());
    }

    static List<Tensor> apply(List<Module> branches, Tensor x) {
        return branches.stream().map(b -> b.apply(x)).toList();
    }

    /// The weights of a branch depend on its place, not on the others.
    static List<Module> build(List<Layer> branches, Shape input, RandomStream random) {
        List<Module> modules = new ArrayList<>();
        for (int i = 0; i < branches.size(); i++) {
            modules.add(branches.get(i).build(input, random.split(Integer.toString(i))));
        }
        return modules;
    }

    static List<Shape> outputs(List<Layer> branches, Shape input) {
        return branches.stream().map(b -> b.output(input)).toList();
    }

    /// The one shape of results that are added.
    static Shape sum(String layer, List<Shape> outputs) {
        Shape first = outputs.getFirst();
        boolean equal = outputs.stream().allMatch(first::equals);
        Require.that(equal, "%s: branches give %s, expected equal shapes", layer, outputs);
        return first;
    }

    /// Adds results of one shape.
    static Tensor sum(String layer, Tensor... results) {
        List<Tensor> all = List.of(results);
        sum(layer, all.stream().map(Tensor::shape).toList());
        return all.stream().reduce(Tensor::add).orElseThrow();
    }

    /// The shape of results that stand side by side along the last axis.
    static Shape concat(String layer, List<Shape> outputs) {
        Shape first = outputs.getFirst();
        boolean fit = outputs.stream()
                .allMatch(s -> s.rank() > 0
                        && s.rank() == first.rank()
                        && s.with(-1, 1).equals(first.with(-1, 1)));
        Require.that(fit, "%s: branches give %s, expected shapes that differ in the last axis only", layer, outputs);
        return first.with(-1, outputs.stream().mapToInt(s -> s.dim(-1)).sum());
    }
}
