package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
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
    private static final int ROW_STEP = 3;
    private static final int COLUMN_STEP = 4;
    private static final int TO_AT = 6;
    private static final int TO_ROW_STEP = 7;
    private static final int TO_COLUMN_STEP = 8;
    private static final int CHANNELS = 9;

    private final CodeBuilder code;
    private final double[][] matrix;
    private final int rows;
    private final int columns;
    private final int from;
    private final int to;
    private final int aside;
    private final int channel;

    private TransformEmitter(CodeBuilder code, Lanes lanes, double[][] matrix) {
        this.code = code;
        this.matrix = matrix;
        rows = matrix.length;
        columns = matrix[0].length;
        from = lanes.array(code, 1);
        to = lanes.array(code, 5);
        aside = lanes.array(code, 10);
        channel = code.allocateLocal(TypeKind.INT);
    }

    /// A kernel for the matrix, which leaves out the last channels if they do not fill a vector: with a loop for those
    /// the JIT has twice as much to compile.
    static TransformKernel emit(Lanes lanes, String name, double[][] matrix) {
        return KernelClasses.instantiate(
                "Transform" + name + lanes.title(),
                TransformKernel.class,
                Map.of("run", code -> new TransformEmitter(code, lanes, matrix).run(lanes)));
    }

    private void run(Lanes lanes) {
        code.iconst_0().istore(channel);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(channel).loadConstant(lanes.count()).iadd().iload(CHANNELS);
        code.if_icmpgt(end);
        int size = lanes.count();
        int source = code.allocateLocal(TypeKind.INT);
        int target = code.allocateLocal(TypeKind.INT);
        int next = code.allocateLocal(TypeKind.INT);

        // M · d, column by column.
        code.iload(AT).iload(channel).iadd().istore(source);
        code.iconst_0().istore(target);
        repeat(columns, () -> {
            code.iload(source).istore(next);
            int[] values = new int[columns];
            for (int i = 0; i < columns; i++) {
                values[i] = load(lanes, from, next, 0);
                advance(next, ROW_STEP);
            }
            int[] results = products(lanes, values);
            for (int i = 0; i < rows; i++) {
                lanes.store(code, results[i], aside, target, i * columns * size);
            }
            advance(source, COLUMN_STEP);
            code.iinc(target, size);
        });

        // The rows of that, times Mᵀ.
        code.iload(TO_AT).iload(channel).iadd().istore(target);
        code.iconst_0().istore(source);
        repeat(rows, () -> {
            int[] values = new int[columns];
            for (int j = 0; j < columns; j++) {
                values[j] = load(lanes, aside, source, j * size);
            }
            int[] results = products(lanes, values);
            code.iload(target).istore(next);
            for (int j = 0; j < rows; j++) {
                lanes.store(code, results[j], to, next, 0);
                advance(next, TO_COLUMN_STEP);
            }
            advance(target, TO_ROW_STEP);
            code.iinc(source, columns * size);
        });
        code.iinc(channel, size).goto_(top).labelBinding(end);
    }

    private void repeat(int times, Runnable body) {
        int counter = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(counter);
        code.labelBinding(top).iload(counter).loadConstant(times).if_icmpge(end);
        body.run();
        code.iinc(counter, 1).goto_(top).labelBinding(end);
    }

    private void advance(int local, int step) {
        code.iload(local).iload(step).iadd().istore(local);
    }

    private int load(Lanes lanes, int array, int index, int constant) {
        lanes.load(code, array, index, constant);
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
