package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.ir.Buffer;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Rules that libtorch's C++ side does not have: 50 steps down a bowl, with the papers' equations
/// written out in plain doubles beside them.
class PaperRulesTest {
    private static final int STEPS = 50;

    /// The equations of a rule for one parameter, with their state.
    private interface Equations {
        /// @param p the parameter, row by row
        /// @param g its gradient
        /// @param t the step, from 1
        double[] next(double[] p, double[] g, int t);
    }

    /// Equations for each element by itself.
    private interface Element {
        double next(double p, double g, int t, double[] state);
    }

    private static Supplier<Equations> each(Element element) {
        return () -> {
            double[][] states = new double[200][4];
            return (p, g, t) -> of(p.length, i -> element.next(p[i], g[i], t, states[i]));
        };
    }

    private static double[] of(int n, IntToDoubleFunction element) {
        return IntStream.range(0, n).mapToDouble(element).toArray();
    }

    private static Stream<DynamicTest> tests(
            String name, UpdateRule rule, Supplier<Equations> equations, int... shape) {
        return Stream.of(DType.F32, DType.F64)
                .map(d -> DynamicTest.dynamicTest(
                        name + " " + d + Arrays.toString(shape), () -> compare(rule, equations.get(), d, shape)));
    }

    /// Half the sum of curvature times squared distance from a target.
    private static void compare(UpdateRule rule, Equations equations, DType dtype, int... dims) {
        Shape shape = Shape.of(dims);
        Random random = new Random(5);
        double[] p = of(shape.size(), i -> (float) random.nextGaussian());
        double[] curvature = of(shape.size(), i -> (float) (0.2 + 2 * random.nextDouble()));
        double[] target = of(shape.size(), i -> (float) random.nextGaussian());
        Parameter parameter = Parameter.of(tensor(p, dtype, shape));
        Optimizer optimizer = Optimizer.of(rule, Map.of("p", parameter));
        double tolerance = dtype == DType.F32 ? 2e-5 : 1e-10;
        for (int t = 1; t <= STEPS; t++) {
            Tensor distance = parameter.value().sub(tensor(target, dtype, shape));
            optimizer.step(
                    distance.square().mul(tensor(curvature, dtype, shape)).sum().mul(0.5));
            double[] before = p;
            p = equations.next(p, of(p.length, i -> curvature[i] * (before[i] - target[i])), t);
            Buffer actual = parameter.value().buffer();
            for (int i = 0; i < p.length; i++) {
                assertThat(actual.getDouble(i))
                        .as("step %s, element %s", t, i)
                        .isCloseTo(p[i], within(tolerance * Math.max(1, Math.abs(p[i]))));
            }
        }
        assertThat(norm(p)).isNotNaN();
    }

    private static Tensor tensor(double[] values, DType dtype, Shape shape) {
        Buffer buffer = Buffer.allocate(dtype, values.length);
        for (int i = 0; i < values.length; i++) {
            buffer.setDouble(i, values[i]);
        }
        return Tensor.of(buffer, shape);
    }

    private static double norm(double[] x) {
        return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    }

    @TestFactory
    Stream<DynamicTest> adadelta() {
        return Stream.of(
                        tests("defaults", Adadelta.of(1), each(zeiler(1, 0.9, 1e-6, 0)), 5),
                        tests(
                                "settings",
                                Adadelta.of(0.5)
                                        .withDecay(0.8)
                                        .withEpsilon(1e-3)
                                        .withWeightDecay(0.1),
                                each(zeiler(0.5, 0.8, 1e-3, 0.1)),
                                3,
                                7))
                .flatMap(s -> s);
    }

    private static Element zeiler(double rate, double rho, double epsilon, double decay) {
        return (p, gradient, t, s) -> {
            double g = gradient + decay * p;
            s[0] = rho * s[0] + (1 - rho) * g * g;
            double dx = -Math.sqrt(s[1] + epsilon) / Math.sqrt(s[0] + epsilon) * g;
            s[1] = rho * s[1] + (1 - rho) * dx * dx;
            return p + rate * dx;
        };
    }

