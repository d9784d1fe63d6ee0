package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

class InitializerTest {
    private static final Shape DENSE = Shape.of(300, 200);
    private static final Shape CONVOLUTION = Shape.of(3, 3, 40, 100);

    @Test
    void fansFollowFromTheShape() {
        assertThat(Initializer.fanIn(DENSE)).isEqualTo(300);
        assertThat(Initializer.fanOut(DENSE)).isEqualTo(200);
        assertThat(Initializer.fanIn(CONVOLUTION)).isEqualTo(360);
        assertThat(Initializer.fanOut(CONVOLUTION)).isEqualTo(900);
    }

    @Test
    void uniformOnesHaveTheirVarianceAndBounds() {
        uniform(Initializer.glorotUniform(), DENSE, 2.0 / 500);
        uniform(Initializer.heUniform(), DENSE, 2.0 / 300);
        uniform(Initializer.lecunUniform(), DENSE, 1.0 / 300);
        uniform(Initializer.glorotUniform(), CONVOLUTION, 2.0 / 1260);
        uniform(Initializer.heUniform(), CONVOLUTION, 2.0 / 360);
    }

    @Test
    void normalOnesHaveTheirVariance() {
        variance(Initializer.glorotNormal(), DENSE, 2.0 / 500);
        variance(Initializer.heNormal(), CONVOLUTION, 2.0 / 360);
        variance(Initializer.lecunNormal(), DENSE, 1.0 / 300);
        Tensor x = Initializer.normal(3, 0.5).create(Shape.of(40_000), RandomStream.of(2));
        assertThat(x.mean().item()).isCloseTo(3, within(0.02));
        assertThat(x.variance().item()).isCloseTo(0.25, within(0.01));
    }

    private static void uniform(Initializer initializer, Shape shape, double variance) {
        Tensor x = variance(initializer, shape, variance);
        double limit = Math.sqrt(3 * variance);
        assertThat(x.abs().max().item()).isLessThanOrEqualTo(limit * (1 + 1e-6));
        assertThat(x.abs().max().item()).isGreaterThan(limit * 0.99);
    }

    private static Tensor variance(Initializer initializer, Shape shape, double variance) {
        Tensor x = initializer.create(shape, RandomStream.of(1));
        assertThat(x.shape()).isEqualTo(shape);
        assertThat(x.mean().item()).isCloseTo(0, within(5 * Math.sqrt(variance / shape.size())));
        assertThat(x.variance().item()).isCloseTo(variance, within(0.05 * variance));
        return x;
    }

    @Test
    void orthogonalMatricesAre() {
        Tensor wide = Initializer.orthogonal().create(Shape.of(7, 20), RandomStream.of(1));
        identity(wide.matmul(wide.transpose()), 1);
        Tensor tall = Initializer.orthogonal(2).create(Shape.of(20, 7), RandomStream.of(1));
        identity(tall.transpose().matmul(tall), 4);
        Tensor w = Initializer.orthogonal().create(Shape.of(3, 3, 2, 5), RandomStream.of(1));
        Tensor flat = w.reshape(18, 5);
        identity(flat.transpose().matmul(flat), 1);
    }

    private static void identity(Tensor product, double scale) {
        double worst =
                product.sub(Tensor.eye(product.dim(0)).mul(scale)).abs().max().item();
        assertThat(worst).isLessThan(1e-5);
    }

    @Test
    void constants() {
        assertThat(Initializer.zeros().create(Shape.of(3), RandomStream.of(0)).toFloats())
                .containsOnly(0);
        assertThat(Initializer.ones().create(Shape.of(3), RandomStream.of(0)).toFloats())
                .containsOnly(1);
        assertThat(Initializer.constant(0.25)
                        .create(Shape.of(3), RandomStream.of(0))
                        .toFloats())
                .containsOnly(0.25f);
        assertThatIllegalArgumentException().isThrownBy(() -> Initializer.uniform(1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Initializer.normal(0, -1));
    }
}
