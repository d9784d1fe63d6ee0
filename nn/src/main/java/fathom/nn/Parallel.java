package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// The sum of branches that get the same input; their parameters are named `branches.0.weight`, ...
///
/// @param branches what is added
public record Parallel(List<Module> branches) implements Module {
    public Parallel {
        branches = List.copyOf(branches);
        Branches.check("Parallel", branches);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Branches.sum("Parallel", Branches.apply(branches, x).toArray(Tensor[]::new));
    }

    /// The blueprint of a [Parallel].
    ///
    /// @param branches what is added
    public record Blueprint(List<Layer> branches) implements Layer {
        public Blueprint {
            branches = List.copyOf(branches);
            Branches.check("parallel", branches);
        }

        @Override
        public Parallel build(Shape input, RandomStream random) {
            output(input);
            return new Parallel(Branches.build(branches, input, random));
        }

        @Override
        public Shape output(Shape input) {
            return Branches.sum("parallel", Branches.outputs(branches, input));
        }
    }
}
