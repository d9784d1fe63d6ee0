package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.Output;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Scalar;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Speed of fused loops on one thread, in 10⁹ elements per second, as vectors and as scalars, and
/// how long a new kernel takes for its first million elements.
///
/// With `--floor` it only checks that vectors are at least twice as fast as scalars where they must
/// be, and exits with 1 if not: a vector that escapes to the heap costs a factor of twenty.
final class LoopBenchmark {
    private static final int SMALL = 1 << 14;
    private static final int LARGE = 1 << 22;
    private static final ColumnStride CONTIGUOUS = ColumnStride.CONTIGUOUS;

    private record Case(String name, LoopKernel kernel, int rows, int columns) {}

    private LoopBenchmark() {}

    public static void main(String[] arguments) {
        int bits = Integer.getInteger("bits", VectorSupport.preferredBits());
        boolean floor = Arrays.asList(arguments).contains("--floor");
        if (floor) {
            boolean stands = true;
            for (var subject : List.of(
                    new Case("x * y + x, max 0", multiplyAddMax(), 1, SMALL),
                    new Case("bias 24 columns", bias(), 640, 24))) {
                double ratio = rate(subject, bits) / rate(subject, VectorSupport.SCALAR);
                System.out.printf("%s: vector to scalar %.1f, at least 2 wanted%n", subject.name, ratio);
                stands &= ratio >= 2;
            }
            if (!stands) {
                System.exit(1);
            }
            return;
        }
        System.out.printf("%-28s %9s %9s %12s%n", "", bits + " bits", "scalar", "first 1M, ms");
        for (var subject : cases()) {
            if (arguments.length > 0 && !subject.name.contains(arguments[0])) {
                continue;
            }
            double cold = cold(subject, bits);
            System.out.printf(
                    "%-28s %9.2f %9.2f %12.1f%n",
                    subject.name, rate(subject, bits), rate(subject, VectorSupport.SCALAR), cold);
        }
    }

    private static List<Case> cases() {
        var cases = new ArrayList<Case>();
        cases.add(new Case("x * y + x, max 0", multiplyAddMax(), 1, SMALL));
        cases.add(new Case("x * y + x, max 0, 4M", multiplyAddMax(), 1, LARGE));
        cases.add(new Case("add", map(BinaryOp.ADD), 1, SMALL));
        cases.add(new Case("add, 4M", map(BinaryOp.ADD), 1, LARGE));
        for (var op : List.of(
                UnaryOp.EXP,
                UnaryOp.LOG,
                UnaryOp.TANH,
                UnaryOp.SIGMOID,
                UnaryOp.ERF,
                UnaryOp.SIN,
                UnaryOp.COS,
                UnaryOp.EXPM1,
                UnaryOp.LOG1P,
                UnaryOp.SQRT,
                UnaryOp.FLOOR)) {
            cases.add(new Case(op.name(), map(op), 1, SMALL));
        }
        cases.add(new Case("gelu", gelu(), 1, SMALL));
        cases.add(new Case("relu gradient", reluGradient(), 1, SMALL));
        cases.add(new Case("adam, 4M", adam(), 1, LARGE));
        cases.add(new Case("bias 32 columns", bias(), 512, 32));
        cases.add(new Case("bias 24 columns", bias(), 640, 24));
        cases.add(new Case("bias 10 columns", bias(), 1638, 10));
        cases.add(new Case("bytes to float", bytes(), 1, SMALL));
        cases.add(new Case("row max 64 columns", reduce(ReduceOp.MAX, true), 256, 64));
        cases.add(new Case("row sum 64 columns", reduce(ReduceOp.SUM, true), 256, 64));
        cases.add(new Case("row sum 10 columns", reduce(ReduceOp.SUM, true), 1638, 10));
        cases.add(new Case("row sum 4096 columns", reduce(ReduceOp.SUM, true), 4, 4096));
        cases.add(new Case("row sum 4M columns", reduce(ReduceOp.SUM, true), 1, LARGE));
        cases.add(new Case("column sum 32 columns", reduce(ReduceOp.SUM, false), 512, 32));
        cases.add(new Case("column sum 1024 columns", reduce(ReduceOp.SUM, false), 16, 1024));
        cases.add(new Case("column sum 128K x 32", reduce(ReduceOp.SUM, false), 131072, 32));
        cases.add(new Case("sum exp(x - m), 64 columns", sumExp(), 256, 64));
        return cases;
    }