    @TestFactory
    Stream<DynamicTest> nadam() {
        return Stream.of(
                        tests("defaults", NAdam.of(0.02), each(dozat(0.02, 0.9, 0.999, 1e-8, 0, 0.004)), 5),
                        tests(
                                "settings",
                                NAdam.of(0.02)
                                        .withBetas(0.8, 0.95)
                                        .withEpsilon(1e-3)
                                        .withWeightDecay(0.1)
                                        .withMomentumDecay(0.01),
                                each(dozat(0.02, 0.8, 0.95, 1e-3, 0.1, 0.01)),
                                3,
                                7))
                .flatMap(s -> s);
    }

    private static Element dozat(
            double rate, double beta1, double beta2, double epsilon, double decay, double momentumDecay) {
        return (p, gradient, t, s) -> {
            double g = gradient + decay * p;
            s[0] = beta1 * s[0] + (1 - beta1) * g;
            s[1] = beta2 * s[1] + (1 - beta2) * g * g;
            // Momenta up to t, and with the one after it.
            double product = 1;
            for (int i = 1; i <= t; i++) {
                product *= beta1 * (1 - 0.5 * Math.pow(0.96, i * momentumDecay));
            }
            double now = beta1 * (1 - 0.5 * Math.pow(0.96, t * momentumDecay));
            double then = beta1 * (1 - 0.5 * Math.pow(0.96, (t + 1) * momentumDecay));
            double m = then * s[0] / (1 - product * then) + (1 - now) * g / (1 - product);
            return p - rate * m / (Math.sqrt(s[1] / (1 - Math.pow(beta2, t))) + epsilon);
        };
    }

    @TestFactory
    Stream<DynamicTest> radam() {
        return Stream.of(
                        tests("defaults", RAdam.of(0.02), each(liu(0.02, 0.9, 0.999, 1e-8, 0)), 5),
                        tests(
                                "settings",
                                RAdam.of(0.02)
                                        .withBetas(0.8, 0.9)
                                        .withEpsilon(1e-3)
                                        .withWeightDecay(0.1),
                                each(liu(0.02, 0.8, 0.9, 1e-3, 0.1)),
                                3,
                                7))
                .flatMap(s -> s);
    }

    private static Element liu(double rate, double beta1, double beta2, double epsilon, double decay) {
        return (p, gradient, t, s) -> {
            double g = gradient + decay * p;
            s[0] = beta1 * s[0] + (1 - beta1) * g;
            s[1] = beta2 * s[1] + (1 - beta2) * g * g;
            double m = s[0] / (1 - Math.pow(beta1, t));
            double infinite = 2 / (1 - beta2) - 1;
            double rho = infinite - 2 * t * Math.pow(beta2, t) / (1 - Math.pow(beta2, t));
            if (rho <= 5) {
                return p - rate * m;
            }
            double r = Math.sqrt((rho - 4) * (rho - 2) * infinite / ((infinite - 4) * (infinite - 2) * rho));
            return p - rate * m * r * Math.sqrt(1 - Math.pow(beta2, t)) / (Math.sqrt(s[1]) + epsilon);
        };
    }

    @TestFactory
    Stream<DynamicTest> lion() {
        return Stream.of(
                        tests("defaults", Lion.of(0.003), each(chen(0.003, 0.9, 0.99, 0)), 5),
                        tests(
                                "settings",
                                Lion.of(0.003).withBetas(0.8, 0.95).withWeightDecay(0.3),
                                each(chen(0.003, 0.8, 0.95, 0.3)),
                                3,
                                7))
                .flatMap(s -> s);
    }

    private static Element chen(double rate, double beta1, double beta2, double decay) {
        return (p, g, t, s) -> {
            double c = beta1 * s[0] + (1 - beta1) * g;
            s[0] = beta2 * s[0] + (1 - beta2) * g;
            return p - rate * (Math.signum(c) + decay * p);
        };
    }

    @TestFactory
    Stream<DynamicTest> lamb() {
        return Stream.of(
                        tests("defaults", Lamb.of(0.02), you(0.02, 0.9, 0.999, 1e-6, 0), 5),
                        tests(
                                "settings",
                                Lamb.of(0.02)
                                        .withBetas(0.8, 0.95)
                                        .withEpsilon(1e-3)
                                        .withWeightDecay(0.1),
                                you(0.02, 0.8, 0.95, 1e-3, 0.1),
                                3,
                                7))
                .flatMap(s -> s);
    }

