package fathom.io.onnx.export;

import java.util.Arrays;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// A number of the graph, such as the size of an axis, at each of the sizes at which it was recorded.
final class Size {
    private final long[] at;

    private Size(long[] at) {
        this.at = at;
    }

    static Size of(LongStream values) {
        return new Size(values.toArray());
    }

    /// A number that is the same everywhere.
    static Size fixed(long value, int count) {
        return of(LongStream.generate(() -> value).limit(count));
    }

    int count() {
        return at.length;
    }

    long at(int probe) {
        return at[probe];
    }

    /// Whether it does not depend on the inputs' sizes.
    boolean isFixed() {
        return Arrays.stream(at).allMatch(v -> v == at[0]);
    }

    boolean is(long value) {
        return Arrays.stream(at).allMatch(v -> v == value);
    }

    boolean isOne() {
        return is(1);
    }

    Size with(Size other, LongBinaryOperator operator) {
        return of(IntStream.range(0, at.length).mapToLong(i -> operator.applyAsLong(at[i], other.at[i])));
    }

    Size plus(long value) {
        return of(Arrays.stream(at).map(v -> v + value));
    }

    Size minus(Size other) {
        return with(other, (a, b) -> a - b);
    }

    Size times(Size other) {
        return with(other, (a, b) -> a * b);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Size s && Arrays.equals(at, s.at);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(at);
    }

    /// The number, or the numbers at the recorded sizes.
    @Override
    public String toString() {
        return isFixed() ? Long.toString(at[0]) : Arrays.toString(at);
    }
}
