package fathom.io.onnx.export;

import fathom.ir.Buffer;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Convolution and pooling. ONNX has the channels before height and width.
final class WindowNodes {
    /// Where the axes `[N, H, W, C]` are in ONNX.
    private static final int[] IMAGES = {0, 2, 3, 1};

    /// Where the axes `[KH, KW, C, K]` of weights are.
    private static final int[] KERNELS = {2, 3, 1, 0};

    private static final int[] ALL = {0, 1, 2, 3};

    private final Emitter e;
    private final IndexingNodes indexing;
    private final MovementNodes movement;

    WindowNodes(Emitter emitter, IndexingNodes indexing, MovementNodes movement) {
        this.e = emitter;
        this.indexing = indexing;
        this.movement = movement;
    }

    private String images(Term x) {
        return e.arranger().ordered(e.value(x), IMAGES, ALL);
    }

    private Value made(Term t, String name) {
        return e.made(t, name, IMAGES);
    }

    private static Attributes strides(Window w) {
        return Attributes.none().with("strides", w.strideHeight(), w.strideWidth());
    }

    private static Attributes attributes(Window w) {
        return strides(w)
                .with("kernel_shape", w.kernelHeight(), w.kernelWidth())
                .with("pads", w.padTop(), w.padLeft(), w.padBottom(), w.padRight())
                .with("dilations", w.dilationHeight(), w.dilationWidth());
    }

    /// @param t what this becomes: the convolution, or its sum with the bias
    /// @param bias a vector for each filter, or nothing
    Value convolution(Term t, Term convolution, List<Term> bias) {
        Op.Convolution op = (Op.Convolution) convolution.op();
        Attributes attributes = attributes(op.window()).with("group", op.groups());
        return made(t, e.node("Conv", attributes, operands(convolution, bias)));
    }

    private String[] operands(Term convolution, List<Term> bias) {
        List<String> operands = new ArrayList<>(
                List.of(images(convolution.in(0)), e.arranger().ordered(e.value(convolution.in(1)), KERNELS, ALL)));
        bias.forEach(b -> operands.add(e.natural(b)));
        return operands.toArray(String[]::new);
    }

    /// @param t what this becomes: the transposed convolution, or its sum with the bias
    /// @param bias a vector for each filter, or nothing
    Value transposed(Term t, Term convolution, List<Term> bias) {
        Op.ConvolutionInputGradient op = (Op.ConvolutionInputGradient) convolution.op();
        Attributes attributes = transposed(op.window(), convolution).with("group", op.groups());
        return made(t, e.node("ConvTranspose", attributes, operands(convolution, bias)));
    }

    private static Attributes transposed(Window w, Term t) {
        Size height = t.size(1).with(t.in(0).size(1), (out, in) -> out - w.inputHeight((int) in));
        Size width = t.size(2).with(t.in(0).size(2), (out, in) -> out - w.inputWidth((int) in));
        if (!height.isFixed() || !width.isFixed()) {
            throw new Refusal("a transposed convolution whose last rows depend on the inputs' sizes");
        }
        return attributes(w).with("output_padding", height.at(0), width.at(0));
    }

    /// A convolution of the samples with the result's gradient, over the batch.
    Value weightGradient(Term t) {
        Window w = ((Op.ConvolutionWeightGradient) t.op()).window();
        int[] channelsFirst = {1, 2, 3, 0};
        String x = e.arranger().ordered(e.value(t.in(0)), channelsFirst, ALL);
        String dy = e.arranger().ordered(e.value(t.in(1)), channelsFirst, ALL);
        Attributes attributes = Attributes.none()
                .with("strides", w.dilationHeight(), w.dilationWidth())
                .with("dilations", w.strideHeight(), w.strideWidth())
                .with("pads", w.padTop(), w.padLeft(), w.padBottom(), w.padRight());
        String all = e.node("Conv", attributes, x, dy);
        String cut = e.node(
                "Slice",
                all,
                e.builder().longs(0, 0),
                e.sizes().vector(List.of(t.size(0), t.size(1))),
                e.builder().longs(2, 3));
        return e.made(t, cut, new int[] {2, 3, 0, 1});
    }

    private static boolean fitsKernel(Window w) {
        return w.padTop() < w.kernelHeight()
                && w.padBottom() < w.kernelHeight()
                && w.padLeft() < w.kernelWidth()
                && w.padRight() < w.kernelWidth();
    }