    private static Load load(int input) {
        return new Load(input, DType.F32);
    }

    private static LoopKernel map(UnaryOp op) {
        return new LoopKernel(
                List.of(load(0), new Unary(op, 0)), List.of(CONTIGUOUS), List.of(new Store(1, CONTIGUOUS)));
    }

    private static LoopKernel map(BinaryOp op) {
        return new LoopKernel(
                List.of(load(0), load(1), new Binary(op, 0, 1)),
                List.of(CONTIGUOUS, CONTIGUOUS),
                List.of(new Store(2, CONTIGUOUS)));
    }

    private static LoopKernel bias() {
        return new LoopKernel(
                List.of(load(0), load(1), new Binary(BinaryOp.ADD, 0, 1)),
                List.of(CONTIGUOUS, ColumnStride.REPEATED),
                List.of(new Store(2, CONTIGUOUS)));
    }

    private static LoopKernel multiplyAddMax() {
        return new LoopKernel(
                List.of(
                        load(0),
                        load(1),
                        new Scalar(0, DType.F32),
                        new Binary(BinaryOp.MULTIPLY, 0, 1),
                        new Binary(BinaryOp.ADD, 3, 0),
                        new Binary(BinaryOp.MAXIMUM, 4, 2)),
                List.of(CONTIGUOUS, CONTIGUOUS),
                List.of(new Store(5, CONTIGUOUS)));
    }

    /// 0.5 x (1 + erf(x / √2)), the scalars standing for the constants.
    private static LoopKernel gelu() {
        return new LoopKernel(
                List.of(
                        load(0),
                        new Scalar(1, DType.F32),
                        new Binary(BinaryOp.MULTIPLY, 0, 1),
                        new Unary(UnaryOp.ERF, 2),
                        new Binary(BinaryOp.MULTIPLY, 0, 3),
                        new Binary(BinaryOp.ADD, 4, 0),
                        new Binary(BinaryOp.MULTIPLY, 5, 1)),
                List.of(CONTIGUOUS),
                List.of(new Store(6, CONTIGUOUS)));
    }

    private static LoopKernel reluGradient() {
        return new LoopKernel(
                List.of(
                        load(0),
                        load(1),
                        new Scalar(0, DType.F32),
                        new Binary(BinaryOp.LESS, 2, 0),
                        new Select(3, 1, 2)),
                List.of(CONTIGUOUS, CONTIGUOUS),
                List.of(new Store(4, CONTIGUOUS)));
    }

    private static LoopKernel adam() {
        var steps = new ArrayList<Instruction>(List.of(load(0), load(1), load(2), load(3)));
        for (int i = 0; i < 4; i++) {
            steps.add(new Scalar(1 + i, DType.F32));
        }
        steps.add(new Binary(BinaryOp.SUBTRACT, 1, 0));
        steps.add(new Binary(BinaryOp.MULTIPLY, 8, 4));
        steps.add(new Binary(BinaryOp.ADD, 9, 0));
        steps.add(new Binary(BinaryOp.MULTIPLY, 1, 1));
        steps.add(new Binary(BinaryOp.SUBTRACT, 11, 2));
        steps.add(new Binary(BinaryOp.MULTIPLY, 12, 5));
        steps.add(new Binary(BinaryOp.ADD, 13, 2));
        steps.add(new Unary(UnaryOp.SQRT, 14));
        steps.add(new Binary(BinaryOp.ADD, 15, 6));
        steps.add(new Binary(BinaryOp.DIVIDE, 10, 16));
        steps.add(new Binary(BinaryOp.MULTIPLY, 17, 7));
        steps.add(new Binary(BinaryOp.SUBTRACT, 3, 18));
        return new LoopKernel(
                steps,
                List.of(CONTIGUOUS, CONTIGUOUS, CONTIGUOUS, CONTIGUOUS),
                List.of(new Store(10, CONTIGUOUS), new Store(14, CONTIGUOUS), new Store(19, CONTIGUOUS)));
    }

