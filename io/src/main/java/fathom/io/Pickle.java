package fathom.io;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What a pickle can say here: Python's plain values and containers, and what stands for tensors. Numbers are
/// `Long` and `Double`, texts `String`, lists `List`, dictionaries `Map`.
sealed interface Pickle {
    /// Python's `None`.
    enum None implements Pickle {
        NONE
    }

    /// A tuple.
    record Tuple(List<Object> items) implements Pickle {}

    /// The name of something in a Python module, which is not looked up.
    record Global(String module, String name) implements Pickle {
        @Override
        public String toString() {
            return module + "." + name;
        }
    }

    /// Where the elements of tensors lie.
    ///
    /// @param type of the elements, as `FloatStorage`
    /// @param key by which the file has the bytes
    /// @param elements how many there are
    record Storage(String type, String key, long elements) implements Pickle {}

    /// A view on elements.
    record View(Storage storage, long offset, List<Long> sizes, List<Long> strides) implements Pickle {}

    /// What a value is called in errors and in metadata; only a little of what is nested.
    static String text(Object value) {
        return text(value, 3);
    }

    private static String text(Object value, int depth) {
        return switch (value) {
            case None _ -> "None";
            case Boolean b -> b ? "True" : "False";
            case Tuple t -> joined(t.items(), depth, "(", ")");
            case List<?> l -> joined(l, depth, "[", "]");
            case Map<?, ?> m -> "a dictionary of " + m.size();
            default -> value.toString();
        };
    }

    private static String joined(List<?> items, int depth, String from, String to) {
        if (depth == 0 || items.size() > 16) {
            return from + items.size() + " items" + to;
        }
        return items.stream().map(i -> text(i, depth - 1)).collect(Collectors.joining(", ", from, to));
    }
}
