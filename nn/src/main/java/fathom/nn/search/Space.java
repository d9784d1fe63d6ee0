package fathom.nn.search;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What settings may be: names, each with the values it may have.
///
/// ```java
/// var space = Space.of()
///         .logUniform("learningRate", 1e-4, 1e-1)
///         .integers("layers", 1, 4)
///         .choice("activation", "relu", "gelu");
/// ```
///
/// @param settings what each may be, by name
public record Space(Map<String, Setting> settings) {
    public Space {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /// What one setting may be.
    public sealed interface Setting {
        /// One of the values, each as likely as the others.
        ///
        /// @param values numbers or texts
        record Choice(List<Object> values) implements Setting {
            public Choice {
                values = List.copyOf(values);
                Require.that(!values.isEmpty(), "space: a choice among no values, expected at least one");
            }
        }

        /// A whole number from `low` to `high`, both included.
        record Integers(int low, int high) implements Setting {
            public Integers {
                Require.that(low <= high, "space: whole numbers from %s to %s, expected low <= high", low, high);
            }
        }

        /// A number from `low` to below `high`; or, if `logarithmic`, one whose logarithm is evenly
        /// spread.
        record Range(double low, double high, boolean logarithmic) implements Setting {
            public Range {
                Require.that(low < high, "space: numbers from %s to %s, expected low < high", low, high);
                Require.that(!logarithmic || low > 0, "space: logarithmic from %s, expected above 0", low);
            }
        }
    }

    /// Without settings.
    public static Space of() {
        return new Space(Map.of());
    }

    /// With one of some values.
    ///
    /// @param values `Integer`, `Double` or `String`
    public Space choice(String name, Object... values) {
        for (Object value : values) {
            boolean fits = value instanceof Integer || value instanceof Double || value instanceof String;
            Require.that(fits, "space: %s may be %s, expected an Integer, a Double or a String", name, value);
        }
        return with(name, new Setting.Choice(List.of(values)));
    }

    /// With a whole number from `low` to `high`, both included.
    public Space integers(String name, int low, int high) {
        return with(name, new Setting.Integers(low, high));
    }

    /// With a number evenly spread over `low` to `high`.
    public Space uniform(String name, double low, double high) {
        return with(name, new Setting.Range(low, high, false));
    }

    /// With a number whose logarithm is evenly spread over those of `low` and `high`.
    public Space logUniform(String name, double low, double high) {
        return with(name, new Setting.Range(low, high, true));
    }

    private Space with(String name, Setting setting) {
        Require.that(!settings.containsKey(name), "space: a second %s, expected different names", name);
        Map<String, Setting> more = new LinkedHashMap<>(settings);
        more.put(name, setting);
        return new Space(more);
    }

    /// All candidates, the last setting changing fastest.
    ///
    /// @throws IllegalArgumentException if a setting is a range of numbers, which have no end
    public List<Candidate> grid() {
        List<Map<String, Object>> all = List.of(Map.of());
        for (var e : settings.entrySet()) {
            List<Map<String, Object>> longer = new ArrayList<>();
            for (Map<String, Object> before : all) {
                for (Object value : values(e.getKey(), e.getValue())) {
                    Map<String, Object> next = new LinkedHashMap<>(before);
                    next.put(e.getKey(), value);
                    longer.add(next);
                }
            }
            all = longer;
        }
        return all.stream().map(Candidate::new).toList();
    }

    private static List<Object> values(String name, Setting setting) {
        return switch (setting) {
            case Setting.Choice c -> c.values();
            case Setting.Integers i -> {
                List<Object> values = new ArrayList<>();
                for (int n = i.low(); n <= i.high(); n++) {
                    values.add(n);
                }
                yield values;
            }
            case Setting.Range r ->
                throw new IllegalArgumentException("grid: " + name + " is any number from " + r.low() + " to "
                        + r.high() + ", expected a choice or whole numbers");
        };
    }

    /// Candidates drawn at random, each from the seed and its number alone.
    public List<Candidate> draw(int count, long seed) {
        Require.positive("draw: candidates", count);
        List<Candidate> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RandomStream random = RandomStream.of(seed).split("candidate " + i);
            Map<String, Object> values = new LinkedHashMap<>();
            settings.forEach((name, setting) -> values.put(name, drawn(setting, uniform(random.split(name)))));
            drawn.add(new Candidate(values));
        }
        return drawn;
    }

    /// From 0 to below 1.
    private static double uniform(RandomStream random) {
        return random.uniform(Shape.of(1)).evaluate().toFloats()[0];
    }

    private static Object drawn(Setting setting, double part) {
        return switch (setting) {
            case Setting.Choice c -> c.values().get((int) (part * c.values().size()));
            case Setting.Integers i -> i.low() + (int) (part * (i.high() - i.low() + 1L));
            case Setting.Range r ->
                r.logarithmic()
                        ? Math.exp(Math.log(r.low()) + part * (Math.log(r.high()) - Math.log(r.low())))
                        : r.low() + part * (r.high() - r.low());
        };
    }
}
