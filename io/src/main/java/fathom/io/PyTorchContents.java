package fathom.io;

import fathom.io.Pickle.Tuple;
import fathom.io.Pickle.View;
import fathom.ir.Require;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a file of `torch.save` holds, under the names of a state dictionary.
///
/// @param views the tensors
/// @param metadata all other values as texts
record PyTorchContents(Map<String, View> views, Map<String, String> metadata) {
    /// Nobody nests deeper, or has more values, but for harm.
    private static final int MOST_DEPTH = 64;

    private static final int MOST_VALUES = 1_000_000;

    /// @param file for errors
    /// @param root what the pickle makes
    static PyTorchContents of(String file, Object root) {
        Walk walk = new Walk(file, new PyTorchContents(new LinkedHashMap<>(), new LinkedHashMap<>()));
        walk.add(root instanceof View ? "tensor" : "", root, 0);
        return walk.into;
    }

    private static final class Walk {
        private final String file;
        private final PyTorchContents into;
        private int visits;

        Walk(String file, PyTorchContents into) {
            this.file = file;
            this.into = into;
        }

        private void add(String name, Object value, int depth) {
            boolean fits = depth <= MOST_DEPTH && ++visits <= MOST_VALUES;
            Require.that(fits, "%s: values nested too deeply, or too many", file);
            switch (value) {
                case Map<?, ?> map -> {
                    for (Map.Entry<?, ?> entry : map.entrySet()) {
                        add(join(name, entry.getKey()), entry.getValue(), depth + 1);
                    }
                }
                case Tuple tuple -> addAll(name, tuple.items(), depth);
                case List<?> list -> addAll(name, list, depth);
                case View view -> into.views.put(name, view);
                default -> into.metadata.put(name, Pickle.text(value));
            }
        }

        /// Plain values in a list are one text, such as a pair of rates.
        private void addAll(String name, List<?> items, int depth) {
            boolean plain = items.stream()
                    .noneMatch(i -> i instanceof View || i instanceof Map || i instanceof List || i instanceof Tuple);
            if (plain) {
                into.metadata.put(name, Pickle.text(items));
                return;
            }
            for (int i = 0; i < items.size(); i++) {
                add(join(name, i), items.get(i), depth + 1);
            }
        }

        private static String join(String name, Object key) {
            return name.isEmpty() ? key.toString() : name + "." + key;
        }
    }
}
