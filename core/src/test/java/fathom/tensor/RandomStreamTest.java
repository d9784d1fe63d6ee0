package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.ir.Philox;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RandomStreamTest {
    private static final int MANY = 100_000;

    @ParameterizedTest
    @EnumSource
    void bitsAreThoseOfPhilox(TestDevice device) {
        RandomStream stream = RandomStream.of(-77, 5);
        int[] bits = device.call(() -> stream.bits(Shape.of(3, 7)).toInts());
        int[] expected = IntStream.range(0, 21)
                .map(i -> Philox.word(-77, 5 + i / 4, i % 4))
                .toArray();
        assertThat(bits).isEqualTo(expected);
        assertThat(stream.position()).isEqualTo(5 + 6);
    }

    @ParameterizedTest
    @EnumSource
    void uniformIsThe24HighBits(TestDevice device) {
        float[] u = device.call(() -> RandomStream.of(3).uniform(Shape.of(9)).toFloats());
        for (int i = 0; i < u.length; i++) {
            assertThat(u[i]).isEqualTo((Philox.word(3, i / 4, i % 4) >>> 8) * 0x1p-24f);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void uniformHasTheRightMoments(DType dtype) {
        Tensor u = RandomStream.of(1).uniform(Shape.of(MANY), dtype).cast(DType.F64);
        assertThat(u.min().item()).isBetween(0.0, 1e-3);
        assertThat(u.max().item()).isBetween(1 - 1e-3, Math.nextDown(1.0));
        assertThat(u.mean().item()).isCloseTo(0.5, within(0.004));
        assertThat(u.variance().item()).isCloseTo(1.0 / 12, within(0.002));
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void normalHasTheRightMoments(DType dtype) {
        Tensor z = RandomStream.of(2).normal(Shape.of(MANY), dtype).cast(DType.F64);
        assertThat(z.mean().item()).isCloseTo(0, within(0.015));
        assertThat(z.variance().item()).isCloseTo(1, within(0.02));
        assertThat(z.pow(3).mean().item()).isCloseTo(0, within(0.05));
        assertThat(z.pow(4).mean().item()).isCloseTo(3, within(0.15));
        assertThat(z.abs().less(1.0).cast(DType.F64).mean().item()).isCloseTo(0.6827, within(0.01));
        assertThat(z.abs().less(2.0).cast(DType.F64).mean().item()).isCloseTo(0.9545, within(0.005));
        // Neighbours have nothing to do with each other.
        Tensor lag = z.slice(0, 1, MANY).mul(z.slice(0, 0, MANY - 1));
        assertThat(lag.mean().item()).isCloseTo(0, within(0.015));
    }

    @Test
    void devicesAgreeOnNormals() {
        Callable<double[]> draw =
                () -> RandomStream.of(4).normal(Shape.of(999), DType.F64).toDoubles();
        assertThat(TestDevice.CPU.call(draw)).containsExactly(TestDevice.REFERENCE.call(draw), within(1e-12));
    }

    @Test
    void bernoulliIsTrueAsOftenAsAsked() {
        RandomStream stream = RandomStream.of(5);
        Tensor b = stream.bernoulli(Shape.of(MANY), 0.3);
        assertThat(b.dtype()).isEqualTo(DType.BOOL);
        assertThat(b.cast(DType.F32).mean().item()).isCloseTo(0.3, within(0.006));
        assertThat(stream.bernoulli(Shape.of(1000), 0).any().item()).isZero();
        assertThat(stream.bernoulli(Shape.of(1000), 1).all().item()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.5, Double.NaN})
    void bernoulliRefusesWhatIsNoProbability(double p) {
        assertThatThrownBy(() -> RandomStream.of(1).bernoulli(Shape.of(2), p))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bernoulli: probability " + p + ", expected 0 to 1");
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "F64"})
    void classesAreDrawnAsOftenAsTheirProbabilitiesSay(DType dtype) {
        double[] p = {0.5, 0.3, 0.2, 0};
        Tensor logits = Tensor.of(p, 4).log().cast(dtype);
        Tensor drawn = RandomStream.of(6).categorical(logits.broadcastTo(Shape.of(3, MANY, 4)));
        assertThat(drawn.type()).hasToString("I32[3, " + MANY + "]");
        for (int c = 0; c < p.length; c++) {
            double[] shares = drawn.equal(c).cast(DType.F64).mean(1).toDoubles();
            assertThat(shares).containsExactly(new double[] {p[c], p[c], p[c]}, within(p[c] == 0 ? 0 : 0.01));
        }
        // A constant does not matter, and the same seed draws the same.
        assertThat(RandomStream.of(7)
                        .categorical(logits.add(50).broadcastTo(Shape.of(90, 4)))
                        .toInts())
                .isEqualTo(RandomStream.of(7)
                        .categorical(logits.broadcastTo(Shape.of(90, 4)))
                        .toInts());
    }

    @Test
    void withoutAClassNothingCanBeDrawn() {
        assertThat(RandomStream.of(1).categorical(Tensor.zeros(0, 3)).size()).isZero();
        assertThat(RandomStream.of(1).categorical(Tensor.zeros(2, 1)).toInts()).containsExactly(0, 0);
        assertThatThrownBy(() -> RandomStream.of(1).categorical(Tensor.zeros(2, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("categorical: F32[2, 0], expected logits [..., C] of at least one class");
        assertThatThrownBy(() -> RandomStream.of(1).categorical(Tensor.arange(3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("categorical: dtype I32, expected F32 or F64");
    }

    @Test
    void onlyFloatingTypesAreDrawn() {
        assertThatThrownBy(() -> RandomStream.of(1).normal(Shape.of(2), DType.I32))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("normal: dtype I32, expected F32 or F64");
    }

    @Test
    void sameSeedSameNumbers() {
        assertThat(RandomStream.of(9).normal(Shape.of(50)).toFloats())
                .isEqualTo(RandomStream.of(9).normal(Shape.of(50)).toFloats())
                .isNotEqualTo(RandomStream.of(10).normal(Shape.of(50)).toFloats());
    }

    @Test
    void drawsFollowEachOtherAndDoNotDependOnWhenTheyAreRead() {
        RandomStream a = RandomStream.of(9);
        Tensor first = a.uniform(Shape.of(5));
        Tensor second = a.uniform(Shape.of(5));
        RandomStream b = RandomStream.of(9);
        float[] early = b.uniform(Shape.of(5)).toFloats();
        float[] late = b.uniform(Shape.of(5)).toFloats();
        assertThat(second.toFloats()).isEqualTo(late).isNotEqualTo(early);
        assertThat(first.toFloats()).isEqualTo(early);
    }

    @Test
    void resumesWhereItStopped() {
        RandomStream a = RandomStream.of(9);
        a.normal(Shape.of(33));
        a.shuffled(7);
        RandomStream b = RandomStream.of(a.seed(), a.position());
        assertThat(b.uniform(Shape.of(8)).toFloats())
                .isEqualTo(a.uniform(Shape.of(8)).toFloats());
        assertThat(b.shuffled(9)).isEqualTo(a.shuffled(9));
        assertThat(b.position()).isEqualTo(a.position());
    }

    @Test
    void splitStreamsDifferAndDoNotDependOnThePosition() {
        RandomStream a = RandomStream.of(9);
        float[] weights = a.split("weights").uniform(Shape.of(9)).toFloats();
        a.uniform(Shape.of(100));
        assertThat(a.split("weights").uniform(Shape.of(9)).toFloats()).isEqualTo(weights);
        assertThat(a.split("dropout").uniform(Shape.of(9)).toFloats()).isNotEqualTo(weights);
        assertThat(a.uniform(Shape.of(9)).toFloats()).isNotEqualTo(weights);
        assertThat(RandomStream.of(10).split("weights").uniform(Shape.of(9)).toFloats())
                .isNotEqualTo(weights);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 100, 1001})
    void aPermutationHasEveryNumberOnce(int n) {
        int[] p = RandomStream.of(6).permutation(n).toInts();
        Arrays.sort(p);
        assertThat(p).isEqualTo(IntStream.range(0, n).toArray());
    }

    @Test
    void permutationsAreEquallyFrequent() {
        RandomStream stream = RandomStream.of(8);
        int[] count = new int[6];
        for (int i = 0; i < 6000; i++) {
            int[] p = stream.shuffled(3);
            count[p[0] * 2 + (p[1] > p[2] ? 1 : 0)]++;
        }
        for (int c : count) {
            assertThat(c).isBetween(880, 1120);
        }
    }

    @Test
    void negativeArgumentsAreRefused() {
        assertThatThrownBy(() -> RandomStream.of(1).shuffled(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> RandomStream.of(1, -2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-2");
    }
}
