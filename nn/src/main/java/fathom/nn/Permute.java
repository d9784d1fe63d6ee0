package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/// The axes of each sample in another order.
///
/// @param order axis `i + 1` of the result is axis `order[i]` of the input, whose axis 0 is the batch's and
///   stays
public record Permute(List<Integer> order) implements Stateless {
    public Permute {
        order = List.copyOf(order);
        List<Integer> axes = IntStream.rangeClosed(1, order.size()).boxed().toList();
        boolean fits = order.stream().sorted().toList().equals(axes);
        Require.that(fits, "permute: axes %s, expected each of %s once", order, axes);
    }

    @Override
    public Tensor forward(Tensor x) {
        int axes = order.size();
        Require.that(x.rank() == axes + 1, "input %s, expected the batch and %s axes", x.type(), axes);
        return x.permute(IntStream.concat(IntStream.of(0), order.stream().mapToInt(a -> a))
                .toArray());
    }
}
