package fathom.ops;

import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Builds a graph from a list of numbers: each says what to do with which of the tensors so far.
/// Every list means something, so that a failing one can be made shorter.
final class RandomGraph {
    private static final int[] SIZES = {3, 1, 2, 0, 5, 17, 33, 130};
    private static final int MOST_ELEMENTS = 20_000;
    private static final double GREATEST = 1e4;

    private final DType dtype;
    private final double unit;
    private final boolean special;
    private final boolean smooth;
    private final List<Tensor> leaves = new ArrayList<>();
    private final List<Traced> pool = new ArrayList<>();
    private int state;

    private RandomGraph(DType dtype, boolean special, boolean smooth) {
        this.dtype = dtype;
        this.unit = dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
        this.special = special;
        this.smooth = smooth;
    }

    /// @param special whether NaN and infinities are among the leaves
    /// @param smooth whether derivatives must not jump where elements differ by rounding
    static RandomGraph of(List<Integer> numbers, DType dtype, boolean special, boolean smooth) {
        RandomGraph g = new RandomGraph(dtype, special, smooth);
        g.state = numbers.getFirst();
        g.leaf(new int[] {g.size(8), g.size(8)});
        for (int number : numbers) {
            g.state = number;
            Traced next = g.instruction(number % 16);
            if (next.tensor().size() <= MOST_ELEMENTS && next.bound() < GREATEST) {
                g.pool.add(next);
            }
        }
        return g;
    }

    /// What was built, leaves included.
    List<Traced> results() {
        return pool;
    }

    List<Tensor> leaves() {
        return leaves;
    }

    /// A number from 0 to n - 1.
    private int next(int n) {
        state = state * 1664525 + 1013904223;
        return Math.floorMod(state >>> 8, n);
    }

    private int size(int n) {
        return SIZES[next(Math.min(n, SIZES.length))];
    }

    private Traced pick() {
        return pool.get(pool.size() - 1 - next(Math.min(pool.size(), 4)));
    }

