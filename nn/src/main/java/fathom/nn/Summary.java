package fathom.nn;

import fathom.ir.Buffer;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a model is made of: for every layer the shape of its result, its parameters and the
/// multiply-adds that a sample costs. Printed it is a table.
///
/// It is found by recording the model's operations on one sample; nothing is computed.
///
/// @param rows the layers in the order in which they are called
/// @param parameters weights of the model, shared ones counted once
/// @param trainable those that training changes
/// @param multiplyAdds of the matrix products and convolutions of one sample
public record Summary(List<Row> rows, long parameters, long trainable, long multiplyAdds) {
    public Summary {
        rows = List.copyOf(rows);
    }

    /// One layer.
    ///
    /// @param name its path and type: `0 (Conv2d)`
    /// @param output the shape of its result, without the batch axis
    /// @param parameters weights that no row before has counted
    /// @param multiplyAdds of its matrix products and convolutions
    public record Row(String name, Shape output, long parameters, long multiplyAdds) {}

    /// Of a blueprint, for F32 samples of the given shape.
    public static Summary of(Layer layer, Shape input) {
        return of(layer.build(input, RandomStream.of(0)), input);
    }

    /// Of a model, for F32 samples of the given shape.
    public static Summary of(Module model, Shape input) {
        return of(model, input, DType.F32);
    }

    /// Of a model, for samples of the given shape and dtype.
    public static Summary of(Module model, Shape input, DType dtype) {
        List<Integer> sizes = new ArrayList<>(input.toList());
        sizes.addFirst(1);
        Shape batch = Shape.of(sizes);
        Tensor sample = Tensor.of(Buffer.allocate(dtype, batch.size()), batch);
        IdentityHashMap<Module, String> paths = Modules.paths(model);
        Set<Parameter> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<Node> visited = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Row> rows = new ArrayList<>();
        Calls.Listener listener = (module, x, y) -> {
            List<Parameter> own = new ArrayList<>();
            if (inner(module, own) && own.isEmpty()) {
                return;
            }
            long weights = own.stream()
                    .filter(counted::add)
                    .mapToLong(p -> p.shape().size())
                    .sum();
            String path = paths.getOrDefault(module, "");
            String type = Calls.type(module);
            rows.add(new Row(
                    path.isEmpty() ? type : path + " (" + type + ")",
                    Shape.of(y.shape().toList().subList(1, y.rank())),
                    weights,
                    work(y.node(), visited)));
        };
        Tensor[] result = new Tensor[1];
        Calls.observed(listener, () -> result[0] = Context.inference(() -> model.apply(sample)));
        long rest = work(result[0].node(), visited);
        long total = rows.stream().mapToLong(Row::multiplyAdds).sum() + rest;
        long trainable = Modules.parameters(model).values().stream()
                .filter(Parameter::trainable)
                .mapToLong(p -> p.shape().size())
                .sum();
        return new Summary(rows, Modules.count(model), trainable, total);
    }

    /// Collects the module's own parameters; whether it contains other modules.
    private static boolean inner(Module module, List<Parameter> own) {
        boolean[] modules = {false};
        Parts.each(module, (name, part) -> {
            modules[0] |= part instanceof Module;
            if (part instanceof Parameter p) {
                own.add(p);
            }
        });
        return modules[0];
    }

    /// Multiply-adds below a node that no call before has visited.
    private static long work(Node root, Set<Node> visited) {
        long sum = 0;
        Deque<Node> stack = new ArrayDeque<>(List.of(root));
        while (!stack.isEmpty()) {
            Node n = stack.pop();
            if (visited.add(n)) {
                sum += work(n);
                n.inputs().forEach(stack::push);
            }
        }
        return sum;
    }

    private static long work(Node n) {
        return switch (n.op()) {
            case Op.MatMul m -> {
                Shape a = n.inputs().getFirst().shape();
                yield (long) n.shape().size() * a.dim(m.transposeLeft() ? -2 : -1);
            }
            case Op.Convolution c -> {
                Shape w = n.inputs().get(1).shape();
                yield (long) n.shape().size() * w.dim(0) * w.dim(1) * w.dim(2);
            }
            case Op.ConvolutionInputGradient c -> {
                Shape w = n.inputs().get(1).shape();
                Node from = n.inputs().getFirst();
                yield (long) from.shape().size() * w.dim(0) * w.dim(1) * w.dim(2);
            }
            default -> 0;
        };
    }

    /// The table.
    @Override
    public String toString() {
        List<String[]> cells = new ArrayList<>();
        cells.add(new String[] {"layer", "output", "parameters", "multiply-adds"});
        for (Row r : rows) {
            cells.add(
                    new String[] {r.name(), r.output().toString(), grouped(r.parameters()), grouped(r.multiplyAdds())});
        }
        cells.add(new String[] {"total", "", grouped(parameters), grouped(multiplyAdds)});
        int[] widths = new int[4];
        for (String[] row : cells) {
            for (int i = 0; i < 4; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        String rule = "-".repeat(widths[0] + widths[1] + widths[2] + widths[3] + 6) + "\n";
        StringBuilder b = new StringBuilder();
        for (int k = 0; k < cells.size(); k++) {
            String[] row = cells.get(k);
            if (k == 1 || k == cells.size() - 1) {
                b.append(rule);
            }
            b.append(row[0]).append(" ".repeat(widths[0] - row[0].length() + 2));
            b.append(row[1]).append(" ".repeat(widths[1] - row[1].length() + 2));
            b.append(" ".repeat(widths[2] - row[2].length())).append(row[2]).append("  ");
            b.append(" ".repeat(widths[3] - row[3].length())).append(row[3]).append('\n');
        }
        if (trainable != parameters) {
            b.append("trainable parameters: ").append(grouped(trainable)).append('\n');
        }
        return b.toString();
    }

    private static String grouped(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }
}
