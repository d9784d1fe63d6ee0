package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The weights of a model of Keras that no layer has taken yet.
///
/// Either they are told by the names of layer and weight, `dense/kernel`, or, in Keras 3, by the layer's
/// class, which of its kind it is, and numbers: `layers/dense_1/vars/0`.
final class KerasPool {
    private static final String LAYERS = "layers/";

    /// What older versions of Keras 3 have in place of `layers/`.
    private static final String OLD_LAYERS = "_layer_checkpoint_dependencies/";

    private static final Pattern NUMBERED = Pattern.compile("(^|/)vars/\\d+$");

    /// By name, for there may be as many layers as a file has bytes.
    private final TreeMap<String, Weight> left;

    private final boolean isNumbered;

    private KerasPool(TreeMap<String, Weight> left, boolean isNumbered) {
        this.left = left;
        this.isNumbered = isNumbered;
    }

    /// @param place in Keras' order
    private record Weight(int place, Tensor tensor) {}

    /// All of a model's.
    static KerasPool of(Map<String, Tensor> weights) {
        boolean isNumbered = weights.keySet().stream().allMatch(NUMBERED.asPredicate());
        TreeMap<String, Weight> left = new TreeMap<>();
        weights.forEach((name, weight) ->
                left.put(isNumbered ? name.replace(OLD_LAYERS, LAYERS) : name, new Weight(left.size(), weight)));
        KerasPool pool = new KerasPool(left, isNumbered);
        pool.leaveOutOthers();
        return pool;
    }

    /// Files of Keras 3 also have the states of the optimiser, of metrics and of random numbers.
    private void leaveOutOthers() {
        if (isNumbered) {
            left.keySet().removeIf(name -> !name.startsWith(LAYERS) || name.contains("seed_generator/"));
        }
    }

    /// Those of a layer, whose names go on after the layer's.
    ///
    /// @param name of the layer
    /// @param kind which class of Keras it is
    /// @param kinds how many of each class came before, which is counted on
    Map<String, Tensor> take(String name, String kind, Map<String, Integer> kinds) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        below(start(name, kind, kinds)).entrySet().stream()
                .sorted(Comparator.comparing(e -> e.getValue().place))
                .forEach(e -> own.put(e.getKey(), e.getValue().tensor));
        return own;
    }

    /// Those of a layer that is a model: if none has its name before it, Keras has left that name out.
    KerasPool takeModel(String name, String kind, Map<String, Integer> kinds) {
        TreeMap<String, Weight> own = below(start(name, kind, kinds));
        if (own.isEmpty() && !isNumbered) {
            return this;
        }
        KerasPool pool = new KerasPool(own, isNumbered);
        pool.leaveOutOthers();
        return pool;
    }

    private TreeMap<String, Weight> below(String start) {
        Map<String, Weight> there = left.subMap(start, start + Character.MAX_VALUE);
        TreeMap<String, Weight> own = new TreeMap<>();
        there.forEach((name, weight) -> own.put(name.substring(start.length()), weight));
        there.clear();
        return own;
    }

    private String start(String name, String kind, Map<String, Integer> kinds) {
        return isNumbered ? LAYERS + numbered(kind, kinds) + "/" : name + "/";
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
