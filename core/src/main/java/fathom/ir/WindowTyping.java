package fathom.ir;

import fathom.ir.Typing.Type;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// The shape rules of convolution and pooling.
final class WindowTyping {
    private WindowTyping() {}

    static Type convolution(Op.Convolution c, Operands in) {
        Shape x = in.shape();
        Shape w = in.shape(1);
        images(in);
        weights(in, c.window(), c.groups());
        String expected = "%s input channels = %s groups x %s channels of the weights [KH, KW, C / groups, K]";
        in.check(x.dim(3) == w.dim(2) * c.groups(), expected, x.dim(3), c.groups(), w.dim(2));
        return new Type(output(in, c.window(), x, w.dim(3)), in.dtype());
    }

    static Type inputGradient(Op.ConvolutionInputGradient c, Operands in) {
        Shape dy = in.shape();
        Shape w = in.shape(1);
        images(in);
        weights(in, c.window(), c.groups());
        Shape x = Shape.of(dy.dim(0), c.height(), c.width(), w.dim(2) * c.groups());
        boolean fits = output(in, c.window(), x, w.dim(3)).equals(dy);
        in.check(fits, "a gradient shaped as the convolution of %s by %s", x, w);
        return new Type(x, in.dtype());
    }

    static Type weightGradient(Op.ConvolutionWeightGradient c, Operands in) {
        Shape x = in.shape();
        Shape dy = in.shape(1);
        images(in);
        int groups = c.groups();
        boolean divides = dy.rank() == 4 && groups >= 1 && x.dim(3) % groups == 0 && dy.dim(3) % groups == 0;
        in.check(divides, "images and a gradient [N, OH, OW, K] whose channels divide into %s groups", groups);
        in.check(output(in, c.window(), x, dy.dim(3)).equals(dy), "a gradient shaped as the convolution");
        Window w = c.window();
        return new Type(Shape.of(w.kernelHeight(), w.kernelWidth(), x.dim(3) / groups, dy.dim(3)), in.dtype());
    }

    /// Pooling of all operands, which have one shape.
    static Type pool(Window window, Operands in) {
        images(in);
        in.check(in.haveOneShape(), "two operands of one shape");
        return new Type(output(in, window, in.shape(), in.shape().dim(3)), in.dtype());
    }

    static Type maxPoolScatter(Op.MaxPoolScatter p, Operands in) {
        images(in);
        Shape pooled = output(in, p.window(), in.shape(), in.shape().dim(3));
        in.check(in.shape(1).equals(pooled), "a second operand of shape %s", pooled);
        return in.type();
    }

    static Type sumPoolScatter(Op.SumPoolScatter p, Operands in) {
        images(in);
        Shape dy = in.shape();
        Shape x = Shape.of(dy.dim(0), p.height(), p.width(), dy.dim(3));
        in.check(output(in, p.window(), x, x.dim(3)).equals(dy), "an operand shaped as the pooled %s", x);
        return new Type(x, in.dtype());
    }

    private static void images(Operands in) {
        DType d = in.dtype();
        boolean fit = d.isFloating()
                && in.nodes().stream().allMatch(n -> n.dtype() == d && n.shape().rank() == 4);
        in.check(fit, "images [N, H, W, C] (and weights [KH, KW, C / groups, K]) of one dtype, F32 or F64");
    }

    private static void weights(Operands in, Window window, int groups) {
        Shape w = in.shape(1);
        int rows = window.kernelHeight();
        int columns = window.kernelWidth();
        boolean fit = w.dim(0) == rows && w.dim(1) == columns && groups >= 1 && w.dim(3) % groups == 0;
        in.check(fit, "weights [%s, %s, C / groups, K] with K a multiple of %s groups", rows, columns, groups);
    }

    private static Shape output(Operands in, Window window, Shape x, int channels) {
        int h = window.outputHeight(x.dim(1));
        int w = window.outputWidth(x.dim(2));
        in.check(h >= 1 && w >= 1, "images that the window fits into, got %sx%s for %s", x.dim(1), x.dim(2), window);
        return Shape.of(x.dim(0), h, w, channels);
    }
}
