package fathom.backend.reference;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.tensor.DType;
import java.util.Comparator;
import java.util.stream.IntStream;

/// Reductions and scans.
final class Reductions {
    private Reductions() {}

    static void reduce(Op.Reduce reduce, Array out, Array x) {
        BinaryOp function = switch (reduce.how()) {
            case SUM -> BinaryOp.ADD;
            case PRODUCT -> BinaryOp.MULTIPLY;
            case MAX -> BinaryOp.MAXIMUM;
            case MIN -> BinaryOp.MINIMUM;
        };
        double start = switch (reduce.how()) {
            case SUM -> 0;
            case PRODUCT -> 1;
            // The least of booleans is false, to which nothing else is truncated.
            case MAX -> x.dtype() == DType.BOOL ? 0 : Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
        Totals totals = new Totals(out, start);
        for (int j = 0; j < x.size(); j++) {
            int[] c = Movement.coordinates(j, x.shape());
            for (int a : reduce.axes()) {
                c[a] = 0;
            }
            totals.combine(function, Movement.position(c, out.shape()), x, j);
        }
        totals.store();
    }

    static void argReduce(Op.ArgReduce arg, Array out, Array x) {
        int n = x.shape().dim(arg.axis());
        for (int i = 0; i < out.size(); i++) {
            int best = 0;
            for (int k = 1; k < n; k++) {
                if (precedes(x, line(x, arg.axis(), i, k), line(x, arg.axis(), i, best), arg)) {
                    best = k;
                }
            }
            out.setLong(i, best);
        }
    }

    /// Whether element `i` is strictly better than element `j`.
    private static boolean precedes(Array x, int i, int j, Op.ArgReduce arg) {
        if (!x.isFractional()) {
            return arg.greatest() ? x.getLong(i) > x.getLong(j) : x.getLong(i) < x.getLong(j);
        }
        if (Double.isNaN(x.get(j))) {
            return false;
        }
        return Double.isNaN(x.get(i)) || (arg.greatest() ? x.get(i) > x.get(j) : x.get(i) < x.get(j));
    }

    static void cumulativeSum(Op.CumulativeSum scan, Array out, Array x) {
        int n = x.shape().dim(scan.axis());
        int lines = n == 0 ? 0 : x.size() / n;
        for (int i = 0; i < lines; i++) {
            double fraction = 0;
            long integer = 0;
            for (int step = 0; step < n; step++) {
                int j = line(x, scan.axis(), i, scan.reverse() ? n - 1 - step : step);
                if (x.isFractional()) {
                    fraction += x.get(j);
                    out.set(j, fraction);
                } else {
                    integer += x.getLong(j);
                    out.setLong(j, integer);
                }
            }
        }
    }

    static void argSort(Op.ArgSort sort, Array out, Array x) {
        int n = x.shape().dim(sort.axis());
        int lines = n == 0 ? 0 : x.size() / n;
        for (int i = 0; i < lines; i++) {
            int number = i;
            Comparator<Integer> ascending = (k, l) -> {
                int a = line(x, sort.axis(), number, k);
                int b = line(x, sort.axis(), number, l);
                // + 0.0 makes -0.0 equal to 0.0; Double.compare has NaN last.
                return x.isFractional()
                        ? Double.compare(x.get(a) + 0.0, x.get(b) + 0.0)
                        : Long.compare(x.getLong(a), x.getLong(b));
            };
            int[] sorted = IntStream.range(0, n)
                    .boxed()
                    .sorted(sort.descending() ? ascending.reversed() : ascending)
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int k = 0; k < n; k++) {
                out.setLong(line(x, sort.axis(), i, k), sorted[k]);
            }
        }
    }

    /// The position of element `k` of line `number` along an axis; the lines are counted in the
    /// row-major order of the other axes.
    private static int line(Array x, int axis, int number, int k) {
        int inner = x.shape().size(axis + 1, x.shape().rank());
        return (number / inner * x.shape().dim(axis) + k) * inner + number % inner;
    }
}