    private static Supplier<Equations> you(double rate, double beta1, double beta2, double epsilon, double decay) {
        return () -> {
            double[][] s = new double[200][2];
            return (p, g, t) -> {
                double[] u = of(p.length, i -> {
                    s[i][0] = beta1 * s[i][0] + (1 - beta1) * g[i];
                    s[i][1] = beta2 * s[i][1] + (1 - beta2) * g[i] * g[i];
                    double m = s[i][0] / (1 - Math.pow(beta1, t));
                    double v = s[i][1] / (1 - Math.pow(beta2, t));
                    return m / (Math.sqrt(v) + epsilon) + decay * p[i];
                });
                double ratio = norm(p) / norm(u);
                return of(p.length, i -> p[i] - rate * ratio * u[i]);
            };
        };
    }

    @TestFactory
    Stream<DynamicTest> adafactor() {
        Adafactor settings = Adafactor.of(0.05)
                .withDecayPower(0.6)
                .withFloors(1e-10, 0.1)
                .withClip(0.5)
                .withWeightDecay(0.2);
        return Stream.of(
                        tests("defaults", Adafactor.of(0.01), shazeer(0.01, 0.8, 1e-30, 1e-3, 1, 0, 1, 5, 0), 5),
                        tests("defaults", Adafactor.of(0.01), shazeer(0.01, 0.8, 1e-30, 1e-3, 1, 0, 1, 3, 7), 3, 7),
                        tests("settings", settings, shazeer(0.05, 0.6, 1e-10, 0.1, 0.5, 0.2, 1, 7, 3), 7, 3),
                        tests("settings", settings, shazeer(0.05, 0.6, 1e-10, 0.1, 0.5, 0.2, 6, 2, 4), 2, 3, 2, 4))
                .flatMap(s -> s);
    }

    /// @param stack how many matrices
    /// @param columns 0 for a vector
    private static Supplier<Equations> shazeer(
            double rate,
            double power,
            double squareFloor,
            double scaleFloor,
            double clip,
            double decay,
            int stack,
            int rows,
            int columns) {
        return () -> {
            double[] full = new double[rows];
            double[][] r = new double[stack][rows];
            double[][] c = new double[stack][columns];
            return (p, g, t) -> {
                double b = 1 - Math.pow(t, -power);
                double[] u = new double[p.length];
                if (columns == 0) {
                    for (int i = 0; i < rows; i++) {
                        full[i] = b * full[i] + (1 - b) * (g[i] * g[i] + squareFloor);
                        u[i] = g[i] / Math.sqrt(full[i]);
                    }
                }
                for (int k = 0; k < (columns == 0 ? 0 : stack); k++) {
                    int at = k * rows * columns;
                    double[] rowSum = new double[rows];
                    double[] columnSum = new double[columns];
                    for (int i = 0; i < rows; i++) {
                        for (int j = 0; j < columns; j++) {
                            double square = Math.pow(g[at + i * columns + j], 2) + squareFloor;
                            rowSum[i] += square;
                            columnSum[j] += square;
                        }
                    }
                    // The paper's algorithm 4: sums over rows and columns, and over everything.
                    double all = 0;
                    for (int i = 0; i < rows; i++) {
                        r[k][i] = b * r[k][i] + (1 - b) * rowSum[i];
                        all += r[k][i];
                    }
                    for (int j = 0; j < columns; j++) {
                        c[k][j] = b * c[k][j] + (1 - b) * columnSum[j];
                    }
                    for (int i = 0; i < rows; i++) {
                        for (int j = 0; j < columns; j++) {
                            u[at + i * columns + j] = g[at + i * columns + j] / Math.sqrt(r[k][i] * c[k][j] / all);
                        }
                    }
                }
                double rmsU = norm(u) / Math.sqrt(u.length);
                double rmsP = norm(p) / Math.sqrt(p.length);
                double alpha = Math.max(scaleFloor, rmsP) * Math.min(rate, 1 / Math.sqrt(t));
                return of(p.length, i -> p[i] - rate * decay * p[i] - alpha * u[i] / Math.max(1, rmsU / clip));
            };
        };
    }

