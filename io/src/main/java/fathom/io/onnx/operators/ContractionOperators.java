package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// Products of matrices and convolutions.
final class ContractionOperators {
    private ContractionOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("MatMul", 1, c -> product(c, c.tensor(0), c.tensor(1))),
                Operator.of("Einsum", 12, ContractionOperators::einsteinSum),
                Operator.of("Det", 11, c -> c.computed(Determinant.of(c.tensor(0)))),
                Operator.of("Gemm", 1, ContractionOperators::gemm),
                Operator.of("Conv", 1, ContractionOperators::convolution),
                Operator.of("ConvTranspose", 1, ContractionOperators::transposedConvolution));
    }

    /// Products of whole numbers are exact in doubles up to 2^53.
    private static Value product(Call c, Tensor a, Tensor b) {
        if (c.type(0).isFloating()) {
            return c.computed(a.matmul(b));
        }
        Tensor y = a.cast(DType.F64).matmul(b.cast(DType.F64));
        return Casts.to(Value.of(OnnxType.DOUBLE, y), c.type(0));
    }

    private static Value einsteinSum(Call c) {
        boolean fractions = c.type(0).isFloating();
        List<Tensor> operands = IntStream.range(0, c.inputs())
                .mapToObj(i -> fractions ? c.tensor(i) : c.tensor(i).cast(DType.F64))
                .toList();
        Tensor y = EinsteinSum.of(c.text("equation", ""), operands);
        return fractions ? c.computed(y) : Casts.to(Value.of(OnnxType.DOUBLE, y), c.type(0));
    }

    private static Value gemm(Call c) {
        Tensor a = c.flag("transA", false) ? c.tensor(0).transpose() : c.tensor(0);
        Tensor b = c.flag("transB", false) ? c.tensor(1).transpose() : c.tensor(1);
        double alpha = c.number("alpha", 1);
        double beta = c.number("beta", 1);
        DType fractions = c.type(0).isFloating() ? a.dtype() : DType.F64;
        Tensor y = a.cast(fractions).matmul(b.cast(fractions));
        y = alpha == 1 ? y : y.mul(alpha);
        if (c.has(2)) {
            Tensor more = c.tensor(2).cast(fractions);
            y = y.add(beta == 1 ? more : more.mul(beta));
        }
        return c.computed(y.cast(a.dtype()));
    }

    private static Value convolution(Call c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        Require.that(x.rank() >= 3 && w.rank() == x.rank(), "images %s and weights %s", x.type(), w.type());
        Sliding s = Sliding.of(c, Layout.spatial(w), Layout.spatial(x));
        Tensor y = Convolutions.forward(Layout.channelsLast(x), kernel(w), s, c.integer("group", 1));
        return c.computed(Layout.channelsFirst(c.has(2) ? y.add(c.tensor(2)) : y));
    }

    /// `[K, C, ...]` as `[..., C, K]`.
    static Tensor kernel(Tensor w) {
        int n = w.rank();
        return w.permute(IntStream.range(0, n)
                .map(i -> i < n - 2 ? i + 2 : i == n - 1 ? 0 : 1)
                .toArray());
    }

    private static Value transposedConvolution(Call c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        Require.that(x.rank() >= 3 && w.rank() == x.rank(), "images %s and weights %s", x.type(), w.type());
        int[] kernel = Layout.spatial(w);
        int n = kernel.length;
        int[] strides = Sliding.all(c, "strides", n, 1);
        int[] more = Sliding.all(c, "output_padding", n, 0);
        int[] pads = Sliding.all(c, "pads", 2 * n, 0);
        int[] none = new int[n];
        Sliding s = new Sliding(kernel, strides, Sliding.all(c, "dilations", n, 1), none, none, none);
        String auto = c.text("auto_pad", "NOTSET");
        int[] wanted = c.integers("output_shape").orElse(null);
        // Their inputs come first here: [K, C / groups, ...].
        Tensor weight = kernel(w);
        Tensor y = Convolutions.transposed(Layout.channelsLast(x), weight, s, c.integer("group", 1));
        for (int i = 0; i < n; i++) {
            int full = y.dim(i + 1) + more[i];
            int begin = pads[i];
            int end = pads[n + i];
            if (wanted != null || auto.startsWith("SAME")) {
                int size = wanted != null ? wanted[wanted.length - n + i] : x.dim(i + 2) * strides[i];
                int total = full - size;
                begin = auto.equals("SAME_UPPER") ? Math.floorDiv(total, 2) : total - Math.floorDiv(total, 2);
                begin = Math.max(begin, 0);
                end = total - begin;
            }
            y = cut(y, i + 1, begin, end - more[i]);
        }
        return c.computed(Layout.channelsFirst(c.has(2) ? y.add(c.tensor(2)) : y));
    }

    /// Without the first and last elements along an axis, or, where their number is negative, with zeros.
    private static Tensor cut(Tensor x, int axis, int begin, int end) {
        Tensor more = x.pad(axis, Math.max(0, -begin), Math.max(0, -end));
        return more.slice(axis, Math.max(0, begin), more.dim(axis) - Math.max(0, end));
    }
}
