package fathom.parity.onnx;

import fathom.nn.Module;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// A function of `[N, 4, 6, 2]` made of operations drawn at random, the same ones whatever N is: axes are
/// moved about, so that the batch comes to lie anywhere.
///
/// @param seed which function
/// @param length how many operations
record RandomFunction(long seed, int length) implements Module {
    static final int[] SAMPLE = {4, 6, 2};

    private static final int DYNAMIC = -1;
    private static final int MOST_ELEMENTS = 3000;

    /// A tensor of rank 4, and its sizes, [#DYNAMIC] if they depend on the batch.
    private record Tracked(Tensor x, int[] sizes) {
        boolean isDynamic(int axis) {
            return sizes[axis] == DYNAMIC;
        }

        Tracked same(Tensor y) {
            return new Tracked(y, sizes);
        }

        Tracked with(Tensor y, int axis, int size) {
            int[] others = sizes.clone();
            others[axis] = others[axis] == DYNAMIC ? DYNAMIC : size;
            return new Tracked(y, others);
        }

        /// Elements for a batch of one.
        int elements() {
            return Arrays.stream(sizes).map(s -> s == DYNAMIC ? 1 : s).reduce(1, (a, b) -> a * b);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Random random = new Random(seed);
        List<Tracked> all = new ArrayList<>();
        all.add(new Tracked(x, new int[] {DYNAMIC, SAMPLE[0], SAMPLE[1], SAMPLE[2]}));
        while (all.size() <= length) {
            Tracked from = all.get(Math.max(0, all.size() - 1 - random.nextInt(3)));
            Tracked other = all.get(random.nextInt(all.size()));
            Tracked next = next(random, from, other);
            all.add(next.elements() <= MOST_ELEMENTS ? next : from.same(from.x().tanh()));
        }
        // Nothing grows without bound, so that a tolerance has a meaning.
        return all.getLast().x().tanh();
    }

    private static Tracked next(Random random, Tracked a, Tracked other) {
        Tensor x = a.x();
        int axis = random.nextInt(4);
        return switch (random.nextInt(17)) {
            case 0 -> a.same(x.tanh());
            case 1 -> a.same(x.relu());
            case 2, 3 -> binary(random, a, other);
            case 4, 5 -> permuted(random, a);
            case 6 -> a.isDynamic(axis) ? a.same(x.flip(axis)) : sliced(a, axis);
            case 7 -> a.isDynamic(axis) ? a.same(x.abs()) : a.with(x.pad(axis, 1, 2, 0.5), axis, a.sizes()[axis] + 3);
            case 8 -> reduced(random, a, axis);
            case 9 -> merged(a);
            case 10 -> a.with(Tensor.concat(axis, x, x.mul(0.5)), axis, 2 * Math.max(a.sizes()[axis], 1));
            case 11 -> convolved(random, a);
            case 12 -> a.sizes()[1] >= 2 && a.sizes()[2] >= 2 ? pooled(a) : a.same(x.sub(0.25));
            case 13 -> a.same(x.softmax(axis));
            case 14 -> product(a);
            case 15 -> a.same(x.tanh().cumsum(axis).mul(0.2));
            default -> a.isDynamic(axis) ? a.same(x.sigmoid()) : picked(a, axis);
        };
    }

    /// With another one, of which the sum is taken along the axes that do not fit.
    private static Tracked binary(Random random, Tracked a, Tracked other) {
        Tensor y = other.x();
        for (int i = 0; i < 4; i++) {
            // Two axes that depend on the batch may do so in different ways.
            boolean fits = other.sizes()[i] == 1 || other.sizes()[i] == a.sizes()[i] && !a.isDynamic(i);
            y = fits ? y : y.mean(true, i);
        }
        return a.same(random.nextBoolean() ? a.x().add(y) : y.mul(a.x()));
    }

    private static Tracked permuted(Random random, Tracked a) {
        List<Integer> order = new ArrayList<>(List.of(0, 1, 2, 3));
        java.util.Collections.shuffle(order, random);
        int[] axes = order.stream().mapToInt(Integer::intValue).toArray();
        return new Tracked(
                a.x().permute(axes), IntStream.of(axes).map(i -> a.sizes()[i]).toArray());
    }

    private static Tracked sliced(Tracked a, int axis) {
        int size = a.sizes()[axis];
        return size < 2 ? a.same(a.x().neg()) : a.with(a.x().slice(axis, 1, size), axis, size - 1);
    }

    private static Tracked reduced(Random random, Tracked a, int axis) {
        int[] sizes = a.sizes().clone();
        sizes[axis] = 1;
        Tensor y = random.nextBoolean() ? a.x().max(true, axis) : a.x().mean(true, axis);
        return new Tracked(y, sizes);
    }

    private static Tracked merged(Tracked a) {
        int[] s = a.sizes();
        boolean dynamic = a.isDynamic(1) || a.isDynamic(2);
        Tensor x = a.x();
        Tensor y = x.reshape(x.dim(0), 1, x.dim(1) * x.dim(2), x.dim(3));
        return new Tracked(y, new int[] {s[0], 1, dynamic ? DYNAMIC : s[1] * s[2], s[3]});
    }

    private static Tracked convolved(Random random, Tracked a) {
        if (a.isDynamic(3)) {
            return a.same(a.x().exp().log1p());
        }
        Tensor weights = Exported.drawn(DType.F32, 3, 3, a.sizes()[3], 3).mul(0.05 + 0.1 * random.nextDouble());
        return a.with(a.x().conv2d(weights.evaluate(), 1, 1), 3, 3);
    }

    private static Tracked pooled(Tracked a) {
        int[] s = a.sizes();
        return new Tracked(a.x().maxPool2d(2), new int[] {s[0], s[1] / 2, s[2] / 2, s[3]});
    }

    private static Tracked product(Tracked a) {
        Tensor y = a.x().tanh().matmul(a.x().sin().transpose()).mul(0.2);
        return new Tracked(y, new int[] {a.sizes()[0], a.sizes()[1], a.sizes()[2], a.sizes()[2]});
    }

    private static Tracked picked(Tracked a, int axis) {
        int last = a.sizes()[axis] - 1;
        return a.with(a.x().take(Tensor.of(new int[] {last, 0, last}), axis), axis, 3);
    }

    /// Of any size.
    static Tensor input(int batch) {
        return Exported.drawn(
                DType.F32, Shape.of(batch, SAMPLE[0], SAMPLE[1], SAMPLE[2]).dims());
    }
}
