package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Methods that look at several points in a step. `parity:LbfgsTest` compares L-BFGS with libtorch.
class SecondOrderTest {
    private static final double[][] MATRIX = {{4, 1, 0.5, 0}, {1, 3, 0, 0.2}, {0.5, 0, 2, 0.1}, {0, 0.2, 0.1, 0.5}};
    private static final double[] SLOPE = {1, -2, 0.5, 3};

    /// Two parameters, for the vector is made of parts.
    private record Model(Parameter a, Parameter b) implements Module {
        static Model at(double first, double second, double third, double fourth) {
            return new Model(
                    Parameter.of(Tensor.of(new double[] {first, second}, 2)),
                    Parameter.of(Tensor.of(new double[] {third, fourth}, 1, 2)));
        }

        @Override
        public Tensor forward(Tensor x) {
            return Tensor.concat(0, a.value(), b.value().reshape(2));
        }

        Tensor all() {
            return forward(a.value());
        }

        /// `p' A p / 2 + s' p`
        Tensor bowl() {
            double[] flat = new double[16];
            for (int i = 0; i < 16; i++) {
                flat[i] = MATRIX[i / 4][i % 4];
            }
            Tensor p = all();
            Tensor square = Tensor.of(flat, 4, 4).matmul(p).mul(p).sum().mul(0.5);
            return square.add(p.mul(Tensor.of(SLOPE, 4)).sum());
        }

        Tensor valley() {
            Tensor p = all();
            Tensor x = p.slice(0, 0, 3, 1);
            Tensor y = p.slice(0, 1, 4, 1);
            return y.sub(x.square()).square().mul(100).add(x.rsub(1).square()).sum();
        }
    }

