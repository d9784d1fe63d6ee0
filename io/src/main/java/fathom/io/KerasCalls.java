package fathom.io;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Which layer of Keras is called on the results of which, in the words of Keras 2 and of Keras 3.
final class KerasCalls {
    private static final String TENSOR = "__keras_tensor__";

    private KerasCalls() {}

    /// The layers that one follows.
    ///
    /// Keras 2: `[[["before", 0, 0, {}], ...]]`, of which the numbers say which call of the layer and which of its
    /// results. Keras 3: `[{"args": [tensor, ...], "kwargs": {}}]`, where a tensor has such numbers in its
    /// `keras_history`.
    ///
    /// @param models the layers that are models themselves, whose first call may have the number 1: they
    ///   were called when they were made
    static List<String> inputs(ModelConfiguration layer, Set<String> models) {
        List<?> calls = layer.list("inbound_nodes");
        String name = layer.text("name", "");
        String where = layer.where() + ": " + SafetensorsHeader.quoted(name) + ": 'inbound_nodes'";
        Require.that(calls.size() == 1, "%s, expected one call, and there are %s", where, calls.size());
        List<String> inputs = new ArrayList<>();
        switch (calls.getFirst()) {
            case List<?> nodes -> nodes.forEach(node -> inputs.add(result(where, node, models)));
            case ModelConfiguration call -> {
                boolean plain =
                        call.object("kwargs").map(k -> k.values().isEmpty()).orElse(true);
                Require.that(plain, "%s has 'kwargs', expected none", where);
                call.list("args").forEach(argument -> addTensors(where, argument, models, inputs));
            }
            default -> throw new IllegalArgumentException(where + ", expected a list or an object for the call");
        }
        Require.that(!inputs.isEmpty(), "%s has no layers, expected some", where);
        return inputs;
    }

    private static void addTensors(String where, Object argument, Set<String> models, List<String> inputs) {
        switch (argument) {
            case List<?> several -> several.forEach(one -> addTensors(where, one, models, inputs));
            case ModelConfiguration tensor
            when tensor.text("class_name", "").equals(TENSOR) ->
                inputs.add(result(
                        where,
                        tensor.object("config")
                                .map(c -> c.list("keras_history"))
                                .orElse(List.of()),
                        models));
            default -> throw new IllegalArgumentException(where + ", expected nothing but tensors among 'args'");
        }
    }

    /// The layer in `["name", 0, 0]`, where no arguments may follow.
    private static String result(String where, Object node, Set<String> models) {
        if (node instanceof List<?> parts
                && parts.size() >= 3
                && parts.get(0) instanceof String name
                && parts.get(1) instanceof Long call
                && (call == 0 || call == 1 && models.contains(name))
                && parts.get(2).equals(0L)
                && (parts.size() == 3
                        || parts.get(3) instanceof ModelConfiguration arguments
                                && arguments.values().isEmpty())) {
            return name;
        }
        throw new IllegalArgumentException(where + ", expected [name, 0, 0] and no arguments");
    }

    /// The layers whose results go into a model or come out of it: `[["name", 0, 0], ...]`, or `["name", 0, 0]`.
    static List<String> ends(ModelConfiguration config, String key, Set<String> models) {
        List<?> ends = config.list(key);
        String where = config.where() + ": '" + key + "'";
        Require.that(!ends.isEmpty(), "%s has 0, expected some", where);
        if (ends.getFirst() instanceof String) {
            return List.of(result(where, ends, models));
        }
        return ends.stream().map(end -> result(where, end, models)).toList();
    }
}
