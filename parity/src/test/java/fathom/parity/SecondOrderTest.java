package fathom.parity;

import static fathom.parity.Input.distinct;
import static fathom.parity.Input.normal;
import static fathom.parity.Torch.longs;

import fathom.autodiff.Gradients;
import fathom.tensor.Tensor;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Gradients of gradients: of the penalty `|d sum(f(x, w)) / dx|^2`, by `x` and `w`.
@RequiresLibtorch
class SecondOrderTest {
    @TestFactory
    Stream<DynamicTest> penalties() {
        return Case.tests(
                penalty(
                        "product",
                        normal(4, 3),
                        normal(3, 5),
                        (x, w) -> x.matmul(w).tanh(),
                        (x, w) -> torch.matmul(x, w).tanh()),
                penalty(
                        "softmax",
                        normal(4, 5),
                        normal(4, 5),
                        (x, w) -> x.softmax(-1).mul(w),
                        (x, w) -> torch.softmax(x, -1).mul(w)),
                penalty(
                        "convolution",
                        normal(2, 6, 5, 3),
                        normal(3, 3, 3, 4),
                        (x, w) -> x.conv2d(w, 2, 1).sigmoid(),
                        (x, w) -> torch.conv2d(
                                        Layouts.channelsFirst(x),
                                        Layouts.kernel(w),
                                        new TensorOptional(),
                                        longs(2, 2),
                                        longs(1, 1),
                                        longs(1, 1),
                                        1)
                                .sigmoid()),
                penalty(
                        "pooling",
                        distinct(2, 4, 4, 3),
                        normal(2, 2, 2, 3),
                        (x, w) -> x.maxPool2d(2)
                                .mul(0.1)
                                .tanh()
                                .mul(w)
                                .add(x.avgPool2d(2).square()),
                        (x, w) -> {
                            var images = Layouts.channelsFirst(x);
                            return Layouts.channelsLast(torch.max_pool2d(images, 2, 2))
                                    .mul(Torch.scalar(0.1))
                                    .tanh()
                                    .mul(w)
                                    .add(Layouts.channelsLast(torch.avg_pool2d(images, 2, 2))
                                            .square());
                        }),
                penalty(
                        "quotient",
                        normal(4, 5),
                        normal(4, 5),
                        (x, w) -> w.div(x.square().add(1)).exp(),
                        (x, w) -> w.div(x.square().add(Torch.scalar(1))).exp()));
    }

    private static Case penalty(
            String name,
            Input x,
            Input w,
            BinaryOperator<Tensor> ours,
            BinaryOperator<org.bytedeco.pytorch.Tensor> theirs) {
        return Case.of(
                        name,
                        x,
                        w,
                        (a, b) ->
                                Gradients.of(ours.apply(a, b).sum(), a).square().sum(),
                        (a, b) -> {
                            TensorVector gradients = torch.grad(
                                    new TensorVector(theirs.apply(a, b).sum()),
                                    new TensorVector(a),
                                    new TensorVector(),
                                    new BoolOptional(true),
                                    true,
                                    false);
                            return gradients.get(0).square().sum();
                        })
                .within(10);
    }
}
