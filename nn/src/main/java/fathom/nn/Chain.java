package fathom.nn;

import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Modules one after the other; their parameters are named `0.weight`, `0.bias`, `2.weight`, ...
///
/// @param modules the modules, first to last
public record Chain(List<Module> modules) implements Module {
    public Chain {
        modules = List.copyOf(modules);
    }

    /// The modules, first to last.
    public static Chain of(Module... modules) {
        return new Chain(List.of(modules));
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Module m : modules) {
            y = m.apply(y);
        }
        return y;
    }

    @Override
    public Map<String, Object> parts() {
        Map<String, Object> parts = new LinkedHashMap<>();
        for (int i = 0; i < modules.size(); i++) {
            parts.put(Integer.toString(i), modules.get(i));
        }
        return parts;
    }
}
