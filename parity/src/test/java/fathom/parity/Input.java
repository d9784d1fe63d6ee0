package fathom.parity;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/// What a computation is applied to: a recipe, so that it can be had in F32 and in F64.
@FunctionalInterface
interface Input {
    /// The elements.
    ///
    /// @param floating the type of elements that are not whole by nature
    /// @param random where random elements come from
    Tensor make(DType floating, Random random);

    /// Of mean 0 and variance 1.
    static Input normal(int... shape) {
        return (dtype, random) -> filled(dtype, random::nextGaussian, shape);
    }

    /// Evenly spread over `low` to `high`.
    static Input uniform(double low, double high, int... shape) {
        return floating(r -> low + (high - low) * r.nextDouble(), shape);
    }

    /// Whole numbers from -2 to 2: with many ties.
    static Input ties(int... shape) {
        return floating(r -> r.nextInt(5) - 2, shape);
    }

    /// Multiples of 1/8 in random order, no two equal: no ties, and no two close to each other.
    static Input distinct(int... shape) {
        return (dtype, random) -> {
            List<Integer> order = new ArrayList<>();
            int n = Shape.of(shape).size();
            for (int i = 0; i < n; i++) {
                order.add(i - n / 2);
            }
            Collections.shuffle(order, random);
            var each = order.iterator();
            return filled(dtype, () -> each.next() / 8.0, shape);
        };
    }

    /// The given numbers as a vector.
    static Input values(double... values) {
        return (dtype, random) -> {
            var each = Arrays.stream(values).iterator();
            return filled(dtype, each::nextDouble, values.length);
        };
    }

    /// These numbers one below the other, to meet every one of a row.
    default Input column() {
        return (dtype, random) -> make(dtype, random).unsqueeze(1).evaluate();
    }

    /// I32 from 0 to below `bound`.
    static Input indices(int bound, int... shape) {
        return integers(0, bound, shape);
    }

    /// I32 from `low` to below `high`.
    static Input integers(int low, int high, int... shape) {
        return (dtype, random) -> filled(DType.I32, () -> random.nextInt(low, high), shape);
    }

    /// BOOL.
    static Input booleans(int... shape) {
        return (dtype, random) -> filled(DType.BOOL, () -> random.nextInt(2), shape);
    }

    /// The same elements as floating-point numbers.
    static Input floats(Input input) {
        return (dtype, random) -> input.make(dtype, random).cast(dtype).evaluate();
    }

    private static Input floating(ToDoubleFunction<Random> element, int... shape) {
        return (dtype, random) -> filled(dtype, () -> element.applyAsDouble(random), shape);
    }

    private static Tensor filled(DType dtype, DoubleSupplier element, int... shape) {
        Shape s = Shape.of(shape);
        Buffer buffer = Buffer.allocate(dtype, s.size());
        for (int i = 0; i < s.size(); i++) {
            buffer.setDouble(i, element.getAsDouble());
        }
        return Tensor.of(buffer, s);
    }
}
