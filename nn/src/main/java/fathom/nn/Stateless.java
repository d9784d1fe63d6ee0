package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A layer without parameters: its own blueprint.
public interface Stateless extends Module, Layer {
    @Override
    default Module build(Shape input, RandomStream random) {
        output(input);
        return this;
    }

    /// Found by recording the layer's operations on a batch of one; nothing is computed.
    @Override
    default Shape output(Shape input) {
        List<Integer> sizes = new ArrayList<>(input.toList());
        sizes.addFirst(1);
        Tensor sample = Tensor.zeros(Shape.of(sizes).dims());
        Shape result = Context.inference(() -> forward(sample)).shape();
        return Shape.of(result.toList().subList(1, result.rank()));
    }
}
