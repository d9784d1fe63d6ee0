package fathom.io.onnx.export;

import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes nodes that compute sizes from those of tensors that are there already. How a size depends on
/// those of the inputs is found from its values in the recordings.
final class SizeNodes {
    private static final int GREATEST_DIVISOR = 64;

    private final GraphBuilder builder;
    private final List<Size> axes;
    private final Map<Size, String> known = new LinkedHashMap<>();
    private final Map<Size, Place> places = new LinkedHashMap<>();
    private final Map<List<Size>, String> vectors = new HashMap<>();

    private record Place(String name, int axis) {}

    SizeNodes(GraphBuilder builder, Probes probes) {
        this.builder = builder;
        this.axes = probes.axes().keySet().stream().map(probes::size).toList();
    }

    /// Notes that a tensor has an axis of that size.
    void note(Size size, String name, int axis) {
        if (!size.isFixed()) {
            places.putIfAbsent(size, new Place(name, axis));
        }
    }

    /// A vector of sizes.
    String vector(List<Size> sizes) {
        if (sizes.stream().allMatch(Size::isFixed)) {
            return builder.longs(sizes.stream().mapToLong(s -> s.at(0)).toArray());
        }
        String there = vectors.get(sizes);
        if (there != null) {
            return there;
        }
        List<String> parts = new ArrayList<>();
        List<Long> fixed = new ArrayList<>();
        for (Size size : sizes) {
            if (size.isFixed()) {
                fixed.add(size.at(0));
                continue;
            }
            flush(fixed, parts);
            parts.add(one(size));
        }
        flush(fixed, parts);
        String all = parts.size() == 1
                ? parts.getFirst()
                : builder.node("Concat", Attributes.none().with("axis", 0), parts.toArray(String[]::new));
        vectors.put(List.copyOf(sizes), all);
        return all;
    }

    private void flush(List<Long> fixed, List<String> into) {
        if (!fixed.isEmpty()) {
            into.add(builder.longs(fixed.stream().mapToLong(Long::longValue).toArray()));
            fixed.clear();
        }
    }

    /// A scalar I64.
    String scalar(Size size) {
        return size.isFixed()
                ? builder.scalar(DType.I64, size.at(0))
                : builder.node("Squeeze", one(size), builder.longs(0));
    }

    /// A vector of one size.
    private String one(Size size) {
        String there = known.get(size);
        if (there == null) {
            there = made(size);
            known.put(size, there);
        }
        return there;
    }

    private String made(Size size) {
        if (size.isFixed()) {
            return builder.longs(size.at(0));
        }
        Place place = places.get(size);
        if (place != null) {
            Attributes axis = Attributes.none().with("start", place.axis()).with("end", place.axis() + 1L);
            return builder.node("Shape", axis, place.name());
        }
        return sum(size)
                .or(() -> product(size))
                .or(() -> shifted(size))
                .or(() -> quotient(size))
                .orElseThrow(() -> new Refusal("a size that is " + size
                        + " at the recorded sizes: no rule was found by which it follows from the inputs' sizes"));
    }

    /// As a sum of multiples of the dynamic axes.
    private Optional<String> sum(Size size) {
        List<Long> slopes = new ArrayList<>();
        Size rest = size;
        for (int i = 0; i < axes.size(); i++) {
            Size axis = axes.get(i);
            long step = axis.at(1 + 2 * i) - axis.at(0);
            long change = size.at(1 + 2 * i) - size.at(0);
            if (change % step != 0) {
                return Optional.empty();
            }
            long slope = change / step;
            slopes.add(slope);
            rest = rest.with(axis, (a, b) -> a - slope * b);
        }
        if (!rest.isFixed()) {
            return Optional.empty();
        }
        String sum = rest.is(0) ? "" : builder.longs(rest.at(0));
        for (int i = 0; i < axes.size(); i++) {
            if (slopes.get(i) != 0) {
                String term = times(one(axes.get(i)), slopes.get(i));
                sum = sum.isEmpty() ? term : builder.node("Add", term, sum);
            }
        }
        return Optional.of(sum);
    }

    private String times(String name, long factor) {
        return factor == 1 ? name : builder.node("Mul", name, builder.longs(factor));
    }

    private String plus(String name, long added) {
        return added == 0 ? name : builder.node("Add", name, builder.longs(added));
    }

