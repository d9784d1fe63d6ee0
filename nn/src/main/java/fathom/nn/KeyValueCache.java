package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The keys and values of the steps that attention has seen, so that generation computes those of
/// new steps only. There is room for a fixed number of steps, and so one program does for every one
/// of them:
///
/// ```java
/// var caches = List.of(attention.cache(1, 256));
/// while (more) {
///     var step = attention.next(x, caches.getFirst());
///     caches = KeyValueCache.evaluate(step.output(), List.of(step.cache()));
/// }
/// ```
///
/// @param keys `[N, heads, capacity, d]`; what is there from `length` on is never seen
/// @param values `[N, heads, capacity, e]`; likewise
/// @param length how many steps there are
/// @param first the place of the next step, I32 `[1]`: the same number as an element
public record KeyValueCache(Tensor keys, Tensor values, int length, Tensor first) {
    /// Instead of a length that the element alone says.
    private static final int UNKNOWN = -1;

    /// @throws IllegalArgumentException if shapes do not fit
    public KeyValueCache {
        boolean fits = keys.rank() == 4
                && values.rank() == 4
                && keys.shape().with(3, values.dim(3)).equals(values.shape())
                && length >= UNKNOWN
                && length <= keys.dim(2);
        String expected =
                "keyValueCache: keys %s, values %s and length %s, expected [N, heads, capacity, d], [N, heads,"
                        + " capacity, e] and a length up to the capacity";
        Require.that(fits, expected, keys.type(), values.type(), length);
        boolean isPlace = first.shape().equals(Shape.of(1)) && first.dtype() == DType.I32;
        Require.that(isPlace, "keyValueCache: a place %s of the next step, expected I32[1]", first.type());
    }

    /// With so many steps in it.
    ///
    /// @throws IllegalArgumentException if shapes do not fit
    public KeyValueCache(Tensor keys, Tensor values, int length) {
        // Not a constant: those that a simplification might want would make programs of their own.
        this(keys, values, known(length), Tensor.of(new int[] {length}, 1));
    }

    private static int known(int length) {
        Require.that(length >= 0, "keyValueCache: a length of %s, expected 0 to the capacity", length);
        return length;
    }

    /// With as many steps in it as an element says, which is not looked at: for functions that are recorded by
    /// [fathom.tensor.Compiled] and have it as an argument. Nobody checks then whether there is room for more.
    ///
    /// @param first the place of the next step, I32 `[1]`
    /// @throws IllegalArgumentException if shapes do not fit
    public static KeyValueCache at(Tensor keys, Tensor values, Tensor first) {
        return new KeyValueCache(keys, values, UNKNOWN, first);
    }

    /// How many steps there are.
    public int length() {
        return length == UNKNOWN ? first.toInts()[0] : length;
    }

    /// With nothing in it.
    ///
    /// @param samples N
    /// @param heads of the keys
    /// @param capacity how many steps there can be
    /// @param keyWidth d
    /// @param valueWidth e
    public static KeyValueCache empty(int samples, int heads, int capacity, int keyWidth, int valueWidth, DType dtype) {
        // Elements, and not constants: those would make a program of its own for the first step.
        return new KeyValueCache(
                Tensor.full(Shape.of(samples, heads, capacity, keyWidth), dtype, 0)
                        .copy(),
                Tensor.full(Shape.of(samples, heads, capacity, valueWidth), dtype, 0)
                        .copy(),
                0);
    }

    /// With the keys and values of the steps that follow.
    ///
    /// @param newKeys `[N, heads, T, d]`
    /// @param newValues `[N, heads, T, e]`
    /// @throws IllegalArgumentException if there is no room for T more steps, or shapes do not fit
    public KeyValueCache append(Tensor newKeys, Tensor newValues) {
        int more = newKeys.rank() == 4 ? newKeys.dim(2) : 0;
        boolean fits = newKeys.shape().equals(keys.shape().with(2, more))
                && newValues.shape().equals(values.shape().with(2, more));
        String expected = "keyValueCache: %s and %s for keys %s and values %s, expected other sizes along axis 2 only";
        Require.that(fits, expected, newKeys.type(), newValues.type(), keys.type(), values.type());
        Tensor steps = Tensor.arange(keys.dim(2)).sub(first);
        Tensor allKeys = with(keys, newKeys, steps);
        Tensor allValues = with(values, newValues, steps);
        if (length == UNKNOWN) {
            return at(allKeys, allValues, first.add(more));
        }
        int room = keys.dim(2) - length;
        Require.that(more <= room, "keyValueCache: %s more steps after %s, expected up to %s", more, length, room);
        return new KeyValueCache(allKeys, allValues, length + more);
    }

    /// Old and new steps, in one pass over memory if there is one new step, as in generation.
    ///
    /// @param steps for each place the number of the new step that belongs there, if there is one
    private static Tensor with(Tensor old, Tensor added, Tensor steps) {
        int count = added.dim(2);
        Tensor isNew = steps.greaterEqual(0).and(steps.less(count)).unsqueeze(1);
        return isNew.select(count == 1 ? added : added.take(steps.maximum(0).minimum(count - 1), 2), old);
    }

    /// The same with room for more steps.
    ///
    /// @param capacity how many steps there can be, those that are there included
    /// @throws IllegalArgumentException if that is less than there is room for now
    public KeyValueCache grown(int capacity) {
        int more = capacity - keys.dim(2);
        Require.that(more >= 0, "keyValueCache: room for %s steps, expected at least %s", capacity, keys.dim(2));
        return new KeyValueCache(withRoom(keys, more), withRoom(values, more), length, first);
    }

    private static Tensor withRoom(Tensor old, int more) {
        Tensor room = Tensor.full(old.shape().with(2, more), old.dtype(), 0);
        return Tensor.concat(2, old, room).evaluate().detach();
    }

    /// Computes a result and the caches that its step has given in one program, and returns the
    /// caches without what they were computed from, which would grow with each step. So does what a result
    /// was computed from: a tensor that the next step begins with has to be detached.
    public static List<KeyValueCache> evaluate(Tensor result, List<KeyValueCache> caches) {
        List<Tensor> all = new ArrayList<>(List.of(result));
        caches.forEach(c -> all.addAll(List.of(c.keys, c.values)));
        Tensor.evaluateAll(all.toArray(Tensor[]::new));
        return caches.stream()
                .map(c -> new KeyValueCache(c.keys.detach(), c.values.detach(), c.length()))
                .toList();
    }
}
