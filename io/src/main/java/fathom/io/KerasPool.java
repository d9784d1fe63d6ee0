package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The weights of a model of Keras that no layer has taken yet.
///
/// Either they are told by the names of layer and weight, `dense/kernel`, or, in Keras 3, by the layer's class, which
/// of its kind it is, and numbers: `layers/dense_1/vars/0`.
final class KerasPool {
    private static final String LAYERS = "layers/";

    /// What older versions of Keras 3 have in place of `layers/`.
    private static final String OLD_LAYERS = "_layer_checkpoint_dependencies/";

    private final Map<String, Tensor> left;
    private final boolean isNumbered;

    private KerasPool(Map<String, Tensor> left, boolean isNumbered) {
        this.left = left;
        this.isNumbered = isNumbered;
    }

    /// All of a model's.
    static KerasPool of(Map<String, Tensor> weights) {
        boolean isNumbered =
                weights.keySet().stream().anyMatch(name -> name.startsWith(LAYERS) || name.startsWith(OLD_LAYERS));
        Map<String, Tensor> left = new LinkedHashMap<>();
        weights.forEach((name, weight) -> {
            // The state of random numbers is none of a layer's weights.
            if (!isNumbered || !name.contains("seed_generator/")) {
                left.put(name.replace(OLD_LAYERS, LAYERS), weight);
            }
        });
        return new KerasPool(left, isNumbered);
    }

    /// Those of a layer, whose names go on after the layer's.
    ///
    /// @param name of the layer
    /// @param kind which class of Keras it is
    /// @param kinds how many of each class came before, which is counted on
    Map<String, Tensor> take(String name, String kind, Map<String, Integer> kinds) {
        return below(isNumbered ? LAYERS + numbered(kind, kinds) + "/" : name + "/");
    }

    /// Those of a layer that is a model: if none has its name before it, Keras has left that name out.
    KerasPool takeModel(String name, String kind, Map<String, Integer> kinds) {
        Map<String, Tensor> own = take(name, kind, kinds);
        return own.isEmpty() && !isNumbered ? this : new KerasPool(own, isNumbered);
    }

    private Map<String, Tensor> below(String start) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        for (String name : List.copyOf(left.keySet())) {
            if (name.startsWith(start)) {
                own.put(name.substring(start.length()), left.remove(name));
            }
        }
        return own;
    }

    /// Such as `conv2d_1` for the second `Conv2D`.
    private static String numbered(String kind, Map<String, Integer> kinds) {
        String plain = kind.replaceAll("\\W+", "")
                .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
        int before = kinds.merge(plain, 1, Integer::sum) - 1;
        return before == 0 ? plain : plain + "_" + before;
    }

    boolean isNumbered() {
        return isNumbered;
    }

    /// That every weight was taken.
    void checkAllUsed(String where) {
        Set<String> layers = new TreeSet<>();
        left.keySet().forEach(name -> layers.add(name.substring(0, Math.max(0, name.lastIndexOf('/')))));
        Require.that(layers.isEmpty(), "%s: weights of layers that it does not have: %s", where, layers);
    }
}
