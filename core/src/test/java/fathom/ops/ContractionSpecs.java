package fathom.ops;

import fathom.ir.Op;
import fathom.ir.Window;
import java.util.ArrayList;
import java.util.List;

/// Matrix products and convolutions.
final class ContractionSpecs {
    private ContractionSpecs() {}

    static List<OpSpec> all() {
        return List.of(matMul(), convolution(), inputGradient(), weightGradient());
    }

    private static OpSpec matMul() {
        List<Sample> samples = new ArrayList<>();
        for (boolean left : new boolean[] {false, true}) {
            for (boolean right : new boolean[] {false, true}) {
                samples.add(product(left, right, true, 3, 5, 4));
                samples.add(product(left, right, true, 1, 1, 1));
                samples.add(product(left, right, true, 1, 7, 3));
                samples.add(product(left, right, true, 3, 7, 1));
                samples.add(product(left, right, true, 2, 3, 2, 2));
                samples.add(product(left, right, true, 2, 2, 3, 1, 2));
                samples.add(product(left, right, true, 0, 3, 2));
                samples.add(product(left, right, true, 2, 0, 3));
                samples.add(product(left, right, true, 2, 3, 0));
                samples.add(product(left, right, true, 0, 2, 3, 2));
                samples.add(product(left, right, false, 37, 61, 53).within(5));
                samples.add(product(left, right, false, 5, 19, 23, 17).within(5));
                samples.add(product(left, right, false, 130, 300, 70).within(20));
                samples.add(product(left, right, false, 1, 300, 70).within(20));
                samples.add(product(left, right, false, 70, 300, 1).within(20));
            }
        }
        samples.add(Sample.flat(new Op.MatMul(false, false), Input.special(3, 9), Input.normal(9, 3)));
        return OpSpec.of(Op.MatMul.class, samples)
                .refuses(
                        new Op.MatMul(false, false),
                        List.of(Input.normal(2, 3), Input.normal(4, 5)),
                        "inner sizes 3 and 4")
                .refuses(
                        new Op.MatMul(true, false),
                        List.of(Input.normal(2, 3), Input.normal(3, 5)),
                        "inner sizes 2 and 3")
                .refuses(
                        new Op.MatMul(false, false),
                        List.of(Input.normal(2, 2, 3), Input.normal(4, 3, 5)),
                        "leading axes");
    }

    /// @param sizes leading axes, rows, inner size, columns
    private static Sample product(boolean left, boolean right, boolean smooth, int... sizes) {
        int lead = sizes.length - 3;
        int[] a = java.util.Arrays.copyOf(sizes, lead + 2);
        int[] b = java.util.Arrays.copyOf(sizes, lead + 2);
        int rows = sizes[lead];
        int inner = sizes[lead + 1];
        int columns = sizes[lead + 2];
        a[lead] = left ? inner : rows;
        a[lead + 1] = left ? rows : inner;
        b[lead] = right ? columns : inner;
        b[lead + 1] = right ? inner : columns;
        Op op = new Op.MatMul(left, right);
        return smooth
                ? Sample.of(op, Input.normal(a), Input.normal(b))
                : Sample.flat(op, Input.normal(a), Input.normal(b));
    }

    /// One convolution's geometry.
    private record Case(Window window, int groups, int n, int h, int w, int c, int k) {
        int[] x() {
            return new int[] {n, h, w, c};
        }

        int[] weight() {
            return new int[] {window.kernelHeight(), window.kernelWidth(), c / groups, k};
        }

        int[] y() {
            return new int[] {n, window.outputHeight(h), window.outputWidth(w), k};
        }

        boolean small() {
            return n * h * w * c < 200;
        }

        Sample sample(Op op, int[] first, int[] second) {
            Input a = Input.normal(first);
            Input b = Input.normal(second);
            return small() ? Sample.of(op, a, b) : Sample.flat(op, a, b).within(30);
        }
    }

