package fathom.nn;

import fathom.ir.Require;
import fathom.ir.Typing.Type;
import fathom.tensor.Compiled;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The tree of a model's parameters, whose paths are made of record components, list indices and
/// map keys: `blocks.0.first.weight`. What is reachable by several paths has the first one.
public final class Modules {
    private Modules() {}

    /// The parameters by path, in the order of the components; frozen ones included.
    ///
    /// @throws IllegalStateException if a module is not a record and does not say what it is made
    ///   of
    public static Map<String, Parameter> parameters(Module module) {
        Map<String, Parameter> found = new LinkedHashMap<>();
        Set<Variable> seen = identitySet();
        walk("", module, (path, part) -> {
            if (part instanceof Parameter p && seen.add(p.variable())) {
                found.put(path, p);
            }
        });
        return Collections.unmodifiableMap(found);
    }

    /// The state that is saved but not trained, such as running statistics, by path.
    ///
    /// @throws IllegalStateException if a module is not a record and does not say what it is made
    ///   of
    public static Map<String, Variable> buffers(Module module) {
        Map<String, Variable> found = new LinkedHashMap<>();
        Set<Variable> seen = identitySet();
        walk("", module, (path, part) -> {
            if (part instanceof Variable v && seen.add(v)) {
                found.put(path, v);
            }
        });
        return Collections.unmodifiableMap(found);
    }

    /// Copies of the values of all parameters and buffers, by path.
    public static Map<String, Tensor> state(Module module) {
        Map<String, Tensor> state = new LinkedHashMap<>();
        variables(module).forEach((path, v) -> state.put(path, v.value().copy()));
        return Collections.unmodifiableMap(state);
    }

    /// A function of tensors that uses a module, for serving: it computes as outside of training, its graph is
    /// built once for each set of shapes, and the parameters have their present values. What else it uses has
    /// to be the same in every call.
    ///
    /// ```java
    /// Compiled serve = Modules.compiled(model, in -> List.of(model.apply(in.getFirst()).softmax(-1)));
    /// ```
    public static Compiled compiled(Module module, Function<List<Tensor>, List<Tensor>> function) {
        return Compiled.of(
                arguments -> Context.inference(() -> function.apply(arguments)),
                variables(module).values());
    }

    /// Sets all parameters and buffers to values as [#state] gives them.
    ///
    /// @throws IllegalArgumentException if one is missing or has another shape or dtype, or a value
    ///   has no place in the model; nothing is changed then
    public static void load(Module module, Map<String, Tensor> state) {
        Map<String, Variable> variables = variables(module);
        List<String> unknown = new ArrayList<>(state.keySet());
        unknown.removeAll(variables.keySet());
        List<String> missing = new ArrayList<>(variables.keySet());
        missing.removeAll(state.keySet());
        if (!unknown.isEmpty() || !missing.isEmpty()) {
            throw new IllegalArgumentException("load: the values are not those of this model:"
                    + (missing.isEmpty() ? "" : " missing " + missing)
                    + (unknown.isEmpty() ? "" : " not in the model " + unknown));
        }
        List<Variable.Update> updates = new ArrayList<>();
        for (Map.Entry<String, Variable> e : variables.entrySet()) {
            Variable v = e.getValue();
            Tensor value = value(state, e.getKey());
            Type expected = v.value().type();
            boolean fits = value.type().equals(expected);
            Require.that(fits, "load: %s is %s, expected %s", e.getKey(), value.type(), expected);
            updates.add(v.to(value));
        }
        Device.current().commit(List.of(), updates);
    }

    private static Tensor value(Map<String, Tensor> state, String path) {
        Tensor value = state.get(path);
        if (value == null) {
            throw new IllegalArgumentException("load: " + path + " is missing");
        }
        return value;
    }

    /// The number of weights, shared ones counted once.
    public static long count(Module module) {
        return parameters(module).values().stream()
                .mapToLong(p -> p.shape().size())
                .sum();
    }

    /// Is told of the calls of a model's parts.
    @FunctionalInterface
    public interface CallListener {
        /// A part was called and gave a result. A part's own parts come before it.
        ///
        /// @param path where it is in the model; "" is the model itself
        /// @param x what it was given, the first if that was several tensors
        /// @param y what it gave
        void called(String path, Tensor x, Tensor y);
    }

    /// Runs code that calls a model, and tells which of its parts are called.
    ///
    /// @param root the model
    /// @param listener is told of each call, once it returns
    public static <T extends @Nullable Object> T listening(Module root, CallListener listener, Supplier<T> body) {
        IdentityHashMap<Module, String> paths = paths(root);
        Calls.Listener inner = (module, x, y) -> {
            String path = paths.get(module);
            if (path != null) {
                listener.called(path, x, y);
            }
        };
        return Calls.observed(inner, body);
    }

    /// Parameters' and buffers' cells by path.
    static Map<String, Variable> variables(Module module) {
        Map<String, Variable> all = new LinkedHashMap<>();
        parameters(module).forEach((path, p) -> all.put(path, p.variable()));
        all.putAll(buffers(module));
        return all;
    }

    private static void walk(String prefix, Module module, BiConsumer<String, Object> action) {
        Parts.each(module, (name, part) -> {
            if (part instanceof Module m) {
                walk(prefix + name + ".", m, action);
            } else {
                action.accept(prefix + name, part);
            }
        });
    }

    /// The modules that have the given one as the root, with their paths; "" is the root itself.
    static IdentityHashMap<Module, String> paths(Module root) {
        IdentityHashMap<Module, String> paths = new IdentityHashMap<>();
        paths(root, "", paths);
        return paths;
    }

    private static void paths(Module module, String path, IdentityHashMap<Module, String> paths) {
        if (paths.putIfAbsent(module, path) == null) {
            Parts.each(module, (name, part) -> {
                if (part instanceof Module m) {
                    paths(m, path.isEmpty() ? name : path + "." + name, paths);
                }
            });
        }
    }

    private static Set<Variable> identitySet() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
