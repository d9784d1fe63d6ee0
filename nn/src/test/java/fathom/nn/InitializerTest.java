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

    /// Moments of the standard normal distribution kept within -2 and 2, from its density.
    @Test
    void truncatedNormalOnesHaveTheirMomentsAndBounds() {
        double density = Math.exp(-2) / Math.sqrt(2 * Math.PI);
        double within2 = 0.9544997361036416;
        double variance = 1 - 4 * density / within2;
        double fourth = 3 * variance - 16 * density / within2;
        int n = 40_001;
        Tensor x = Initializer.truncatedNormal(3, 0.5).create(Shape.of(n), RandomStream.of(2));
        Tensor z = x.sub(3).div(0.5);
        assertThat(z.mean().item()).isCloseTo(0, within(5 * Math.sqrt(variance / n)));
        assertThat(z.square().mean().item())
                .isCloseTo(variance, within(5 * Math.sqrt((fourth - variance * variance) / n)));
        assertThat(z.abs().max().item()).isBetween(1.99, 2 + 1e-6);
        assertThat(Math.sqrt(variance)).isCloseTo(0.8796, within(1e-4));
        float[] again = Initializer.truncatedNormal(3, 0.5)
                .create(Shape.of(n), RandomStream.of(2))
                .toFloats();
        assertThat(again).isEqualTo(x.toFloats());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Initializer.truncatedNormal(0, 0))
                .withMessageContaining("truncatedNormal: standard deviation 0.0, expected a number above 0");
    }

    @Test
    void identityHandsInputsOn() {
        assertThat(Initializer.identity()
                        .create(Shape.of(2, 3), RandomStream.of(0))
                        .toFloats())
                .containsExactly(1, 0, 0, 0, 1, 0);
        assertThat(Initializer.identity(3)
                        .create(Shape.of(2, 1), RandomStream.of(0))
                        .toFloats())
                .containsExactly(3, 0);
        Tensor x = RandomStream.of(1).normal(Shape.of(2, 5, 6, 3));
        for (int size : new int[] {1, 2, 3, 4, 5}) {
            Conv2d layer = Layers.conv2d(3, size, 3)
                    .padding(Padding.same())
                    .initializer(Initializer.identity())
                    .build(Shape.of(5, 6, 3), RandomStream.of(0));
            assertThat(layer.apply(x).toFloats()).isEqualTo(x.toFloats());
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Initializer.identity().create(Shape.of(3), RandomStream.of(0)))
                .withMessageContaining("identity: weight of shape [3], expected [..., in, out]");
    }

    @Test
    void valuesCanBeGiven() {
        Parameter source = Parameter.of(Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3));
        Initializer given = Initializer.of(source.value());
        source.set(source.value().mul(2));
        source.set(source.value().mul(2));
        Linear layer = Layers.linear(3).initializer(given).build(Shape.of(2), RandomStream.of(0));
        assertThat(layer.weight().value().toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.linear(2).initializer(given).build(Shape.of(2), RandomStream.of(0)))
                .withMessageContaining("values of shape [2, 3] for a weight of shape [2, 2], expected the same");
    }

    /// Skewness 0, and the fourth moment of each distribution: 3 of the normal one, 9/5 of the uniform
    /// one.
    @Test
    void higherMomentsAreThoseOfTheDistributions() {
        moments(Initializer.normal(0, 1), 15, 3, 96);
        moments(Initializer.glorotNormal(), 15, 3, 96);
        moments(Initializer.heNormal(), 15, 3, 96);
        moments(Initializer.lecunNormal(), 15, 3, 96);
        moments(Initializer.uniform(-1, 1), 27.0 / 7, 1.8, 9 - 1.8 * 1.8);
        moments(Initializer.glorotUniform(), 27.0 / 7, 1.8, 9 - 1.8 * 1.8);
        moments(Initializer.heUniform(), 27.0 / 7, 1.8, 9 - 1.8 * 1.8);
        moments(Initializer.lecunUniform(), 27.0 / 7, 1.8, 9 - 1.8 * 1.8);
    }

    /// @param thirdVariance of the third power of a standardised number
    /// @param fourth mean of its fourth power
    /// @param fourthVariance of its fourth power
    private static void moments(Initializer initializer, double thirdVariance, double fourth, double fourthVariance) {
        Tensor x = initializer.create(DENSE, RandomStream.of(3));
        Tensor z = x.sub(x.mean()).div(x.variance().sqrt());
        int n = DENSE.size();
        assertThat(z.pow(3).mean().item()).isCloseTo(0, within(5 * Math.sqrt(thirdVariance / n)));
        assertThat(z.pow(4).mean().item()).isCloseTo(fourth, within(5 * Math.sqrt(fourthVariance / n)));
    }

    @Test
    void uniformOnesStayWithinTheirBounds() {
        Tensor x = Initializer.uniform(-1, 3).create(Shape.of(40_000), RandomStream.of(4));
        assertThat(x.min().item()).isBetween(-1.0, -0.999);
        assertThat(x.max().item()).isBetween(2.999, 3.0);
        assertThat(x.mean().item()).isCloseTo(1, within(5 * Math.sqrt(16.0 / 12 / 40_000)));
    }
}