    @TestFactory
    Stream<DynamicTest> muon() {
        return Stream.of(
                        tests("defaults", Muon.of(0.02), jordan(0.02, 0.95, true, 0.1, 5, 3, 7), 3, 7),
                        tests("tall", Muon.of(0.02), jordan(0.02, 0.95, true, 0.1, 5, 7, 3), 7, 3),
                        tests("kernel", Muon.of(0.02), jordan(0.02, 0.95, true, 0.1, 5, 12, 4), 2, 3, 2, 4),
                        tests(
                                "settings",
                                Muon.of(0.02)
                                        .withMomentum(0.8)
                                        .withoutNesterov()
                                        .withWeightDecay(0)
                                        .withIterations(3),
                                jordan(0.02, 0.8, false, 0, 3, 4, 4),
                                4,
                                4))
                .flatMap(s -> s);
    }

    private static Supplier<Equations> jordan(
            double rate, double momentum, boolean nesterov, double decay, int iterations, int rows, int columns) {
        return () -> {
            double[] m = new double[rows * columns];
            return (p, g, t) -> {
                for (int i = 0; i < m.length; i++) {
                    m[i] = momentum * m[i] + (1 - momentum) * g[i];
                }
                double[] d = nesterov ? of(m.length, i -> momentum * m[i] + (1 - momentum) * g[i]) : m.clone();
                double length = norm(d);
                double[] x = of(m.length, i -> d[i] / length);
                for (int k = 0; k < iterations; k++) {
                    // On the other side than the rule has it: X (X' X) is (X X') X.
                    double[] a = product(transposed(x, rows, columns), x, columns, rows, columns);
                    double[] aa = product(a, a, columns, columns, columns);
                    double[] b = of(a.length, i -> -4.7750 * a[i] + 2.0315 * aa[i]);
                    double[] xb = product(x, b, rows, columns, columns);
                    double[] last = x;
                    x = of(m.length, i -> 3.4445 * last[i] + xb[i]);
                }
                double scale = rate * Math.sqrt(Math.max(1, columns / (double) rows));
                double[] step = x;
                return of(m.length, i -> p[i] * (1 - rate * decay) - scale * step[i]);
            };
        };
    }

    private static double[] transposed(double[] x, int rows, int columns) {
        return of(x.length, i -> x[i % rows * columns + i / rows]);
    }

    private static double[] product(double[] a, double[] b, int rows, int inner, int columns) {
        return of(rows * columns, i -> {
            double sum = 0;
            for (int k = 0; k < inner; k++) {
                sum += a[i / columns * inner + k] * b[k * columns + i % columns];
            }
            return sum;
        });
    }

    @TestFactory
    Stream<DynamicTest> lookahead() {
        return tests(
                "lookahead",
                new Lookahead(Sgd.of(0.1), 3, 0.4),
                () -> {
                    double[] slow = new double[5];
                    boolean[] started = new boolean[1];
                    return (p, g, t) -> {
                        if (!started[0]) {
                            System.arraycopy(p, 0, slow, 0, 5);
                            started[0] = true;
                        }
                        double[] fast = of(5, i -> p[i] - 0.1 * g[i]);
                        if (t % 3 != 0) {
                            return fast;
                        }
                        for (int i = 0; i < 5; i++) {
                            slow[i] = 0.6 * slow[i] + 0.4 * fast[i];
                        }
                        return slow.clone();
                    };
                },
                5);
    }

    @TestFactory
    Stream<DynamicTest> decoupledWeightDecay() {
        Schedule half = Schedule.step(10, 0.5);
        return tests(
                "SGDW",
                new DecoupledWeightDecay(Sgd.of(0.1, 0.9).scheduled(half), 0.2),
                each((p, g, t, s) -> {
                    double rate = 0.1 * Math.pow(0.5, (t - 1) / 10);
                    s[0] = 0.9 * s[0] + g;
                    return p * (1 - rate * 0.2) - rate * s[0];
                }),
                5);
    }
}
