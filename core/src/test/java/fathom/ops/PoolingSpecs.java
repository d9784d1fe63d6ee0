package fathom.ops;

import fathom.ir.Op;
import fathom.ir.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Pooling and its adjoints.
final class PoolingSpecs {
    private PoolingSpecs() {}

    /// One pooling's geometry.
    private record Case(Window window, int... x) {
        int[] y() {
            return new int[] {x[0], window.outputHeight(x[1]), window.outputWidth(x[2]), x[3]};
        }

        /// Whether a window may lie wholly on the padding: its maximum is infinite.
        boolean hasEmptyWindows() {
            return window.padTop() >= window.kernelHeight();
        }

        boolean small() {
            return x[0] * x[1] * x[2] * x[3] < 200;
        }

        Sample sample(Op op, Input... inputs) {
            return small() ? Sample.of(op, inputs) : Sample.flat(op, inputs);
        }
    }

    private static final List<Case> CASES = List.of(
            new Case(Window.of(2, 2, 2, 0, 1), 2, 4, 6, 3),
            new Case(Window.of(2, 2, 2, 0, 1), 1, 5, 5, 2),
            new Case(Window.of(3, 3, 1, 1, 1), 1, 4, 5, 2),
            new Case(Window.of(3, 2, 2, 1, 1), 1, 5, 6, 2),
            new Case(Window.of(2, 2, 1, 0, 2), 1, 5, 4, 2),
            new Case(new Window(2, 3, 1, 2, 1, 0, 0, 2, 1, 1), 1, 4, 5, 1),
            new Case(Window.of(1, 1, 1, 0, 1), 1, 2, 2, 2),
            new Case(Window.of(1, 1, 2, 0, 1), 1, 3, 3, 1),
            new Case(Window.of(2, 2, 2, 0, 1), 0, 4, 4, 2),
            new Case(Window.of(2, 2, 2, 0, 1), 1, 4, 4, 0),
            // Some windows lie wholly on the padding.
            new Case(Window.of(2, 2, 1, 3, 1), 1, 2, 2, 1),
            new Case(Window.of(2, 2, 2, 0, 1), 3, 26, 24, 19),
            new Case(Window.of(3, 3, 2, 1, 1), 2, 15, 17, 33),
            new Case(Window.of(3, 3, 1, 1, 1), 1, 9, 9, 8));

    static List<OpSpec> all() {
        Window w = Window.of(2, 2, 2, 0, 1);
        return List.of(
                spec(
                                Op.MaxPool.class,
                                c -> c.hasEmptyWindows()
                                        ? Sample.flat(new Op.MaxPool(c.window), Input.distinct(c.x))
                                        : c.sample(new Op.MaxPool(c.window), Input.distinct(c.x)),
                                Sample.flat(new Op.MaxPool(w), Input.special(1, 6, 8, 3)))
                        .refuses(new Op.MaxPool(w), List.of(Input.normal(1, 1, 4, 2)), "window fits into")
                        .refuses(new Op.MaxPool(w), List.of(Input.normal(4, 4, 2)), "[N, H, W, C]"),
                spec(
                                Op.MaxPoolScatter.class,
                                c -> c.sample(
                                        new Op.MaxPoolScatter(c.window), Input.distinct(c.x), Input.normal(c.y())),
                                Sample.flat(
                                        new Op.MaxPoolScatter(w), Input.special(1, 6, 8, 3), Input.normal(1, 3, 4, 3)),
                                Sample.flat(
                                        new Op.MaxPoolScatter(w),
                                        Input.uniform(1, 1, 1, 6, 8, 2),
                                        Input.normal(1, 3, 4, 2)))
                        .refuses(
                                new Op.MaxPoolScatter(w),
                                List.of(Input.normal(1, 4, 4, 2), Input.normal(1, 4, 4, 2)),
                                "[1, 2, 2, 2]"),
                spec(
                                Op.MaxPoolGather.class,
                                c -> c.sample(new Op.MaxPoolGather(c.window), Input.distinct(c.x), Input.normal(c.x)),
                                Sample.flat(
                                        new Op.MaxPoolGather(w), Input.special(1, 6, 8, 3), Input.normal(1, 6, 8, 3)),
                                Sample.flat(
                                        new Op.MaxPoolGather(w),
                                        Input.uniform(1, 1, 1, 6, 8, 2),
                                        Input.normal(1, 6, 8, 2)))
                        .refuses(
                                new Op.MaxPoolGather(w),
                                List.of(Input.normal(1, 4, 4, 2), Input.normal(1, 2, 2, 2)),
                                "one shape"),
                spec(
                                Op.SumPool.class,
                                c -> c.sample(new Op.SumPool(c.window), Input.normal(c.x)),
                                Sample.flat(new Op.SumPool(w), Input.special(1, 6, 8, 3)))
                        .refuses(new Op.SumPool(w), List.of(Input.normal(1, 4, 1, 2)), "window fits into"),
                spec(
                                Op.SumPoolScatter.class,
                                c -> c.sample(new Op.SumPoolScatter(c.window, c.x[1], c.x[2]), Input.normal(c.y())))
                        .refuses(
                                new Op.SumPoolScatter(w, 4, 4),
                                List.of(Input.normal(1, 4, 2, 2)),
                                "shaped as the pooled"));
    }

    private static OpSpec spec(Class<? extends Op> op, Function<Case, Sample> sample, Sample... more) {
        List<Sample> samples = new ArrayList<>(CASES.stream().map(sample).toList());
        samples.addAll(List.of(more));
        return OpSpec.of(op, samples);
    }
}
