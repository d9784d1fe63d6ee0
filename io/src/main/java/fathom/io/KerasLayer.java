package fathom.io;

import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a model of Keras says about one of its layers, and the weights that are left for it.
final class KerasLayer {
    private final String name;
    private final String kind;
    private final ModelConfiguration config;
    private final List<String> inputs;
    private final Map<String, Tensor> weights;

    /// @param kind the name of Keras' class
    /// @param inputs the layers that it follows
    /// @param weights by their names within the layer
    KerasLayer(String name, String kind, ModelConfiguration config, List<String> inputs, Map<String, Tensor> weights) {
        this.name = name;
        this.kind = kind;
        this.config = config;
        this.inputs = List.copyOf(inputs);
        this.weights = new LinkedHashMap<>(weights);
    }

    String name() {
        return name;
    }

    String kind() {
        return kind;
    }

    ModelConfiguration config() {
        return config;
    }

    List<String> inputs() {
        return inputs;
    }

    IllegalArgumentException error(String what) {
        return new IllegalArgumentException(start() + what);
    }

    /// An error that a layer of Fathom has with what the file says.
    IllegalArgumentException error(IllegalArgumentException cause) {
        String message = String.valueOf(cause.getMessage());
        return message.startsWith(config.where()) ? cause : new IllegalArgumentException(start() + message, cause);
    }

    private String start() {
        return "%s: layer %s, a %s of Keras: ".formatted(config.where(), SafetensorsHeader.quoted(name), kind);
    }

    void require(boolean holds, String what) {
        if (!holds) {
            throw error(what);
        }
    }

    // ---- settings ----

    /// Rows and columns, which may be one number for both.
    ///
    /// @param otherwise if there is nothing, or null for an error
    int[] pair(String key, int @Nullable [] otherwise) {
        Object value = config.values().get(key);
        if (value == null && otherwise != null) {
            return otherwise;
        }
        return switch (value) {
            case Long both -> new int[] {size(key, both), size(key, both)};
            case List<?> two when two.size() == 2 -> new int[] {size(key, two.get(0)), size(key, two.get(1))};
            case null, default -> throw error("'" + key + "', expected a number or two");
        };
    }

    /// A number that may be a size.
    int size(String key, Object value) {
        if (!(value instanceof Long size) || size < 0 || size > Integer.MAX_VALUE) {
            throw error("'" + key + "', expected sizes from 0 to 2147483647");
        }
        return size.intValue();
    }

    // ---- weights ----

    /// One of the weights, as a parameter that is trained unless the layer is not.
    ///
    /// @param sizes of the axes; -1 for any
    Parameter weight(String key, int... sizes) {
        Tensor weight = weights.remove(key);
        if (weight == null) {
            throw error("no weight '%s', there are %s".formatted(key, weights.keySet()));
        }
        boolean fits = weight.rank() == sizes.length && weight.dtype() == DType.F32;
        for (int axis = 0; fits && axis < sizes.length; axis++) {
            fits = sizes[axis] < 0 || sizes[axis] == weight.dim(axis);
        }
        List<String> expected = new ArrayList<>();
        for (int size : sizes) {
            expected.add(size < 0 ? "any" : String.valueOf(size));
        }
        require(fits, "weight '%s' is %s, expected F32%s".formatted(key, weight.type(), expected));
        return trained(Parameter.of(weight));
    }

    Parameter trained(Parameter parameter) {
        return config.flag("trainable", true) ? parameter : parameter.frozen();
    }

    Optional<Parameter> bias(int size) {
        return config.flag("use_bias", true) ? Optional.of(weight("bias", size)) : Optional.empty();
    }

    /// That no weight is left over.
    void checkAllUsed() {
        require(weights.isEmpty(), "weights " + weights.keySet() + ", expected none of that name");
    }
}
