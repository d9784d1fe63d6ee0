package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The blueprint of layers one after the other, each built for the shape that the one before gives.
///
/// @param layers the layers, first to last
public record Sequential(List<Layer> layers) implements Layer {
    public Sequential {
        layers = List.copyOf(layers);
    }

    /// The layers, first to last.
    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    /// Builds all layers. The weights of a layer depend on its place, not on the layers before it.
    ///
    /// @throws IllegalArgumentException naming the first layer that does not fit
    @Override
    public Chain build(Shape input, RandomStream random) {
        List<Module> modules = new ArrayList<>();
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            Shape in = shape;
            RandomStream own = random.split(Integer.toString(i));
            try {
                modules.add(layer.build(in, own));
                shape = layer.output(in);
            } catch (IllegalArgumentException e) {
                throw misfit(i, in, e);
            }
        }
        return new Chain(modules);
    }

    @Override
    public Shape output(Shape input) {
        Shape shape = input;
        for (int i = 0; i < layers.size(); i++) {
            try {
                shape = layers.get(i).output(shape);
            } catch (IllegalArgumentException e) {
                throw misfit(i, shape, e);
            }
        }
        return shape;
    }

    private IllegalArgumentException misfit(int i, Shape input, IllegalArgumentException e) {
        return new IllegalArgumentException(
                "layer "
                        + i
                        + " ("
                        + Calls.type(layers.get(i))
                        + ") for samples of shape "
                        + input
                        + ": "
                        + e.getMessage(),
                e);
    }
}
