package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A layer of [Layers], and what it takes and refuses.
///
/// @param factory the name of the method in [Layers]
/// @param layer what it made
/// @param sample the shape of one sample that the layer takes
/// @param vocabulary how many values the elements of an input have, 0 if they are real numbers
/// @param wrong an input that the layer refuses
/// @param expected what the refusal says was expected
/// @param call how the layer is called
/// @param traits what else is to be known about it
record LayerExample(
        String factory,
        Layer layer,
        Shape sample,
        int vocabulary,
        Tensor wrong,
        String expected,
        Call call,
        List<Trait> traits) {
    /// How a module is called.
    interface Call {
        Tensor on(Module module, Tensor x);
    }

    /// What is not so with most layers.
    enum Trait {
        /// What comes out for a sample depends on the others of its batch.
        SAMPLES_MIX,
        /// Its gradient in training is not that of the function, by the paper.
        GRADIENT_IN_INFERENCE
    }

    static LayerExample of(String factory, Layer layer, Shape sample, Tensor wrong, String expected) {
        return new LayerExample(factory, layer, sample, 0, wrong, expected, Module::apply, List.of());
    }

    LayerExample with(Trait trait) {
        return new LayerExample(factory, layer, sample, vocabulary, wrong, expected, call, List.of(trait));
    }

    LayerExample called(Call other) {
        return new LayerExample(factory, layer, sample, vocabulary, wrong, expected, other, traits);
    }

    LayerExample ofIndices(int count) {
        return new LayerExample(factory, layer, sample, count, wrong, expected, call, traits);
    }

    boolean is(Trait trait) {
        return traits.contains(trait);
    }

    Module build(long seed) {
        return layer.build(sample, RandomStream.of(seed));
    }

    /// A batch, evaluated.
    Tensor batch(int samples) {
        Shape shape = batchOf(samples);
        Tensor x = RandomStream.of(5).normal(shape);
        return (vocabulary == 0
                        ? x
                        : RandomStream.of(5).uniform(shape).mul(vocabulary).cast(fathom.tensor.DType.I32))
                .copy();
    }

    private Shape batchOf(int samples) {
        List<Integer> sizes = new ArrayList<>(sample.toList());
        sizes.addFirst(samples);
        return Shape.of(sizes);
    }

    @Override
    public String toString() {
        return factory;
    }
}
