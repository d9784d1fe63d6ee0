package fathom.nn;

import static fathom.nn.Layers.groupNorm;
import static fathom.nn.Layers.instanceNorm;
import static fathom.nn.Layers.rmsNorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Group, instance and root-mean-square normalisation; [NormalizationTest] has the others.
class SampleNormalizationTest {
    private static final Shape IMAGE = Shape.of(3, 4, 6);

    private static Tensor images(int count) {
        return RandomStream.of(1).normal(Shape.of(count, 3, 4, 6)).mul(3).add(7);
    }

    @Test
    void groupsAreOfMeanZeroAndVarianceOne() {
        GroupNorm norm = groupNorm(2).build(IMAGE, RandomStream.of(0));
        Tensor y = norm.apply(images(5)).reshape(5, 12, 2, 3);
        for (float m : y.mean(1, 3).toFloats()) {
            assertThat((double) m).isCloseTo(0, within(1e-5));
        }
        for (float v : y.variance(1, 3).toFloats()) {
            assertThat((double) v).isCloseTo(1, within(1e-3));
        }
    }

    @Test
    void oneGroupIsALayerAndAGroupForEachChannelAnInstance() {
        Tensor x = images(2);
        float[] layer = Layers.layerNorm()
                .axes(3)
                .build(IMAGE, RandomStream.of(0))
                .apply(x)
                .toFloats();
        float[] one = groupNorm(1).build(IMAGE, RandomStream.of(0)).apply(x).toFloats();
        assertThat(one).containsExactly(layer, within(1e-5f));
        float[] each = groupNorm(6).build(IMAGE, RandomStream.of(0)).apply(x).toFloats();
        InstanceNorm instance = instanceNorm().build(IMAGE, RandomStream.of(0));
        assertThat(instance.apply(x).toFloats()).isEqualTo(each);
        assertThat(Modules.parameters(instance)).isEmpty();
    }

    @Test
    void meanSquaresBecomeOne() {
        RmsNorm norm = rmsNorm().build(Shape.of(4), RandomStream.of(0));
        norm.weight().set(Tensor.of(1f, 1f, 2f, 1f));
        float[] y = norm.apply(Tensor.of(new float[] {1, -1, 5, 3, 0, 0, 0, 0}, 2, 4))
                .toFloats();
        float[] expected = {1 / 3f, -1 / 3f, 10 / 3f, 1, 0, 0, 0, 0};
        assertThat(y).containsExactly(expected, within(1e-6f));
    }

    /// What is normalised sample by sample does not depend on the batch it comes in.
    @Test
    void samplesDoNotKnowOfEachOther() {
        Tensor x = images(33);
        for (Layer layer :
                new Layer[] {groupNorm(3), instanceNorm(), rmsNorm(), rmsNorm().axes(2)}) {
            Module norm = layer.build(IMAGE, RandomStream.of(0));
            float[] all = norm.apply(x).slice(0, 32, 33).toFloats();
            assertThat(norm.apply(x.slice(0, 32, 33)).toFloats())
                    .as(layer.toString())
                    .containsExactly(all, within(1e-6f));
            assertThat(layer.output(IMAGE)).isEqualTo(IMAGE);
        }
    }

    @Test
    void savedAndLoadedTheyComputeTheSame() {
        Tensor x = images(2);
        for (Layer layer : new Layer[] {
            groupNorm(3), instanceNorm().withAffine(), rmsNorm().axes(3)
        }) {
            Module saved = layer.build(IMAGE, RandomStream.of(0));
            Modules.parameters(saved)
                    .values()
                    .forEach(p -> p.set(RandomStream.of(p.shape().size()).normal(p.shape())));
            Module loaded = layer.build(IMAGE, RandomStream.of(0));
            assertThat(loaded.apply(x).toFloats()).isNotEqualTo(saved.apply(x).toFloats());
            Modules.load(loaded, Modules.state(saved));
            assertThat(loaded.apply(x).toFloats()).isEqualTo(saved.apply(x).toFloats());
        }
    }

    @Test
    void badInputIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> groupNorm(4).output(IMAGE))
                .withMessageContaining("groupNorm: 6 channels in 4 groups, expected a multiple");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> groupNorm(0))
                .withMessageContaining("groupNorm: groups 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> groupNorm(2).build(IMAGE, RandomStream.of(0)).apply(Tensor.zeros(2, 3, 4)))
                .withMessageContaining("GroupNorm: input F32[2, 3, 4], expected [N, ..., 6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> instanceNorm().output(Shape.of(4)))
                .withMessageContaining("samples of shape [4], expected [..., C] with at least two axes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> instanceNorm().momentum(0))
                .withMessage("instanceNorm: momentum 0.0, expected above 0 to 1");
        InstanceNorm affine = instanceNorm().withAffine().build(IMAGE, RandomStream.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> affine.apply(Tensor.zeros(2, 3, 4)))
                .withMessageContaining("input F32[2, 3, 4], expected [N, ..., 6] with at least one axis of positions");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> affine.apply(Tensor.zeros(2, 1, 1, 6)))
                .withMessageContaining("input F32[2, 1, 1, 6], expected more than one position per channel");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InstanceNorm(affine.weight(), Optional.empty(), 1e-5))
                .withMessageContaining("expected [C] twice, or neither");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rmsNorm().axes(2).output(Shape.of(4)))
                .withMessageContaining("samples of shape [4], expected at least 2 axes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rmsNorm().build(IMAGE, RandomStream.of(0)).apply(Tensor.zeros(2, 5)))
                .withMessageContaining("RmsNorm: input F32[2, 5], expected last axes [6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rmsNorm().epsilon(0))
                .withMessageContaining("rmsNorm: epsilon 0.0, expected a number above 0");
    }
}