    private static Window unpadded(Window w) {
        return new Window(
                w.kernelHeight(),
                w.kernelWidth(),
                w.strideHeight(),
                w.strideWidth(),
                0,
                0,
                0,
                0,
                w.dilationHeight(),
                w.dilationWidth());
    }

    /// Runtimes refuse padding as wide as the window, so that is done before.
    private String padded(String x, Window w, DType dtype, double value) {
        long[] pads = {0, 0, w.padTop(), w.padLeft(), 0, 0, w.padBottom(), w.padRight()};
        return e.node("Pad", x, e.builder().longs(pads), e.builder().scalar(dtype, value));
    }

    Value maxPool(Term t) {
        Window w = ((Op.MaxPool) t.op()).window();
        String x = images(t.in(0));
        if (!fitsKernel(w)) {
            x = padded(x, w, t.dtype(), Double.NEGATIVE_INFINITY);
            w = unpadded(w);
        }
        return made(t, e.node("MaxPool", attributes(w), x));
    }

    Value sumPool(Term t) {
        Window w = ((Op.SumPool) t.op()).window();
        if (w.dilationHeight() != 1 || w.dilationWidth() != 1) {
            Attributes attributes = attributes(w).with("group", t.size(3).at(0));
            return made(t, e.node("Conv", attributes, images(t.in(0)), ones(t, w)));
        }
        String area = e.builder().scalar(t.dtype(), (double) w.kernelHeight() * w.kernelWidth());
        return made(t, e.node("Mul", average(t.in(0), w), area));
    }

    /// Mean under each window, padding counted as 0.
    Value averagePool(Term t, Term pool) {
        return made(t, average(pool.in(0), ((Op.SumPool) pool.op()).window()));
    }

    private String average(Term x, Window w) {
        String images = fitsKernel(w) ? images(x) : padded(images(x), w, x.dtype(), 0);
        Window inside = fitsKernel(w) ? w : unpadded(w);
        Attributes attributes = strides(inside)
                .with("kernel_shape", inside.kernelHeight(), inside.kernelWidth())
                .with("pads", inside.padTop(), inside.padLeft(), inside.padBottom(), inside.padRight())
                .with("count_include_pad", 1);
        return e.node("AveragePool", attributes, images);
    }

    /// Weights of a sum for each channel by itself.
    private String ones(Term t, Window w) {
        if (!t.size(3).isFixed()) {
            throw new Refusal("sums under windows over a number of channels that depends on the inputs' sizes");
        }
        Shape shape = Shape.of((int) t.size(3).at(0), 1, w.kernelHeight(), w.kernelWidth());
        Buffer ones = Buffer.allocate(t.dtype(), shape.size());
        for (int i = 0; i < shape.size(); i++) {
            ones.setDouble(i, 1);
        }
        return e.builder().initializer("ones", Tensor.of(ones, shape));
    }

    Value sumPoolScatter(Term t) {
        Window w = ((Op.SumPoolScatter) t.op()).window();
        String ones = ones(t, w);
        Attributes attributes = transposed(w, t).with("group", t.size(3).at(0));
        return made(t, e.node("ConvTranspose", attributes, images(t.in(0)), ones));
    }

    /// For each window the place of its greatest element among all elements of x.
    private String places(Term x, Window w) {
        if (!fitsKernel(w)) {
            throw new Refusal("places of greatest elements under windows that may lie on padding alone");
        }
        return e.builder().node("MaxPool", attributes(w), 2, images(x)).get(1);
    }

    Value maxPoolScatter(Term t) {
        Term x = t.in(0);
        String places = flat(places(x, ((Op.MaxPoolScatter) t.op()).window()));
        String zeros = indexing.zeros(t.dtype(), List.of(x.size(0, 4)));
        Attributes adding = Attributes.none().with("axis", 0).with("reduction", "add");
        String sums = e.node("ScatterElements", adding, zeros, places, flat(images(t.in(1))));
        List<Size> to = List.of(x.size(0), x.size(3), x.size(1), x.size(2));
        return made(t, movement.reshaped(sums, List.of(x.size(0, 4)), to));
    }

    Value maxPoolGather(Term t) {
        String places = places(t.in(0), ((Op.MaxPoolGather) t.op()).window());
        Attributes first = Attributes.none().with("axis", 0);
        return made(t, e.node("Gather", first, flat(images(t.in(1))), places));
    }

    private String flat(String x) {
        return e.node("Reshape", x, e.builder().longs(-1));
    }
}
