package fathom.parity;

import static fathom.parity.Case.of;
import static fathom.parity.Input.booleans;
import static fathom.parity.Input.distinct;
import static fathom.parity.Input.integers;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.ties;
import static fathom.parity.Input.uniform;
import static fathom.parity.Input.values;
import static fathom.parity.Torch.longs;
import static fathom.parity.Torch.maybe;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Sums and the like along axes.
@RequiresLibtorch
class ReductionsTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    @TestFactory
    Stream<DynamicTest> sums() {
        Input x = normal(3, 4, 5);
        return Case.tests(
                of("sum", x, a -> a.sum(), a -> a.sum()),
                of("sum 0", x, a -> a.sum(0), a -> a.sum(0)),
                of("sum 1", x, a -> a.sum(1), a -> a.sum(1)),
                of("sum -1", x, a -> a.sum(-1), a -> a.sum(-1)),
                of("sum 0, 2", x, a -> a.sum(0, 2), a -> a.sum(0, 2)),
                of("sum 1, kept", x, a -> a.sum(true, 1), a -> a.sum(longs(1), true, none())),
                of("sum of nothing", normal(3, 0), a -> a.sum(1), a -> a.sum(1)),
                of("sum of many", normal(3, 20_000), a -> a.sum(1), a -> a.sum(1))
                        .within(20),
                of("sum of many rows", normal(9_000, 3), a -> a.sum(0), a -> a.sum(0))
                        .within(20),
                of("mean", x, a -> a.mean(), a -> a.mean()),
                of("mean 1", x, a -> a.mean(1), a -> a.mean(1)),
                of("mean 0, 1", x, a -> a.mean(0, 1), a -> a.mean(0, 1)),
                of("mean -1, kept", x, a -> a.mean(true, -1), a -> a.mean(longs(-1), true, none())),
                of("variance", x, a -> a.variance(), a -> a.var(false)),
                of("variance 1", x, a -> a.variance(1), a -> variance(a, 0, false, 1)),
                of("variance over n - 1, kept", x, a -> a.variance(1, true, 0, 2), a -> variance(a, 1, true, 0, 2)),
                of("sum of integers", integers(-9, 9, 4, 5), a -> a.sum(1), a -> a.sum(1))
                        .flat());
    }

    @TestFactory
    Stream<DynamicTest> products() {
        Input x = normal(3, 4, 2);
        return Case.tests(
                of("prod", x, a -> a.prod(), a -> a.prod()),
                of("prod 1", x, a -> a.prod(1), a -> a.prod(1)),
                of("prod -1, kept", x, a -> a.prod(true, -1), a -> torch.prod(a, -1, true, none())),
                of("prod with zeros", ties(6, 4), a -> a.prod(1), a -> a.prod(1)));
    }

    @TestFactory
    Stream<DynamicTest> extremes() {
        Input x = distinct(3, 4, 5);
        Input tied = ties(4, 5, 3);
        return Case.tests(
                of("max", x, a -> a.max(), a -> a.max()),
                of("max 1", x, a -> a.max(1), a -> torch.amax(a, longs(1), false)),
                of("max 0, 2 kept", x, a -> a.max(true, 0, 2), a -> torch.amax(a, longs(0, 2), true)),
                of("max, tied", tied, a -> a.max(1), a -> torch.amax(a, longs(1), false)),
                of("min", x, a -> a.min(), a -> a.min()),
                of("min -1", x, a -> a.min(-1), a -> torch.amin(a, longs(-1), false)),
                of("min, tied", tied, a -> a.min(0, 1), a -> torch.amin(a, longs(0, 1), false)),
                of("max of NaN", nan(), a -> a.max(1), a -> torch.amax(a, longs(1), false))
                        .flat(),
                of("min of NaN", nan(), a -> a.min(1), a -> torch.amin(a, longs(1), false))
                        .flat(),
                of("any", booleans(9, 3), a -> a.any(1), a -> a.any(1)).flat(),
                of("all", booleans(9, 3), a -> a.all(1), a -> a.all(1)).flat(),
                of("argmax", x, a -> a.argmax(1), argmax(1)).flat(),
                of("argmax, tied", tied, a -> a.argmax(0), argmax(0)).flat(),
                of("argmax of NaN", nan(), a -> a.argmax(1), argmax(1)).flat(),
                of("argmax of many", distinct(3, 1000), a -> a.argmax(1), argmax(1))
                        .flat(),
                of("argmin", x, a -> a.argmin(-1), argmin(-1)).flat(),
                of("argmin, tied", tied, a -> a.argmin(1), argmin(1)).flat(),
                of("argmin of NaN", nan(), a -> a.argmin(1), argmin(1)).flat());
    }

    @TestFactory
    Stream<DynamicTest> exponentials() {
        Input x = normal(3, 4, 5);
        Input large = uniform(-800, 800, 5, 6);
        Input infinite = values(-INF, 1, -INF, 2);
        return Case.tests(
                of("softmax", x, a -> a.softmax(1), a -> torch.softmax(a, 1)),
                of("softmax of large", large, a -> a.softmax(-1), a -> torch.softmax(a, -1)),
                of("softmax of many", normal(2, 3000), a -> a.softmax(1), a -> torch.softmax(a, 1)),
                of("softmax, infinite", infinite, a -> a.softmax(0), a -> torch.softmax(a, 0)),
                of("logSoftmax", x, a -> a.logSoftmax(0), a -> torch.log_softmax(a, 0)),
                of("logSoftmax last", x, a -> a.logSoftmax(-1), a -> torch.log_softmax(a, -1)),
                of("logSoftmax of large", large, a -> a.logSoftmax(1), a -> torch.log_softmax(a, 1)),
                of("logSumExp", x, a -> a.logSumExp(false, 1), a -> torch.logsumexp(a, 1)),
                of(
                        "logSumExp of large, kept",
                        large,
                        a -> a.logSumExp(true, 1),
                        a -> torch.logsumexp(a, longs(1), true)),
                of("logSumExp over all", x, a -> a.logSumExp(false), a -> torch.logsumexp(a, 0, 1, 2)),
                of("logSumExp, infinite", infinite, a -> a.logSumExp(false, 0), a -> torch.logsumexp(a, 0)),
                of("logSumExp of -infinity", values(-INF, -INF), a -> a.logSumExp(false, 0), a -> torch.logsumexp(a, 0))
                        .flat());
    }

    @TestFactory
    Stream<DynamicTest> runningSums() {
        Input x = normal(3, 4, 5);
        return Case.tests(
                of("cumsum 0", x, a -> a.cumsum(0), a -> a.cumsum(0)),
                of("cumsum 1", x, a -> a.cumsum(1), a -> a.cumsum(1)),
                of("cumsum -1", x, a -> a.cumsum(-1), a -> a.cumsum(-1)),
                of("cumsum of many", normal(2, 5000), a -> a.cumsum(1), a -> a.cumsum(1))
                        .within(50),
                of("cumsum of integers", integers(-9, 9, 40), a -> a.cumsum(0), a -> a.cumsum(0))
                        .flat());
    }

    private static Input nan() {
        return (dtype, random) -> values(1, Double.NaN, 5, Double.NaN, -3, 2, 7, 0, INF, 4, INF, -INF)
                .make(dtype, random)
                .reshape(3, 4)
                .evaluate();
    }

    private static Tensor variance(Tensor a, double correction, boolean keep, long... axes) {
        return torch.var(a, axes, new ScalarOptional(Torch.scalar(correction)), keep);
    }

    private static UnaryOperator<Tensor> argmax(long axis) {
        return a -> a.argmax(maybe(axis), false);
    }

    private static UnaryOperator<Tensor> argmin(long axis) {
        return a -> a.argmin(maybe(axis), false);
    }

    private static ScalarTypeOptional none() {
        return new ScalarTypeOptional();
    }
}
