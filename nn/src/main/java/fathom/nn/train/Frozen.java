package fathom.nn.train;

import fathom.ir.Require;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.nn.PathPattern;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What a training leaves as it is, by its paths in the model.
final class Frozen {
    private Frozen() {}

    /// The model's parameters, those with such a path frozen.
    ///
    /// @throws IllegalArgumentException if a pattern matches nothing
    static Map<String, Parameter> parameters(List<PathPattern> patterns, Module model) {
        Map<String, Parameter> all = new LinkedHashMap<>(Modules.parameters(model));
        for (PathPattern p : patterns) {
            boolean matches = all.keySet().stream().anyMatch(p::matches)
                    || Modules.buffers(model).keySet().stream().anyMatch(p::matches);
            Require.that(matches, "freeze: nothing matches %s, expected paths such as %s", p.text(), all.keySet());
        }
        all.replaceAll((path, parameter) -> matches(patterns, path) ? parameter.frozen() : parameter);
        return all;
    }

    /// What is saved but not trained and has such a path.
    static List<Variable> buffers(List<PathPattern> patterns, Module model) {
        List<Variable> found = new ArrayList<>();
        Modules.buffers(model).forEach((path, v) -> {
            if (matches(patterns, path)) {
                found.add(v);
            }
        });
        return found;
    }

    private static boolean matches(List<PathPattern> patterns, String path) {
        return patterns.stream().anyMatch(p -> p.matches(path));
    }

    /// What stands for the patterns in a checkpoint.
    static String text(List<PathPattern> patterns) {
        return patterns.stream().map(PathPattern::text).collect(Collectors.joining(" "));
    }
}
