package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.backend.cpu.LoopGeometry.Axes;
import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.Output;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.UnaryOp;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Pooling as fused loops over the pooled pixels: each tap of the window is one more array, which
/// begins at its own offset in the image.
///
/// That covers windows without padding whose taps fit into one loop, and the adjoints where windows
/// do not overlap, so that each pixel is written once.
final class PoolLoops {
    private static final int MOST_TAPS = 9;

    private final LoopFactory loops;
    private final Window window;
    private final Shape image;
    private final Shape pooled;
    private final DType dtype;
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<Operand> inputs = new ArrayList<>();
    private final List<Operand> outputs = new ArrayList<>();
    private final List<Output> stores = new ArrayList<>();

    /// @param image the shape `[N, H, W, C]` under the windows
    /// @param pooled the shape `[N, OH, OW, C]`
    PoolLoops(LoopFactory loops, Window window, Shape image, Shape pooled, DType dtype) {
        this.loops = loops;
        this.window = window;
        this.image = image;
        this.pooled = pooled;
        this.dtype = dtype;
    }

    /// Whether a loop can visit all taps of a window.
    static boolean fits(Window w) {
        return w.padTop() + w.padBottom() + w.padLeft() + w.padRight() == 0
                && w.kernelHeight() * w.kernelWidth() <= MOST_TAPS;
    }

    /// Whether each pixel is under one window at most.
    static boolean isDisjoint(Window w) {
        return w.strideHeight() >= w.dilationHeight() * (w.kernelHeight() - 1) + 1
                && w.strideWidth() >= w.dilationWidth() * (w.kernelWidth() - 1) + 1;
    }

    /// Whether every pixel is under a window.
    boolean covers() {
        return window.strideHeight() == window.kernelHeight()
                && window.strideWidth() == window.kernelWidth()
                && pooled.dim(1) * window.strideHeight() == image.dim(1)
                && pooled.dim(2) * window.strideWidth() == image.dim(2);
    }

    /// The greatest or the sum under each window.
    Step pool(boolean greatest, Storage x, Storage y) {
        int all = 0;
        for (int t = 0; t < taps(); t++) {
            int v = loadTap(x, t);
            all = t == 0 ? v : combine(greatest, all, v);
        }
        storePooled(y, all);
        return step(greatest ? "max pool" : "sum pool");
    }

    /// The element of `v` where `x` is first greatest under each window.
    Step gather(Storage x, Storage v, Storage y) {
        List<Integer> hits = firstGreatest(x);
        int picked = loadTap(v, taps() - 1);
        for (int t = taps() - 2; t >= 0; t--) {
            picked = emit(new Select(hits.get(t), loadTap(v, t), picked));
        }
        storePooled(y, picked);
        return step("max pool gather");
    }

    /// The elements of `v` where `x` is first greatest under each window, 0 at the other taps.
    Step scatter(Storage x, Storage v, Storage dx) {
        List<Integer> hits = firstGreatest(x);
        int value = loadPooled(v);
        int zero = emit(new LoopKernel.Scalar(0, dtype));
        for (int t = 0; t < taps(); t++) {
            storeTap(dx, t, emit(new Select(hits.get(t), value, zero)));
        }
        return step("max pool scatter");
    }

    /// The elements of `v` at every tap.
    Step spread(Storage v, Storage dx) {
        int value = loadPooled(v);
        for (int t = 0; t < taps(); t++) {
            storeTap(dx, t, value);
        }
        return step("sum pool scatter");
    }

    /// For each tap whether it is the first that is greatest or NaN.
    private List<Integer> firstGreatest(Storage x) {
        List<Integer> values = new ArrayList<>();
        int greatest = 0;
        for (int t = 0; t < taps(); t++) {
            int v = loadTap(x, t);
            values.add(v);
            greatest = t == 0 ? v : combine(true, greatest, v);
        }
        List<Integer> hits = new ArrayList<>();
        int before = -1;
        for (int v : values) {
            // Not below the greatest: equal to it, or either is NaN. NaN is the greatest then, and
            // a
            // number that stands before it must not be taken.
            int equal = emit(new Binary(BinaryOp.EQUAL, v, greatest));
            int nan = emit(new Binary(BinaryOp.NOT_EQUAL, v, v));
            int found = emit(new Binary(BinaryOp.OR, equal, nan));
            if (before < 0) {
                hits.add(found);
                before = found;
            } else {
                int none = emit(new Unary(UnaryOp.NOT, before));
                hits.add(emit(new Binary(BinaryOp.AND, found, none)));
                before = emit(new Binary(BinaryOp.OR, before, found));
            }
        }
        return hits;
    }

    private int combine(boolean greatest, int a, int b) {
        return emit(new Binary(greatest ? BinaryOp.MAXIMUM : BinaryOp.ADD, a, b));
    }

    private int taps() {
        return window.kernelHeight() * window.kernelWidth();
    }

    private int emit(Instruction i) {
        instructions.add(i);
        return instructions.size() - 1;
    }

    private int loadTap(Storage s, int tap) {
        return load(tapOperand(s, tap));
    }

    private int loadPooled(Storage s) {
        return load(pooledOperand(s));
    }

    private int load(Operand o) {
        inputs.add(o);
        return emit(new Load(inputs.size() - 1, dtype));
    }

    private void storeTap(Storage s, int tap, int value) {
        outputs.add(tapOperand(s, tap));
        stores.add(new Store(value, ColumnStride.CONTIGUOUS));
    }

    private void storePooled(Storage s, int value) {
        outputs.add(pooledOperand(s));
        stores.add(new Store(value, ColumnStride.CONTIGUOUS));
    }

    private Operand pooledOperand(Storage s) {
        int[] t = pooled.strides();
        return new Operand(s, dtype, 0, List.of(t[0], t[1], t[2], t[3]));
    }

    private Operand tapOperand(Storage s, int tap) {
        int[] t = image.strides();
        int row = tap / window.kernelWidth() * window.dilationHeight();
        int column = tap % window.kernelWidth() * window.dilationWidth();
        return new Operand(
                s,
                dtype,
                row * t[1] + column * t[2],
                List.of(t[0], t[1] * window.strideHeight(), t[2] * window.strideWidth(), t[3]));
    }

    private Step step(String name) {
        List<Operand> all = new ArrayList<>(inputs);
        all.addAll(outputs);
        Axes axes = Axes.of(pooled, new boolean[4], all, List.of());
        List<LoopBuilder.ScalarSource> zero = instructions.stream().anyMatch(LoopKernel.Scalar.class::isInstance)
                ? List.of(new LoopBuilder.ScalarSource(dtype, -1, 0))
                : List.of();
        return loops.step(
                name,
                instructions,
                stores,
                LoopGeometry.map(axes),
                inputs.stream().map(Operand::storage).toList(),
                outputs.stream().map(Operand::storage).toList(),
                zero);
    }
}
