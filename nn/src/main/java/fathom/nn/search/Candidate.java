package fathom.nn.search;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One choice of settings: a value for each name.
///
/// @param values numbers (`Integer` or `Double`) and texts, by name
public record Candidate(Map<String, Object> values) {
    public Candidate {
        values = Collections.unmodifiableMap(new TreeMap<>(values));
    }

    /// A number.
    ///
    /// @throws IllegalArgumentException if there is no number of that name
    public double number(String name) {
        if (value(name) instanceof Number n) {
            return n.doubleValue();
        }
        throw misfit(name, "a number");
    }

    /// A whole number.
    ///
    /// @throws IllegalArgumentException if there is no whole number of that name
    public int integer(String name) {
        if (value(name) instanceof Integer n) {
            return n;
        }
        throw misfit(name, "a whole number");
    }

    /// A text.
    ///
    /// @throws IllegalArgumentException if there is no text of that name
    public String text(String name) {
        if (value(name) instanceof String s) {
            return s;
        }
        throw misfit(name, "a text");
    }

    private Object value(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("candidate: no " + name + ", expected one of " + values.keySet());
        }
        return value;
    }

    private IllegalArgumentException misfit(String name, String expected) {
        return new IllegalArgumentException(
                "candidate: " + name + " is " + values.get(name) + ", expected " + expected);
    }

    /// `layers=2 learningRate=0.001`: equal for equal candidates, and for no others.
    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining(" "));
    }
}
