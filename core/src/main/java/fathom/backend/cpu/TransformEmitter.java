package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [TransformKernel]s.
///
/// The matrices of fast convolution come from points in pairs, p and -p, so that rows of a tall
/// matrix, or columns of a wide one, agree but for the sign of every other element. Such a pair
/// takes its even and its odd part once, then their sum and their difference.
final class TransformEmitter {
    // The parameters of `run`.
    private static final int AT = 2;
    private static final int TILE_STEP = 3;
    private static final int LINE_STEP = 4;
    private static final int STEP = 5;
    private static final int TO_AT = 7;
    private static final int TO_TILE_STEP = 8;
    private static final int TO_LINE_STEP = 9;
    private static final int TO_STEP = 10;
    private static final int TILES = 11;
    private static final int LINES = 12;
    private static final int CHANNELS = 13;

    private final CodeBuilder code;
    private final double[][] matrix;
    private final int rows;
    private final int columns;

    private TransformEmitter(CodeBuilder code, double[][] matrix) {
        this.code = code;
        this.matrix = matrix;
        rows = matrix.length;
        columns = matrix[0].length;
    }

    /// A kernel for the matrix, which leaves out the last channels if they do not fill a vector: with a loop for those
    /// the JIT has twice as much to compile.
    static TransformKernel emit(Lanes lanes, String name, double[][] matrix) {
        return KernelClasses.instantiate(
                "Transform" + name + lanes.title(),
                TransformKernel.class,
                Map.of("run", code -> new TransformEmitter(code, matrix).run(lanes)));
    }

    private void run(Lanes lanes) {
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 6);
        int channel = code.allocateLocal(TypeKind.INT);
        int source = code.allocateLocal(TypeKind.INT);
        int target = code.allocateLocal(TypeKind.INT);
        int next = code.allocateLocal(TypeKind.INT);
        int end = code.allocateLocal(TypeKind.INT);
        code.iload(CHANNELS).loadConstant(lanes.count() - 1).isub().istore(end);
        KernelClasses.loop(code, TILES, _ -> {
            code.iconst_0().istore(channel);
            KernelClasses.loopBelow(code, channel, end, () -> {
                code.iload(AT).iload(channel).iadd().istore(source);
                code.iload(TO_AT).iload(channel).iadd().istore(target);
                KernelClasses.loop(code, LINES, _ -> {
                    code.iload(source).istore(next);
                    int[] values = new int[columns];
                    for (int i = 0; i < columns; i++) {
                        values[i] = load(lanes, from, next);
                        advance(next, STEP);
                    }
                    int[] results = products(lanes, values);
                    code.iload(target).istore(next);
                    for (int i = 0; i < rows; i++) {
                        lanes.store(code, results[i], to, next, 0);
                        advance(next, TO_STEP);
                    }
                    advance(source, LINE_STEP);
                    advance(target, TO_LINE_STEP);
                });
                code.iinc(channel, lanes.count());
            });
            advance(AT, TILE_STEP);
            advance(TO_AT, TO_TILE_STEP);
        });
    }

    private void advance(int local, int step) {
        code.iload(local).iload(step).iadd().istore(local);
    }

    private int load(Lanes lanes, int array, int index) {
        lanes.load(code, array, index, 0);
        return keep(lanes);
    }

    private int keep(Lanes lanes) {
        int local = lanes.local(code);
        lanes.set(code, local);
        return local;
    }

    /// The matrix times the column of values.
    private int[] products(Lanes lanes, int[] values) {
        int[] results = new int[rows];
        if (isColumnPair(1)) {
            // A sum and a difference in the place of each pair's two values.
            int[] even = values.clone();
            int[] odd = values.clone();
            boolean[] done = new boolean[columns];
            for (int j = 0; j + 1 < columns; j++) {
                if (isColumnPair(j)) {
                    even[j] = sum(lanes, values[j], values[j + 1]);
                    odd[j] = difference(lanes, values[j], values[j + 1]);
                    done[++j] = true;
                }
            }
            for (int i = 0; i < rows; i++) {
                double[] row = matrix[i].clone();
                for (int j = 0; j < columns; j++) {
                    row[j] = done[j] ? 0 : row[j];
                }
                results[i] = combination(lanes, row, i % 2 == 0 ? even : odd);
            }
            return results;
        }
        for (int i = 0; i < rows; i++) {
            if (i + 1 < rows && isRowPair(i)) {
                int even = combination(lanes, everyOther(matrix[i], 0), values);
                int odd = combination(lanes, everyOther(matrix[i], 1), values);
                results[i] = sum(lanes, even, odd);
                results[++i] = difference(lanes, even, odd);
            } else {
                results[i] = combination(lanes, matrix[i], values);
            }
        }
        return results;
    }

    private boolean isRowPair(int i) {
        for (int j = 0; j < columns; j++) {
            if (matrix[i + 1][j] != (j % 2 == 0 ? matrix[i][j] : -matrix[i][j])) {
                return false;
            }
        }
        return matrix[i][0] != 0 || matrix[i][1] != 0;
    }

    private boolean isColumnPair(int j) {
        for (int i = 0; i < rows; i++) {
            if (matrix[i][j + 1] != (i % 2 == 0 ? matrix[i][j] : -matrix[i][j])) {
                return false;
            }
        }
        return true;
    }

    private static double[] everyOther(double[] row, int first) {
        double[] some = new double[row.length];
        for (int j = first; j < row.length; j += 2) {
            some[j] = row[j];
        }
        return some;
    }

    private int sum(Lanes lanes, int a, int b) {
        lanes.get(code, a);
        lanes.get(code, b);
        lanes.add(code);
        return keep(lanes);
    }

    private int difference(Lanes lanes, int a, int b) {
        lanes.get(code, a);
        lanes.get(code, b);
        lanes.subtract(code);
        return keep(lanes);
    }

    /// The sum of the values times the coefficients, from the first to the last that is not 0.
    private int combination(Lanes lanes, double[] coefficients, int[] values) {
        int total = -1;
        for (int j = 0; j < values.length; j++) {
            double factor = coefficients[j];
            if (factor == 0) {
                continue;
            }
            if (total < 0) {
                lanes.get(code, values[j]);
                if (factor != 1) {
                    lanes.constant(code, factor);
                    lanes.multiply(code);
                }
                total = keep(lanes);
            } else if (factor == 1) {
                total = sum(lanes, total, values[j]);
            } else if (factor == -1) {
                total = difference(lanes, total, values[j]);
            } else {
                lanes.get(code, values[j]);
                lanes.constant(code, factor);
                lanes.get(code, total);
                lanes.fma(code);
                total = keep(lanes);
            }
        }
        if (total < 0) {
            throw new IllegalArgumentException("transform: a row of zeros");
        }
        return total;
    }
}
