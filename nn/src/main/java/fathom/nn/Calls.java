package fathom.nn;

import fathom.tensor.Tensor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Calls modules, and tells a listener about it.
final class Calls {
    private static final ScopedValue<Listener> LISTENER = ScopedValue.newInstance();

    private Calls() {}

    /// Is told about each call of a module, once it returns.
    interface Listener {
        void called(Module module, Tensor x, Tensor y);
    }

    static Tensor apply(Module module, Tensor x) {
        return apply(module, x, () -> module.forward(x));
    }

    /// A call of a module of several tensors, of which `x` is the first.
    static Tensor apply(Module module, Tensor x, Supplier<Tensor> body) {
        return apply(module, x, body, y -> y);
    }

    /// A call of a module that gives more than a tensor.
    ///
    /// @param main the tensor among what it gives that a listener is told
    static <T> T apply(Module module, Tensor x, Supplier<T> body, Function<T, Tensor> main) {
        T y;
        try {
            y = body.get();
        } catch (IllegalArgumentException e) {
            throw LayerException.in(module, e);
        }
        if (LISTENER.isBound()) {
            LISTENER.get().called(module, x, main.apply(y));
        }
        return y;
    }

    /// The error of a module that is called with one tensor and needs more.
    static IllegalArgumentException needsMore(Tensor x, String call) {
        return new IllegalArgumentException("input %s alone, expected %s".formatted(x.type(), call));
    }

    static void observed(Listener listener, Runnable body) {
        ScopedValue.where(LISTENER, listener).run(body);
    }

    static <R extends @Nullable Object> R observed(Listener listener, Supplier<R> body) {
        return ScopedValue.where(LISTENER, listener).call(body::get);
    }

    /// What a module is called in texts.
    static String type(Object module) {
        if (module instanceof Activation a) {
            return a.name();
        }
        if (module instanceof Recurrent.Blueprint b) {
            return b.kind().title();
        }
        Class<?> type = module.getClass();
        if (type.isHidden()) {
            return "function";
        }
        Class<?> outer = type.getEnclosingClass();
        return type.getSimpleName().equals("Blueprint") && outer != null ? outer.getSimpleName() : type.getSimpleName();
    }
}
