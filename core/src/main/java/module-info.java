import org.jspecify.annotations.NullMarked;

/// Tensors, their intermediate representation, differentiation, compilation and the backends, on
/// nothing but the JDK.
@NullMarked
module fathom.core {
    requires jdk.incubator.vector;
    requires static org.jspecify;

    exports fathom.autodiff;
    exports fathom.compile;
    exports fathom.ir;
    exports fathom.tensor;
}
