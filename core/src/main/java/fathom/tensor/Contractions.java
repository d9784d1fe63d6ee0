package fathom.tensor;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.ir.Window;
import java.util.ArrayList;
import java.util.List;

/// Products of matrices, convolution and pooling. Images are channels-last `[N, H, W, C]`,
/// sequences `[N, L, C]`, convolution weights `[KH, KW, C / groups, K]`.
public sealed interface Contractions permits Tensor {
    /// This object as a tensor.
    Tensor self();

    /// Matrix product `[..., m, k] x [..., k, n]`; leading axes broadcast, and a vector is taken
    /// for a row on the left or a column on the right, as in NumPy.
    ///
    /// @throws IllegalArgumentException if the inner sizes differ
    default Tensor matmul(Tensor other) {
        Tensor a = self();
        String message = "matmul: %s and %s: expected vectors, matrices or stacks of them; mul() scales";
        Require.that(a.rank() > 0 && other.rank() > 0, message, a.type(), other.type());
        if (a.rank() == 1) {
            return a.unsqueeze(0).matmul(other).squeeze(other.rank() == 1 ? 0 : -2);
        }
        if (other.rank() == 1) {
            return a.matmul(other.unsqueeze(1)).squeeze(-1);
        }
        if (a.rank() > 2 && other.rank() == 2) {
            // One tall product: the stack's rows all meet the same matrix.
            Shape s = a.shape();
            return a.reshape(s.size(0, s.rank() - 1), s.dim(-1)).matmul(other).reshape(s.with(-1, other.dim(1)));
        }
        Shape batchA = leading(a.shape());
        Shape batchB = leading(other.shape());
        Shape batch = Shape.broadcast("matmul", batchA, batchB);
        return product(stretch(a, batch), stretch(other, batch));
    }

    private static Shape leading(Shape s) {
        return Shape.of(s.toList().subList(0, s.rank() - 2));
    }

    private static Tensor stretch(Tensor x, Shape batch) {
        List<Integer> sizes = new ArrayList<>(batch.toList());
        sizes.add(x.dim(-2));
        sizes.add(x.dim(-1));
        return x.broadcastTo(Shape.of(sizes));
    }

    /// The product, with exchanged last axes of an operand folded into it.
    private static Tensor product(Tensor a, Tensor b) {
        boolean left = isTransposed(a.node());
        boolean right = isTransposed(b.node());
        Node first = left ? a.node().inputs().getFirst() : a.node();
        Node second = right ? b.node().inputs().getFirst() : b.node();
        return new Tensor(Node.of(new Op.MatMul(left, right), first, second));
    }

    private static boolean isTransposed(Node n) {
        if (!(n.op() instanceof Op.Permute p) || n.isEvaluated()) {
            return false;
        }
        int stack = n.shape().rank() - 2;
        return stack >= 0
                && p.order().subList(0, stack).equals(n.shape().axes().subList(0, stack))
                && p.order().getLast() == stack;
    }

    /// Two-dimensional convolution (cross-correlation) of `[N, H, W, C]` by weights `[KH, KW, C /
    /// groups, K]`, giving `[N, OH, OW, K]`.
    ///
    /// @throws IllegalArgumentException if shapes do not fit
    default Tensor conv2d(Tensor weight, Window window, int groups) {
        return Tensor.of(new Op.Convolution(window, groups), self(), weight);
    }

    /// [#conv2d(Tensor, Window, int)] with the same stride and padding on both axes.
    default Tensor conv2d(Tensor weight, int stride, int padding) {
        kernel(weight, 4, "conv2d", "[KH, KW, C, K]");
        return conv2d(weight, Window.of(weight.dim(0), weight.dim(1), stride, padding, 1), 1);
    }

    /// Transposed convolution: the gradient of a convolution with respect to its input, from `[N,
    /// H, W, K]` with weights `[KH, KW, C / groups, K]` to `[N, OH, OW, C]`, where `OH = (H - 1) *
    /// stride - before - after + dilation * (KH - 1) + outputPadding + 1`.
    ///
    /// @throws IllegalArgumentException if shapes do not fit, or `outputPadding` is not below the
    ///   stride
    default Tensor convTranspose2d(Tensor weight, Window window, int groups, int outputPadding) {
        Tensor x = self();
        int stride = Math.min(window.strideHeight(), window.strideWidth());
        boolean fits = outputPadding == 0 || outputPadding > 0 && outputPadding < stride;
        Require.that(fits, "convTranspose2d: outputPadding %s, expected 0 to less than the stride", outputPadding);
        int height = window.inputHeight(x.dim(1)) + outputPadding;
        int width = window.inputWidth(x.dim(2)) + outputPadding;
        return Tensor.of(new Op.ConvolutionInputGradient(window, groups, height, width), x, weight);
    }

    /// One-dimensional convolution of `[N, L, C]` by weights `[KL, C / groups, K]`.
    ///
    /// @throws IllegalArgumentException if shapes do not fit
    default Tensor conv1d(Tensor weight, int stride, int padding, int dilation, int groups) {
        Tensor x = self();
        kernel(x, 3, "conv1d", "[N, L, C]");
        kernel(weight, 3, "conv1d", "[KL, C / groups, K]");
        Window w = new Window(1, weight.dim(0), 1, stride, 0, 0, padding, padding, 1, dilation);
        return x.unsqueeze(1).conv2d(weight.unsqueeze(0), w, groups).squeeze(1);
    }

    /// The greatest under each window of `[N, H, W, C]`; padding counts as absent.
    default Tensor maxPool2d(Window window) {
        return Tensor.of(new Op.MaxPool(window), self());
    }

    /// [#maxPool2d(Window)] over `size x size` windows side by side.
    default Tensor maxPool2d(int size) {
        return maxPool2d(Window.of(size, size, size, 0, 1));
    }

    /// The mean under each window of `[N, H, W, C]`; padding counts as zeros, as in PyTorch.
    default Tensor avgPool2d(Window window) {
        double area = (double) window.kernelHeight() * window.kernelWidth();
        return Tensor.of(new Op.SumPool(window), self()).mul(1 / area);
    }

    /// [#avgPool2d(Window)] over `size x size` windows side by side.
    default Tensor avgPool2d(int size) {
        return avgPool2d(Window.of(size, size, size, 0, 1));
    }

    private static void kernel(Tensor t, int rank, String operation, String layout) {
        Require.that(t.rank() == rank, "%s: %s, expected %s", operation, t.type(), layout);
    }
}