    private static List<Case> cases() {
        return List.of(
                new Case(Window.of(3, 3, 1, 0, 1), 1, 2, 5, 4, 2, 3),
                new Case(Window.of(3, 3, 1, 1, 1), 1, 1, 4, 5, 2, 3),
                new Case(Window.of(1, 1, 1, 0, 1), 1, 2, 3, 3, 2, 3),
                new Case(Window.of(2, 3, 2, 1, 1), 1, 1, 6, 5, 2, 2),
                new Case(Window.of(3, 3, 2, 0, 1), 1, 1, 6, 6, 1, 2),
                new Case(Window.of(2, 2, 1, 1, 2), 1, 1, 5, 4, 2, 2),
                new Case(Window.of(3, 3, 1, 1, 1), 2, 1, 4, 4, 4, 2),
                new Case(Window.of(2, 2, 1, 0, 1), 3, 2, 3, 3, 3, 6),
                new Case(new Window(2, 3, 1, 2, 1, 0, 2, 1, 2, 1), 1, 1, 5, 6, 2, 2),
                new Case(Window.of(2, 2, 3, 0, 1), 1, 1, 5, 5, 1, 1),
                new Case(Window.of(1, 3, 1, 1, 1), 1, 1, 1, 7, 2, 2),
                new Case(Window.of(3, 3, 1, 0, 1), 1, 0, 5, 5, 2, 3),
                new Case(Window.of(1, 1, 2, 0, 1), 1, 1, 5, 5, 2, 2),
                new Case(Window.of(3, 3, 1, 4, 1), 1, 1, 2, 2, 1, 2),
                new Case(Window.of(3, 3, 1, 1, 1), 1, 2, 13, 11, 19, 37),
                new Case(Window.of(3, 3, 1, 0, 1), 1, 3, 15, 14, 1, 32),
                new Case(Window.of(5, 3, 2, 2, 1), 1, 2, 17, 16, 3, 24),
                new Case(Window.of(3, 3, 1, 2, 2), 1, 1, 12, 13, 9, 17),
                new Case(Window.of(3, 3, 1, 1, 1), 16, 1, 10, 9, 16, 16),
                new Case(Window.of(3, 3, 2, 1, 1), 4, 2, 9, 9, 8, 20),
                new Case(Window.of(1, 1, 1, 0, 1), 1, 2, 9, 9, 33, 65));
    }

    private static OpSpec convolution() {
        List<Sample> samples = cases().stream()
                .map(c -> c.sample(new Op.Convolution(c.window, c.groups), c.x(), c.weight()))
                .toList();
        Window w = Window.of(3, 3, 1, 0, 1);
        return OpSpec.of(Op.Convolution.class, samples)
                .refuses(
                        new Op.Convolution(w, 1),
                        List.of(Input.normal(1, 5, 5, 2), Input.normal(3, 3, 3, 4)),
                        "2 input channels")
                .refuses(
                        new Op.Convolution(w, 1),
                        List.of(Input.normal(1, 2, 5, 2), Input.normal(3, 3, 2, 4)),
                        "window fits into")
                .refuses(
                        new Op.Convolution(w, 1),
                        List.of(Input.normal(5, 5, 2), Input.normal(3, 3, 2, 4)),
                        "[N, H, W, C]")
                .refuses(
                        new Op.Convolution(w, 2),
                        List.of(Input.normal(1, 5, 5, 2), Input.normal(3, 3, 1, 3)),
                        "multiple of 2 groups");
    }

    private static OpSpec inputGradient() {
        List<Sample> samples = cases().stream()
                .map(c -> c.sample(new Op.ConvolutionInputGradient(c.window, c.groups, c.h, c.w), c.y(), c.weight()))
                .toList();
        return OpSpec.of(Op.ConvolutionInputGradient.class, samples)
                .refuses(
                        new Op.ConvolutionInputGradient(Window.of(3, 3, 1, 0, 1), 1, 6, 6),
                        List.of(Input.normal(1, 3, 3, 2), Input.normal(3, 3, 1, 2)),
                        "shaped as the convolution");
    }

    private static OpSpec weightGradient() {
        List<Sample> samples = cases().stream()
                .map(c -> c.sample(new Op.ConvolutionWeightGradient(c.window, c.groups), c.x(), c.y()))
                .toList();
        return OpSpec.of(Op.ConvolutionWeightGradient.class, samples)
                .refuses(
                        new Op.ConvolutionWeightGradient(Window.of(3, 3, 1, 0, 1), 1),
                        List.of(Input.normal(1, 5, 5, 2), Input.normal(1, 4, 3, 2)),
                        "shaped as the convolution")
                .refuses(
                        new Op.ConvolutionWeightGradient(Window.of(3, 3, 1, 0, 1), 2),
                        List.of(Input.normal(1, 5, 5, 3), Input.normal(1, 3, 3, 2)),
                        "2 groups");
    }
}
