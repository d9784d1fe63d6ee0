package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// The results of branches that get the same input side by side along the last axis, the channels;
/// their parameters are named `branches.0.weight`, ...
///
/// @param branches what stands side by side
public record Concat(List<Module> branches) implements Module {
    public Concat {
        branches = List.copyOf(branches);
        Branches.check("Concat", branches);
    }

    @Override
    public Tensor forward(Tensor x) {
        List<Tensor> results = Branches.apply(branches, x);
        Branches.concat("Concat", results.stream().map(Tensor::shape).toList());
        return Tensor.concat(-1, results);
    }

    /// The blueprint of a [Concat].
    ///
    /// @param branches what stands side by side
    public record Blueprint(List<Layer> branches) implements Layer {
        public Blueprint {
            branches = List.copyOf(branches);
            Branches.check("concat", branches);
        }

        @Override
        public Concat build(Shape input, RandomStream random) {
            output(input);
            return new Concat(Branches.build(branches, input, random));
        }

        @Override
        public Shape output(Shape input) {
            return Branches.concat("concat", Branches.outputs(branches, input));
        }
    }
}