    /// As a multiple of a product of known sizes.
    private Optional<String> product(Size size) {
        List<Size> all = new ArrayList<>(places.keySet());
        for (Size a : all) {
            for (Size b : all) {
                Long factor = ratio(size, a.times(b));
                if (factor != null) {
                    return Optional.of(times(builder.node("Mul", one(a), one(b)), factor));
                }
            }
        }
        Size together = axes.stream().reduce(Size::times).orElseThrow();
        Long factor = ratio(size, together);
        return factor == null
                ? Optional.empty()
                : Optional.of(times(
                        axes.stream()
                                .map(this::one)
                                .reduce((a, b) -> builder.node("Mul", a, b))
                                .orElseThrow(),
                        factor));
    }

    private static @Nullable Long ratio(Size size, Size other) {
        if (other.at(0) == 0 || size.at(0) % other.at(0) != 0) {
            return null;
        }
        long factor = size.at(0) / other.at(0);
        return size.equals(other.with(other, (a, _) -> a * factor)) ? (Long) factor : null;
    }

    /// As a known size and a number, or a multiple of a known size.
    private Optional<String> shifted(Size size) {
        for (Size a : List.copyOf(places.keySet())) {
            Long factor = ratio(size, a);
            if (factor != null) {
                return Optional.of(times(one(a), factor));
            }
            Size difference = size.minus(a);
            if (difference.isFixed()) {
                return Optional.of(plus(one(a), difference.at(0)));
            }
        }
        return Optional.empty();
    }

    /// As a quotient, rounded down, and a number.
    private Optional<String> quotient(Size size) {
        for (Size a : List.copyOf(places.keySet())) {
            for (int divisor = 2; divisor <= GREATEST_DIVISOR; divisor++) {
                for (int added = 0; added < divisor; added++) {
                    int d = divisor;
                    int plus = added;
                    LongUnaryOperator rule = v -> (v + plus) / d;
                    Size rest = size.with(a, (s, v) -> s - rule.applyAsLong(v));
                    if (rest.isFixed()) {
                        String sum = plus(one(a), added);
                        return Optional.of(plus(builder.node("Div", sum, builder.longs(d)), rest.at(0)));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /// A scalar that is another number at other sizes: a size, or a number divided by one or by its root.
    String number(double[] values, DType dtype) {
        boolean whole = IntStream.range(0, values.length).allMatch(i -> values[i] == (long) values[i]);
        if (whole) {
            return cast(scalar(Size.of(Arrays.stream(values).mapToLong(v -> (long) v))), dtype);
        }
        boolean inverse = IntStream.range(0, values.length)
                .allMatch(i -> values[i] != 0
                        && Math.abs(1 / values[i] - Math.rint(1 / values[i])) < 1e-5 / Math.abs(values[i]));
        if (inverse) {
            Size divisor = Size.of(Arrays.stream(values).mapToLong(v -> Math.round(1 / v)));
            return builder.node("Div", builder.scalar(dtype, 1), cast(scalar(divisor), dtype));
        }
        List<Size> divisors = new ArrayList<>(axes);
        divisors.addAll(places.keySet());
        axes.stream().reduce(Size::times).ifPresent(divisors::add);
        for (Size d : divisors) {
            for (int added = 0; added >= -1; added--) {
                Size divisor = d.plus(added);
                if (isRatio(values, divisor, 1)) {
                    String numerator = builder.scalar(dtype, values[0] * divisor.at(0));
                    return builder.node("Div", numerator, cast(scalar(divisor), dtype));
                }
                if (isRatio(values, divisor, 0.5)) {
                    String numerator = builder.scalar(dtype, values[0] * Math.sqrt(divisor.at(0)));
                    return builder.node("Div", numerator, builder.node("Sqrt", cast(scalar(divisor), dtype)));
                }
            }
        }
        throw new Refusal("a constant that is " + Arrays.toString(values)
                + " at the recorded sizes: no rule was found by which it follows from them");
    }

    private static boolean isRatio(double[] values, Size divisor, double power) {
        double first = values[0] * Math.pow(divisor.at(0), power);
        return IntStream.range(0, values.length).allMatch(i -> {
            double product = values[i] * Math.pow(divisor.at(i), power);
            return Math.abs(product - first) <= 1e-6 * Math.abs(first);
        });
    }

    private String cast(String name, DType dtype) {
        return dtype == DType.I64 ? name : builder.node("Cast", Casts.to(dtype), name);
    }
}
