package fathom.nn.train;

import fathom.ir.Require;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/// Reads the text of a checkpoint.
record Metadata(Map<String, String> entries) {
    String text(String key) {
        String value = entries.get(key);
        if (value == null) {
            throw new IllegalArgumentException("checkpoint: no " + key + ", expected one made by this training");
        }
        return value;
    }

    long integer(String key) {
        return parsed(key, Long::parseLong, "a whole number");
    }

    int small(String key) {
        return Math.toIntExact(integer(key));
    }

    double number(String key) {
        return parsed(key, Double::parseDouble, "a number");
    }

    private <T> T parsed(String key, Function<String, T> parser, String expected) {
        String value = text(key);
        try {
            return parser.apply(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("checkpoint: " + key + " is " + value + ", expected " + expected, e);
        }
    }

    /// That a setting is the one that the checkpoint was made with.
    void expect(String key, Object present) {
        String before = text(key);
        String message = "checkpoint: made with %s %s, now %s, expected the same to go on exactly";
        Require.that(before.equals(present.toString()), message, key, before, present);
    }

    /// The numbers whose keys begin with the prefix, without it.
    Map<String, Double> numbers(String prefix) {
        Map<String, Double> found = new LinkedHashMap<>();
        int count = small(prefix + "count");
        for (int i = 0; i < count; i++) {
            String name = text(prefix + i);
            found.put(name, number(prefix + i + ".value"));
        }
        return found;
    }

    /// Writes numbers under a prefix, in their order.
    static void put(Map<String, String> metadata, String prefix, Map<String, Double> numbers) {
        metadata.put(prefix + "count", Integer.toString(numbers.size()));
        int i = 0;
        for (Map.Entry<String, Double> e : numbers.entrySet()) {
            metadata.put(prefix + i, e.getKey());
            metadata.put(prefix + i + ".value", Double.toString(e.getValue()));
            i++;
        }
    }
}