    private static LoopKernel bytes() {
        return new LoopKernel(
                List.of(
                        new Load(0, DType.U8),
                        new LoopKernel.Cast(DType.F32, 0),
                        new Scalar(1, DType.F32),
                        new Binary(BinaryOp.MULTIPLY, 1, 2)),
                List.of(CONTIGUOUS),
                List.of(new Store(3, CONTIGUOUS)));
    }

    private static LoopKernel reduce(ReduceOp op, boolean columns) {
        return new LoopKernel(
                List.of(load(0)),
                List.of(CONTIGUOUS),
                List.<Output>of(columns ? new ReduceColumns(op, 0) : new ReduceRows(op, 0)));
    }

    private static LoopKernel sumExp() {
        return new LoopKernel(
                List.of(load(0), load(1), new Binary(BinaryOp.SUBTRACT, 0, 1), new Unary(UnaryOp.EXP, 2)),
                List.of(CONTIGUOUS, ColumnStride.BROADCAST),
                List.of(new Store(3, CONTIGUOUS), new ReduceColumns(ReduceOp.SUM, 3)));
    }

    private static LoopArguments arguments(Case subject) {
        var kernel = subject.kernel;
        int inputs = kernel.inputStrides().size();
        int count = inputs + kernel.outputs().size();
        int points = subject.rows * subject.columns;
        var random = new Random(1);
        var arrays = new Object[count];
        var rowStrides = new int[count];
        for (int k = 0; k < count; k++) {
            if (k < inputs && kernel.inputTypes().get(k) == DType.U8) {
                arrays[k] = new byte[points];
            } else {
                var values = new float[points];
                for (int i = 0; i < points; i++) {
                    values[i] = random.nextFloat() * 6 - (k == 0 ? 3 : 0);
                }
                arrays[k] = values;
            }
            rowStrides[k] = subject.columns;
            if (k >= inputs && kernel.outputs().get(k - inputs) instanceof ReduceColumns) {
                rowStrides[k] = 1;
            }
        }
        if (subject.name.startsWith("bias")) {
            rowStrides[1] = 0;
        }
        var ones = new int[count];
        Arrays.fill(ones, 1);
        var scalars = new long[8];
        for (int i = 1; i < scalars.length; i++) {
            scalars[i] = LoopArguments.encode(DType.F32, 0.1 * i);
        }
        return new LoopArguments(arrays, new int[count], rowStrides, ones, scalars);
    }

    private static double rate(Case subject, int bits) {
        var body = new LoopCompiler(bits).compile(subject.kernel);
        var arguments = arguments(subject);
        long points = (long) subject.rows * subject.columns;
        long latest = System.nanoTime() + 5_000_000_000L;
        while (!body.isWarm() && System.nanoTime() < latest) {
            body.run(arguments, subject.rows, subject.columns);
        }
        long until = System.nanoTime() + 400_000_000L;
        double best = Double.MAX_VALUE;
        while (System.nanoTime() < until) {
            long start = System.nanoTime();
            body.run(arguments, subject.rows, subject.columns);
            best = Math.min(best, System.nanoTime() - start);
        }
        return points / best;
    }

    private static double cold(Case subject, int bits) {
        int rows = Math.max(1, (1 << 20) / subject.columns);
        var large = new Case(subject.name, subject.kernel, rows, Math.min(subject.columns, 1 << 20));
        if (subject.rows == 1) {
            large = new Case(subject.name, subject.kernel, 1, 1 << 20);
        }
        var body = new LoopCompiler(bits).compile(subject.kernel);
        var arguments = arguments(large);
        long start = System.nanoTime();
        body.run(arguments, large.rows, large.columns);
        return (System.nanoTime() - start) * 1e-6;
    }
}
