package fathom.nn;

import fathom.tensor.Tensor;
import java.util.Map;

/// A function of a tensor with parameters: a layer, a block, a whole model.
///
/// A module is a record, and its components name the parameter tree:
///
/// ```java
/// record Residual(Conv2d first, BatchNorm norm, Conv2d second) implements Module {
///     public Tensor forward(Tensor x) {
///         return second.apply(norm.apply(first.apply(x)).relu()).add(x);
///     }
/// }
/// ```
///
/// has the parameters `first.weight`, `first.bias`, `norm.weight` and so on; see [Modules]. Nothing
/// about a module changes but the values of its [Parameter]s and variables: whether it is being
/// trained is asked of the [Context].
///
/// The name is also that of a class in `java.lang`, so import it by itself: `import
/// fathom.nn.Module`.
@FunctionalInterface
public interface Module {
    /// What this module computes; called through [#apply].
    Tensor forward(Tensor x);

    /// Applies this module. Unlike [#forward] it says in an error which layer of a model it comes
    /// from.
    ///
    /// @throws IllegalArgumentException if the tensor's shape or dtype do not fit
    default Tensor apply(Tensor x) {
        return Calls.apply(this, x);
    }

    /// What this module is made of, by name: the components of the record. A class that is not a
    /// record overrides this.
    ///
    /// Parts that matter are modules, parameters, variables (state that is saved but not trained),
    /// and lists, string-keyed maps and optionals of those; others are ignored.
    ///
    /// @throws IllegalStateException if it is neither a record nor a lambda and does not override
    ///   this, or its components cannot be read
    default Map<String, Object> parts() {
        return Parts.of(this);
    }
}
