package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The elements of each sample in row-major order under another shape: `[N, ...]` to `[N, sizes...]`.
///
/// @param sizes of the axes of a sample, above 0; one may be -1 and is inferred
public record Reshape(List<Integer> sizes) implements Stateless {
    public Reshape {
        sizes = List.copyOf(sizes);
        boolean fits = sizes.stream().allMatch(s -> s == -1 || s > 0)
                && sizes.stream().filter(s -> s == -1).count() <= 1;
        Require.that(fits, "reshape: sizes %s, expected numbers above 0, of which one may be -1", sizes);
    }

    @Override
    public Tensor forward(Tensor x) {
        Require.that(x.rank() >= 1, "input %s, expected [N, ...]", x.type());
        int elements = x.shape().size(1, x.rank());
        int known = sizes.stream().filter(s -> s > 0).reduce(1, (a, b) -> a * b);
        boolean inferred = sizes.contains(-1);
        boolean fits = inferred ? elements % known == 0 : elements == known;
        String message = "input %s, expected samples with %s%s elements";
        Require.that(fits, message, x.type(), inferred ? "a multiple of " : "", known);
        List<Integer> all = new ArrayList<>(List.of(x.dim(0)));
        sizes.forEach(s -> all.add(s == -1 ? elements / known : s));
        return x.reshape(Shape.of(all));
    }
}