    /// Solves `(A + damping I) x = right` by elimination.
    private static double[] solved(double damping, double[] right) {
        int n = right.length;
        double[][] m = new double[n][n + 1];
        for (int i = 0; i < n; i++) {
            System.arraycopy(MATRIX[i], 0, m[i], 0, n);
            m[i][i] += damping;
            m[i][n] = right[i];
        }
        for (int k = 0; k < n; k++) {
            for (int i = 0; i < n; i++) {
                double factor = i == k ? 0 : m[i][k] / m[k][k];
                for (int j = k; j <= n; j++) {
                    m[i][j] -= factor * m[k][j];
                }
            }
        }
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = m[i][n] / m[i][i];
        }
        return x;
    }

    /// On a quadratic loss a step is the solution of the damped equation, and the damping falls by a
    /// third as the model is right up to the damping itself.
    @Test
    void aHessianFreeStepSolvesTheDampedEquation() {
        Model model = Model.at(1, -1, 2, 0.5);
        HessianFree optimizer =
                HessianFree.of(model, HessianFree.Settings.standard().withDamping(0.01));
        double damping = 0.01;
        for (int step = 0; step < 3; step++) {
            double[] p = model.all().toDoubles();
            double[] right = new double[4];
            double loss = 0;
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) {
                    right[i] -= MATRIX[i][j] * p[j];
                    loss += 0.5 * MATRIX[i][j] * p[i] * p[j];
                }
                right[i] -= SLOPE[i];
                loss += SLOPE[i] * p[i];
            }
            double[] d = solved(damping, right);
            assertThat(optimizer.damping()).isCloseTo(damping, within(1e-12));
            double before = optimizer.step(model::bowl);
            assertThat(before).isCloseTo(loss, within(1e-9));
            double[] now = model.all().toDoubles();
            for (int i = 0; i < 4; i++) {
                assertThat(now[i]).as("step %s, element %s", step, i).isCloseTo(p[i] + d[i], within(1e-8));
            }
            damping *= 2.0 / 3;
        }
        double[] bottom = solved(0, new double[] {-1, 2, -0.5, -3});
        for (int i = 0; i < 10; i++) {
            optimizer.step(model::bowl);
        }
        assertThat(model.all().toDoubles()).containsExactly(bottom, within(1e-6));
    }

    @Test
    void productsAreThoseOfTheMatrix() {
        Model model = Model.at(1, -1, 2, 0.5);
        Objective objective = new Objective("test", Modules.parameters(model));
        Tensor gradient = objective.here(model::bowl).gradient();
        for (int k = 0; k < 4; k++) {
            double[] unit = new double[4];
            unit[k] = 1;
            double[] column = objective.curvature(gradient, Tensor.of(unit, 4)).toDoubles();
            assertThat(column).containsExactly(MATRIX[k], within(1e-12));
        }
        // A vector that is the gradient itself is a vector all the same.
        double[] g = gradient.toDoubles();
        double[] product = objective.curvature(gradient, gradient).toDoubles();
        for (int i = 0; i < 4; i++) {
            double expected = 0;
            for (int j = 0; j < 4; j++) {
                expected += MATRIX[i][j] * g[j];
            }
            assertThat(product[i]).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void hessianFreeGoesThroughACurvedValley() {
        Model model = Model.at(0.3, -0.4, 0.6, 0.1);
        HessianFree optimizer = HessianFree.of(model);
        double last = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 100; i++) {
            double loss = optimizer.step(model::valley);
            assertThat(loss).isLessThanOrEqualTo(last);
            last = loss;
        }
        assertThat(model.valley().item()).isLessThan(1e-8);
    }

    /// A saddle: down the gradient where the curvature is not above 0.
    @Test
    void hessianFreeLeavesASaddle() {
        Model model = Model.at(1, 0.01, 0, 0);
        HessianFree optimizer =
                HessianFree.of(model, HessianFree.Settings.standard().withDamping(0.1));
        Supplier<Tensor> loss = () -> {
            Tensor square = model.all().square();
            return square.mul(Tensor.of(new double[] {1, -1, 1, 1}, 4))
                    .sum()
                    .add(square.square().sum().mul(0.25));
        };
        for (int i = 0; i < 40; i++) {
            optimizer.step(loss);
        }
        // p^4 / 4 - p^2 is least at the root of 2.
        assertThat(Math.abs(model.all().toDoubles()[1])).isCloseTo(Math.sqrt(2), within(1e-4));
    }

    @Test
    void aHessianFreeStateGoesOnExactly() {
        Model whole = Model.at(-1.2, 1, 0.3, -0.5);
        Model half = Model.at(-1.2, 1, 0.3, -0.5);
        HessianFree one = HessianFree.of(whole);
        HessianFree first = HessianFree.of(half);
        for (int i = 0; i < 5; i++) {
            one.step(whole::valley);
            first.step(half::valley);
        }
        HessianFree second = HessianFree.of(half);
        second.load(first.state());
        for (int i = 0; i < 5; i++) {
            one.step(whole::valley);
            second.step(half::valley);
        }
        assertThat(half.all().toDoubles()).isEqualTo(whole.all().toDoubles());
        assertThat(second.damping()).isEqualTo(one.damping());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> second.load(state(Map.of())))
                .withMessage("HessianFree: a state with [], expected damping F64[1] and direction F64[4]");
    }

    private static Optimizer.State state(Map<String, Tensor> slots) {
        return new Optimizer.State(slots, 0, 1, 0);
    }

    @Test
    void anLbfgsStateGoesOnExactly() {
        Model whole = Model.at(-1.2, 1, 0.3, -0.5);
        Model half = Model.at(-1.2, 1, 0.3, -0.5);
        Lbfgs.Settings settings = new Lbfgs.Settings(1, 2, 100, 0, 0, 3);
        Lbfgs one = Lbfgs.of(whole, settings);
        Lbfgs first = Lbfgs.of(half, settings);
        for (int i = 0; i < 4; i++) {
            one.step(whole::valley);
            first.step(half::valley);
        }
        Lbfgs second = Lbfgs.of(half, settings);
        second.load(first.state());
        assertThat(second.iterations()).isEqualTo(8);
        for (int i = 0; i < 4; i++) {
            one.step(whole::valley);
            second.step(half::valley);
        }
        assertThat(half.all().toDoubles()).isEqualTo(whole.all().toDoubles());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> second.load(state(Map.of())))
                .withMessage("Lbfgs: a state with [], expected numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> second.load(state(Map.of("numbers", Tensor.of(1f)))))
                .withMessage("Lbfgs: numbers is F32[1], expected F64[3]");
    }

    @Test
    void lbfgsFindsTheBottom() {
        Model model = Model.at(0.3, -0.4, 0.6, 0.1);
        Lbfgs optimizer = Lbfgs.of(model);
        for (int i = 0; i < 8; i++) {
            optimizer.step(model::valley);
        }
        assertThat(model.valley().item()).isLessThan(1e-10);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Model model = Model.at(0, 0, 0, 0);
        Model mixed = new Model(Parameter.of(Tensor.of(1f, 2f)), Parameter.of(Tensor.of(new double[] {1, 2}, 2)));
        Model frozen = new Model(model.a.frozen(), model.b.frozen());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lbfgs.of(mixed))
                .withMessage("Lbfgs: parameters of F32 and F64, expected one type");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HessianFree.of(frozen))
                .withMessage("HessianFree: no trainable parameter, expected at least one");
        Tensor other = RandomStream.of(1).normal(Shape.of(3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lbfgs.of(model).step(() -> other.sum()))
                .withMessage("Lbfgs: the loss depends on none of the parameters, as their values are now");
        Lbfgs.Settings lbfgs = Lbfgs.Settings.standard();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lbfgs.withHistory(0))
                .withMessageContaining("Lbfgs: history 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lbfgs.withLearningRate(0))
                .withMessageContaining("Lbfgs: learning rate 0.0");
        HessianFree.Settings free = HessianFree.Settings.standard();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> free.withDamping(0))
                .withMessageContaining("HessianFree: damping 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> free.withDecay(1))
                .withMessageContaining("HessianFree: decay 1.0");
    }
}
