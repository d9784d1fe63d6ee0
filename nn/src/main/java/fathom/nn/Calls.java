package fathom.nn;

import fathom.tensor.Tensor;

/// Calls modules, and tells a listener about it.
final class Calls {
    private static final ScopedValue<Listener> LISTENER = ScopedValue.newInstance();

    private Calls() {}

    /// Is told about each call of a module, once it returns.
    interface Listener {
        void called(Module module, Tensor x, Tensor y);
    }

    static Tensor apply(Module module, Tensor x) {
        Tensor y;
        try {
            y = module.forward(x);
        } catch (IllegalArgumentException e) {
            throw LayerException.in(module, e);
        }
        if (LISTENER.isBound()) {
            LISTENER.get().called(module, x, y);
        }
        return y;
    }

    static void observed(Listener listener, Runnable body) {
        ScopedValue.where(LISTENER, listener).run(body);
    }

    /// What a module is called in texts.
    static String type(Object module) {
        if (module instanceof Activation a) {
            return a.name();
        }
        Class<?> type = module.getClass();
        if (type.isHidden()) {
            return "function";
        }
        Class<?> outer = type.getEnclosingClass();
        return type.getSimpleName().equals("Blueprint") && outer != null ? outer.getSimpleName() : type.getSimpleName();
    }
}
