package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A value that takes the place of a weight's own while the layer that holds the weight is called.
/// The layer need not know: so what normalises weights can be put around any of them.
///
/// @param weight whose value is replaced
/// @param value what it is replaced by
/// @param outer the replacements around this one, if any
record Replacement(Variable weight, Tensor value, @Nullable Replacement outer) {
    private static final ScopedValue<Replacement> CURRENT = ScopedValue.newInstance();

    /// The module applied to `x`, with another value in the weight's place.
    static Tensor apply(Module module, Tensor x, Parameter weight, Tensor value) {
        Replacement inner = new Replacement(weight.variable(), value, CURRENT.isBound() ? CURRENT.get() : null);
        return ScopedValue.where(CURRENT, inner).call(() -> module.apply(x));
    }

    /// The value that a weight has where this is called.
    static Tensor of(Variable weight) {
        Replacement r = CURRENT.isBound() ? CURRENT.get() : null;
        while (r != null) {
            if (r.weight == weight) {
                return r.value;
            }
            r = r.outer;
        }
        return weight.value();
    }

    /// A module's parameter by its path.
    ///
    /// @throws IllegalArgumentException if there is none
    static Parameter find(String layer, Module module, String path) {
        Map<String, Parameter> all = Modules.parameters(module);
        return Optional.ofNullable(all.get(path))
                .orElseThrow(() -> new IllegalArgumentException("%s: no parameter %s in %s, expected one of %s"
                        .formatted(layer, path, Calls.type(module), all.keySet())));
    }

    /// That a weight has outputs along its last axis and belongs to the module.
    static void check(String layer, Module module, Parameter weight) {
        boolean own = Modules.parameters(module).values().stream().anyMatch(p -> p.variable() == weight.variable());
        String message = "%s: weight of shape %s, expected a parameter of %s";
        Require.that(own, message, layer, weight.shape(), Calls.type(module));
        Shape s = weight.shape();
        Require.that(s.rank() >= 2, "%s: weight of shape %s, expected [..., in, out]", layer, s);
    }
}