    private Traced leaf(int[] shape) {
        int n = Shape.of(shape).size();
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = (next(33) - 16) / 8.0;
            if (special && next(9) == 0) {
                values[i] =
                        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0}[next(4)];
            }
        }
        Tensor t = new Input(Shape.of(shape), false, dtype, values).tensor(dtype);
        leaves.add(t);
        Traced leaf = new Traced(t, 2, 0);
        pool.add(leaf);
        return leaf;
    }

    private Traced instruction(int what) {
        return switch (what) {
            case 0 -> leaf(new int[] {size(8), size(8)});
            case 1 -> leaf(next(2) == 0 ? new int[] {size(8)} : new int[] {size(4), size(4), size(4)});
            case 2, 3 -> function(pick());
            case 4 -> step(pick());
            case 5, 6, 7 -> binary(pick(), pick());
            case 8, 9 -> reduce(pick());
            case 10 -> reshape(pick());
            case 11 -> rearrange(pick());
            case 12 -> next(2) == 0 ? part(pick()) : pooled(pick());
            case 13 -> product(pick(), pick());
            case 14 -> index(pick());
            default -> choose(pick(), pick());
        };
    }

    /// Whether a function with a corner may be applied.
    private boolean mayBend(Traced x) {
        return !smooth || x.isExact();
    }

    /// Elements that are not negative.
    private Traced positive(Traced x) {
        double b = x.bound();
        return mayBend(x) ? x.moved(x.tensor().abs()) : rounded(x.tensor().square(), b * b, 2 * b * x.error());
    }

    private Traced function(Traced x) {
        Tensor t = x.tensor();
        double e = x.error();
        double b = x.bound();
        Traced p = positive(x);
        return switch (next(12)) {
            case 0 -> b < 6 ? rounded(t.exp(), Math.exp(b), e * Math.exp(b)) : x.moved(t.neg());
            case 1 -> b < 6 ? rounded(t.expm1(), Math.exp(b), e * Math.exp(b)) : p;
            case 2 -> rounded(t.tanh(), 1, e);
            case 3 -> rounded(t.sigmoid(), 1, e);
            case 4 -> rounded(t.erf(), 1, 1.2 * e);
            case 5 -> b < 100 ? rounded(t.sin(), 1 + b, e) : x.moved(t.neg());
            case 6 -> b < 100 ? rounded(t.cos(), 1 + b, e) : x.moved(t.neg());
            case 7 -> rounded(p.tensor().log1p(), p.bound(), p.error());
            case 8 -> rounded(p.tensor().add(1).sqrt(), p.bound() + 1, p.error());
            case 9 -> rounded(p.tensor().add(0.5).log(), p.bound() + 1, 2 * p.error());
            case 10 -> x.moved(t.neg());
            default -> dyadic(t.mul(0.5).add(3), b + 3, e);
        };
    }

    private Traced rounded(Tensor t, double bound, double error) {
        return Traced.rounded(t, bound, error, unit);
    }

    private Traced dyadic(Tensor t, double bound, double error) {
        return Traced.dyadic(t, bound, error, unit);
    }

    private Traced step(Traced x) {
        Tensor t = x.tensor();
        if (!x.isExact()) {
            return positive(x);
        }
        return switch (next(9)) {
            case 0 -> new Traced(t.floor(), x.bound() + 1, 0);
            case 1 -> new Traced(t.ceil(), x.bound() + 1, 0);
            case 2 -> new Traced(t.round(), x.bound() + 1, 0);
            case 3 -> new Traced(t.sign(), 1, 0);
            case 4 -> new Traced(t.cast(DType.I32).clamp(-5, 5).mul(3).cast(dtype), 15, 0);
            case 5 -> new Traced(t.isNaN().not().cast(dtype), 1, 0);
            case 6 ->
                t.rank() > 0 && t.dim(-1) > 0 ? new Traced(t.argmax(-1).cast(dtype), t.dim(-1), 0) : x.moved(t.relu());
            case 7 -> t.rank() > 0 ? x.moved(t.sort(0, next(2) == 0)) : x.moved(t.neg());
            default -> new Traced(t.cast(DType.U8).cast(dtype), 255, 0);
        };
    }

    /// An operand that broadcasts with the other, itself if need be.
    private static Traced fit(Traced x, Traced y) {
        try {
            Shape s = Shape.broadcast("fit", x.tensor().shape(), y.tensor().shape());
            return s.size() <= MOST_ELEMENTS ? y : x;
        } catch (IllegalArgumentException e) {
            return x;
        }
    }

    private Traced binary(Traced x, Traced other) {
        Traced y = fit(x, other);
        Tensor a = x.tensor();
        Tensor b = y.tensor();
        double bound = x.bound() + y.bound();
        double error = x.error() + y.error();
        double product = x.bound() * y.error() + y.bound() * x.error();
        return switch (next(8)) {
            case 0, 1 -> dyadic(a.add(b), bound, error);
            case 2 -> dyadic(a.sub(b), bound, error);
            case 3, 4 -> rounded(a.mul(b), x.bound() * y.bound(), product);
            case 5, 6 -> {
                if (!mayBend(x) || !mayBend(y)) {
                    yield x.moved(a.neg());
                }
                yield new Traced(next(2) == 0 ? a.maximum(b) : a.minimum(b), bound, error);
            }
            default -> {
                Traced divisor = positive(y);
                yield rounded(a.div(divisor.tensor().add(1)), x.bound(), x.error() + x.bound() * divisor.error());
            }
        };
    }

    private Traced reduce(Traced x) {
        Tensor t = x.tensor();
        List<Integer> axes = new ArrayList<>();
        for (int a = 0; a < t.rank(); a++) {
            if (next(2) == 0) {
                axes.add(a);
            }
        }
        int[] along = axes.stream().mapToInt(Integer::intValue).toArray();
        double n = 1;
        for (int a : t.shape().axes(along)) {
            n *= t.dim(a);
        }
        boolean keep = next(2) == 0;
        double bound = x.bound() * Math.max(1, n);
        return switch (next(5)) {
            case 0, 1 -> dyadic(t.sum(keep, along), bound, n * x.error());
            case 2 ->
                n == 0
                        ? x.moved(t.sum(keep, along))
                        : rounded(t.mean(keep, along), x.bound(), x.error() + unit * bound);
            case 3 -> mayBend(x) ? x.moved(t.max(keep, along)) : x.moved(t.neg());
            default -> mayBend(x) ? x.moved(t.min(keep, along)) : x.moved(t.detach());
        };
    }

    private Traced reshape(Traced x) {
        Tensor t = x.tensor();
        return x.moved(
                switch (next(4)) {
                    case 0 -> t.flatten(0);
                    case 1 -> t.unsqueeze(next(t.rank() + 1));
                    case 2 -> t.rank() > 1 ? t.reshape(t.dim(-1), t.size() / Math.max(1, t.dim(-1))) : t;
                    default -> {
                        int[] sizes = t.shape().dims();
                        for (int i = 0; i < sizes.length; i++) {
                            sizes[i] = sizes[i] == 1 ? size(8) : sizes[i];
                        }
                        yield t.broadcastTo(Shape.of(sizes));
                    }
                });
    }

    private Traced rearrange(Traced x) {
        Tensor t = x.tensor();
        if (t.rank() == 0) {
            return x;
        }
        int a = next(t.rank());
        int b = next(t.rank());
        return switch (next(4)) {
            case 0, 1 -> x.moved(t.transpose(a, b));
            case 2 -> x.moved(t.flip(a));
            default -> dyadic(t.cumsum(a), x.bound() * Math.max(1, t.dim(a)), x.error() * t.dim(a));
        };
    }

    private Traced part(Traced x) {
        Tensor t = x.tensor();
        if (t.rank() == 0) {
            return x;
        }
        int a = next(t.rank());
        int n = t.dim(a);
        return x.moved(
                switch (next(4)) {
                    case 0 -> t.slice(a, next(n + 1), next(n + 1) + 1);
                    case 1 -> t.slice(a, next(n + 1), n, 1 + next(3));
                    case 2 -> t.pad(a, next(3), next(3), 1.5);
                    default -> Tensor.concat(a, t, t.flip(a).neg());
                });
    }

    /// Images pooled, with up to nine taps, which loops read at several places.
    private Traced pooled(Traced x) {
        Tensor t = x.tensor();
        if (t.rank() < 2 || t.dim(0) == 0 || t.dim(1) == 0) {
            return x;
        }
        Tensor images = t.reshape(1, t.dim(0), t.dim(1), t.size() / (t.dim(0) * t.dim(1)));
        int height = 1 + next(Math.min(3, t.dim(0)));
        int width = 1 + next(Math.min(3, t.dim(1)));
        Window window = new Window(height, width, 1 + next(3), 1 + next(3), 0, 0, 0, 0, 1, 1);
        boolean greatest = mayBend(x) && next(2) == 0;
        Tensor pooled = greatest ? images.maxPool2d(window) : images.avgPool2d(window);
        Tensor seen = pooled.reshape(pooled.dim(1), pooled.dim(2), pooled.dim(3));
        return greatest ? x.moved(seen) : rounded(seen, x.bound(), x.error());
    }

    private Traced product(Traced x, Traced other) {
        if (x.tensor().rank() < 2) {
            return binary(x, other);
        }
        Tensor a = x.tensor();
        boolean fits = other.tensor().rank() == 2 && other.tensor().dim(0) == a.dim(-1);
        Traced y = fits ? other : x.moved(a.transpose());
        double inner = Math.max(1, a.dim(-1));
        return dyadic(
                a.matmul(y.tensor()),
                inner * x.bound() * y.bound(),
                inner * (x.bound() * y.error() + y.bound() * x.error()));
    }

    private Traced index(Traced x) {
        Tensor t = x.tensor();
        int a = t.rank() == 0 ? 0 : next(t.rank());
        if (t.rank() == 0 || t.dim(a) == 0) {
            return x;
        }
        int[] indices = new int[size(6)];
        for (int i = 0; i < indices.length; i++) {
            indices[i] = next(t.dim(a));
        }
        Tensor where = Tensor.of(indices, indices.length);
        return next(3) == 0
                ? dyadic(
                        t.scatterAdd(where, t.take(where, a).neg(), a),
                        x.bound() * (1 + indices.length),
                        x.error() * (1 + indices.length))
                : x.moved(t.take(where, a));
    }

    private Traced choose(Traced x, Traced other) {
        Traced y = fit(x, other);
        Tensor a = x.tensor();
        Tensor b = y.tensor();
        double bound = Math.max(x.bound(), y.bound());
        double error = Math.max(x.error(), y.error());
        if (!x.isExact() || !y.isExact()) {
            return new Traced(a.detach(), x.bound(), x.error());
        }
        Tensor condition = switch (next(4)) {
            case 0 -> a.less(b);
            case 1 -> a.equal(b).not();
            case 2 -> a.lessEqual(0.5).and(b.greater(0).or(a.isNaN()));
            default -> a.greater(0).xor(b.notEqual(1));
        };
        return new Traced(condition.select(a, b), bound, error);
    }
}
