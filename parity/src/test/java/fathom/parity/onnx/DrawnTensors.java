package fathom.parity.onnx;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Random;

/// What tests of operators are given.
abstract class DrawnTensors {
    /// How close single precision has to come.
    static final double CLOSE = 1e-5;

    private final Random random = new Random(7);

    final Tensor between(double low, double high, int... shape) {
        float[] all = new float[Shape.of(shape).size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return Tensor.of(all, shape);
    }

    final Tensor random(int... shape) {
        return between(-1, 1, shape);
    }

    static Tensor number(int value) {
        return Tensor.of(new int[] {value}, new int[0]);
    }

    static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    static Tensor whole(long value) {
        return Tensor.of(new long[] {value}, new int[0]);
    }
}
