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
    private final boolean isNumbered;

    /// @param kind the name of Keras' class
    /// @param inputs the layers that it follows
    /// @param weights by their names within the layer, in Keras' order
    /// @param isNumbered whether these are no names but numbers
    KerasLayer(
            String name,
            String kind,
            ModelConfiguration config,
            List<String> inputs,
            Map<String, Tensor> weights,
            boolean isNumbered) {
        this.name = name;
        this.kind = kind;
        this.config = config;
        this.inputs = List.copyOf(inputs);
        this.weights = new LinkedHashMap<>(weights);
        this.isNumbered = isNumbered;
    }

    /// A layer within this one, which takes those of its weights whose names begin so.
    KerasLayer inner(String key, String start) {
        ModelConfiguration object =
                config.object(key).orElseThrow(() -> error("no '" + key + "', expected the layer within it"));
        ModelConfiguration inside = object.object("config").orElseThrow(() -> error("no 'config' in '" + key + "'"));
        if (!config.flag("trainable", true)) {
            Map<String, Object> frozen = new LinkedHashMap<>(inside.values());
            frozen.put("trainable", false);
            inside = new ModelConfiguration(inside.where(), frozen);
        }
        Map<String, Tensor> own = new LinkedHashMap<>();
        for (String weight : List.copyOf(weights.keySet())) {
            if (weight.startsWith(start)) {
                own.put(weight, weights.remove(weight));
            }
        }
        return new KerasLayer(name, object.text("class_name"), inside, inputs, own, isNumbered);
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

    /// A number, which may be in a list of its own.
    ///
    /// @param otherwise if there is nothing, or -1 for an error
    int one(String key, int otherwise) {
        Object value = config.values().get(key);
        if (value == null && otherwise >= 0) {
            return otherwise;
        }
        return switch (value) {
            case Long one -> size(key, one);
            case List<?> list when list.size() == 1 -> size(key, list.getFirst());
            case null, default -> throw error("'" + key + "', expected a number");
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

    /// Whether there is a weight of that name; where they have numbers there is.
    boolean hasWeight(String key) {
        return isNumbered || find(key).isPresent();
    }

    private Optional<String> find(String key) {
        // Keras may put the names of what is within the layer before it, as in `lstm_cell/kernel`.
        return weights.keySet().stream()
                .filter(name -> isNumbered || name.equals(key) || name.endsWith("/" + key))
                .findFirst();
    }

    /// One of the weights, as a parameter that is trained unless the layer is not. They are to be asked for in Keras'
    /// order, which tells them where they have no names.
    ///
    /// @param sizes of the axes; -1 for any
    Parameter weight(String key, int... sizes) {
        Tensor weight = find(key).map(weights::remove).orElse(null);
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
