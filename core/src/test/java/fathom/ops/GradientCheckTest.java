package fathom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.autodiff.Gradients;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import fathom.tensor.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Derivatives of every smooth sample, first and second order, against difference quotients in F64.
class GradientCheckTest {
    private static final double STEP = 1e-3;
    private static final double TOLERANCE = 2e-8;
    private static final int EVERY_COORDINATE_BELOW = 13;

    static Stream<OpSpec> specs() {
        return OpSpec.all().stream().filter(s -> s.samples().stream().anyMatch(Sample::smooth));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void derivativesOnTheReference(OpSpec spec) {
        assertThat(failures(spec.samples(), TestDevice.REFERENCE)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("specs")
    void derivativesOnTheCpu(OpSpec spec) {
        assertThat(failures(spec.samples(), TestDevice.CPU)).isEmpty();
    }

    static List<Sample> compositions() {
        return Compositions.all();
    }

    @ParameterizedTest
    @MethodSource("compositions")
    void derivativesOfCompositions(Sample sample) {
        assertThat(failures(List.of(sample), TestDevice.REFERENCE)).isEmpty();
        assertThat(failures(List.of(sample), TestDevice.CPU)).isEmpty();
    }

    private static List<String> failures(List<Sample> samples, TestDevice device) {
        List<String> failures = new ArrayList<>();
        for (Sample sample : samples) {
            if (sample.smooth()) {
                Check check = new Check(sample);
                if (check.isFloating()) {
                    device.run(() -> check.first(failures));
                    device.run(() -> check.second(failures));
                }
            }
        }
        return failures;
    }

    /// One sample as a function of all its floating operands, laid out one after the other.
    private static final class Check {
        private final Sample sample;
        private final List<Input> floating;
        private final double[] point;
        private final Random random = new Random(20);
        private final double[] weights;
        private final double[] direction;

        Check(Sample sample) {
            this.sample = sample;
            this.floating = sample.inputs().stream().filter(Input::isFloating).toList();
            int size = floating.stream().mapToInt(i -> i.values().length).sum();
            this.point = new double[size];
            int from = 0;
            for (Input i : floating) {
                System.arraycopy(i.values(), 0, point, from, i.values().length);
                from += i.values().length;
            }
            this.weights = gaussian(result(tensors(point)).size());
            this.direction = gaussian(size);
        }

        boolean isFloating() {
            return result(tensors(point)).dtype().isFloating();
        }

        private double[] gaussian(int n) {
            return random.doubles(n, -1, 1).toArray();
        }

        private List<Tensor> tensors(double[] at) {
            List<Tensor> out = new ArrayList<>();
            int from = 0;
            for (Input i : floating) {
                int n = i.values().length;
                out.add(i.tensor(DType.F64, java.util.Arrays.copyOfRange(at, from, from + n)));
                from += n;
            }
            return out;
        }

        private Tensor result(List<Tensor> operands) {
            List<Tensor> all = new ArrayList<>();
            int next = 0;
            for (Input i : sample.inputs()) {
                all.add(i.isFloating() ? operands.get(next++) : i.tensor(DType.F64));
            }
            return sample.build().apply(all);
        }

        /// The result's elements, weighed and summed.
        private Tensor loss(List<Tensor> x) {
            Tensor y = result(x);
            return y.mul(Tensor.of(weights, y.shape().dims())).sum();
        }

        /// The derivative of the loss along the direction.
        private Tensor slope(List<Tensor> x) {
            List<Tensor> gradients = gradients(loss(x), x);
            List<Tensor> along = tensors(direction);
            Tensor sum = Tensor.full(fathom.tensor.Shape.SCALAR, DType.F64, 0);
            for (int i = 0; i < x.size(); i++) {
                sum = sum.add(gradients.get(i).mul(along.get(i)).sum());
            }
            return sum;
        }

        private static List<Tensor> gradients(Tensor y, List<Tensor> x) {
            List<Tensor> out = new ArrayList<>(Gradients.ofUsed(y, x));
            for (int i = 0; i < out.size(); i++) {
                if (out.get(i) == null) {
                    out.set(i, Tensor.full(x.get(i).shape(), DType.F64, 0));
                }
                assertThat(out.get(i).shape()).isEqualTo(x.get(i).shape());
                assertThat(out.get(i).dtype()).isEqualTo(DType.F64);
            }
            return out;
        }

        void first(List<String> failures) {
            compare("gradient", this::loss, failures);
        }

        void second(List<String> failures) {
            compare("second derivative", this::slope, failures);
        }

        private void compare(String what, Function<List<Tensor>, Tensor> f, List<String> failures) {
            List<Tensor> x = tensors(point);
            double[] gradient = flat(gradients(f.apply(x), x));
            List<double[]> ways = new ArrayList<>();
            ways.add(gaussian(point.length));
            for (int i = 0; i < point.length && point.length < EVERY_COORDINATE_BELOW; i++) {
                double[] unit = new double[point.length];
                unit[i] = 1;
                ways.add(unit);
            }
            for (double[] way : ways) {
                double expected = quotient(f, way);
                double actual = 0;
                for (int i = 0; i < way.length; i++) {
                    actual += gradient[i] * way[i];
                }
                if (!Close.near(actual, expected, TOLERANCE * sample.tolerance())) {
                    failures.add("%s of %s: %s, difference quotient %s".formatted(what, sample, actual, expected));
                    return;
                }
            }
        }

        /// The derivative along a way from four values: its error is of the fourth order.
        private double quotient(Function<List<Tensor>, Tensor> f, double[] way) {
            return (8 * (at(f, way, 1) - at(f, way, -1)) - at(f, way, 2) + at(f, way, -2)) / (12 * STEP);
        }

        private double at(Function<List<Tensor>, Tensor> f, double[] way, int steps) {
            double[] p = point.clone();
            for (int i = 0; i < p.length; i++) {
                p[i] += steps * STEP * way[i];
            }
            return f.apply(tensors(p)).item();
        }

        private static double[] flat(List<Tensor> tensors) {
            return tensors.stream()
                    .flatMapToDouble(t -> java.util.Arrays.stream(t.toDoubles()))
                    .toArray();
        }
    }
}
