package fathom.ir;

import static fathom.ir.Typing.check;
import static fathom.ir.Typing.count;

import fathom.ir.Typing.Type;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;

/// The shape rules of convolution and pooling.
final class WindowTyping {
    private WindowTyping() {}

    static Type convolution(Op.Convolution c, List<Node> in) {
        count(c, in, 2);
        Shape x = in.get(0).shape();
        Shape w = in.get(1).shape();
        images(c, in);
        weights(c, in, w, c.window(), c.groups());
        check(
                c,
                in,
                x.dim(3) == w.dim(2) * c.groups(),
                x.dim(3)
                        + " input channels = "
                        + c.groups()
                        + " groups x "
                        + w.dim(2)
                        + " channels of the weights [KH, KW, C / groups, K]");
        return new Type(output(c, in, c.window(), x, w.dim(3)), in.getFirst().dtype());
    }

    static Type inputGradient(Op.ConvolutionInputGradient c, List<Node> in) {
        count(c, in, 2);
        Shape dy = in.get(0).shape();
        Shape w = in.get(1).shape();
        images(c, in);
        weights(c, in, w, c.window(), c.groups());
        Shape x = Shape.of(dy.dim(0), c.height(), c.width(), w.dim(2) * c.groups());
        check(
                c,
                in,
                output(c, in, c.window(), x, w.dim(3)).equals(dy),
                "a gradient shaped as the convolution of " + x + " by " + w);
        return new Type(x, in.getFirst().dtype());
    }

    static Type weightGradient(Op.ConvolutionWeightGradient c, List<Node> in) {
        count(c, in, 2);
        Shape x = in.get(0).shape();
        Shape dy = in.get(1).shape();
        images(c, in);
        check(
                c,
                in,
                dy.rank() == 4 && c.groups() >= 1 && x.dim(3) % c.groups() == 0 && dy.dim(3) % c.groups() == 0,
                "images and a gradient [N, OH, OW, K] whose channels divide into " + c.groups() + " groups");
        check(c, in, output(c, in, c.window(), x, dy.dim(3)).equals(dy), "a gradient shaped as the convolution");
        return new Type(
                Shape.of(c.window().kernelHeight(), c.window().kernelWidth(), x.dim(3) / c.groups(), dy.dim(3)),
                in.getFirst().dtype());
    }

    static Type pool(Op op, Window window, List<Node> in, int operands) {
        count(op, in, operands);
        images(op, in);
        Shape x = in.getFirst().shape();
        if (operands == 2) {
            check(op, in, in.get(1).shape().equals(x), "two operands of one shape");
        }
        return new Type(output(op, in, window, x, x.dim(3)), in.getLast().dtype());
    }

    static Type maxPoolScatter(Op.MaxPoolScatter p, List<Node> in) {
        count(p, in, 2);
        images(p, in);
        Shape x = in.getFirst().shape();
        Shape pooled = output(p, in, p.window(), x, x.dim(3));
        check(p, in, in.get(1).shape().equals(pooled), "a second operand of shape " + pooled);
        return Typing.type(in.getFirst());
    }

    static Type sumPoolScatter(Op.SumPoolScatter p, List<Node> in) {
        count(p, in, 1);
        images(p, in);
        Shape dy = in.getFirst().shape();
        Shape x = Shape.of(dy.dim(0), p.height(), p.width(), dy.dim(3));
        check(p, in, output(p, in, p.window(), x, x.dim(3)).equals(dy), "an operand shaped as the pooled " + x);
        return new Type(x, in.getFirst().dtype());
    }

    private static void images(Op op, List<Node> in) {
        DType d = in.getFirst().dtype();
        check(
                op,
                in,
                d.isFloating()
                        && in.stream().allMatch(n -> n.dtype() == d && n.shape().rank() == 4),
                "images [N, H, W, C] (and weights [KH, KW, C / groups, K]) of one dtype, F32 or F64");
    }

    private static void weights(Op op, List<Node> in, Shape w, Window window, int groups) {
        check(
                op,
                in,
                w.dim(0) == window.kernelHeight()
                        && w.dim(1) == window.kernelWidth()
                        && groups >= 1
                        && w.dim(3) % groups == 0,
                "weights ["
                        + window.kernelHeight()
                        + ", "
                        + window.kernelWidth()
                        + ", C / groups, K] with K a multiple of "
                        + groups
                        + " groups");
    }

    private static Shape output(Op op, List<Node> in, Window window, Shape x, int channels) {
        int h = window.outputHeight(x.dim(1));
        int w = window.outputWidth(x.dim(2));
        check(
                op,
                in,
                h >= 1 && w >= 1,
                "images that the window fits into, got " + x.dim(1) + "x" + x.dim(2) + " for " + window);
        return Shape.of(x.dim(0), h, w, channels);
    }
}
