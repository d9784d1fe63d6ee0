package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.UnaryOp;
import fathom.ir.Window;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The adjoints of pooling as loops over the pooled pixels: each tap of the window is one more array,
/// which begins at its own offset in the image. (Pooling itself is part of a fused loop, see [LoopBuilder].)
///
/// That covers windows without padding whose taps fit into one loop, and of the adjoints that write pixels
/// those where windows do not overlap, so that each is written once.
final class PoolLoops {
    private static final int MOST_TAPS = 9;

    private final LoopCompiler compiler;
    private final Window window;
    private final Shape image;
    private final Shape pooled;
    private final LoopBuilder loop;
    private final List<Operand> outputs = new ArrayList<>();
    private final List<Integer> stores = new ArrayList<>();

    /// @param image the shape `[N, H, W, C]` under the windows
    /// @param pooled the shape `[N, OH, OW, C]`
    PoolLoops(LoopCompiler compiler, Places places, Window window, Shape image, Shape pooled) {
        this.compiler = compiler;
        this.window = window;
        this.image = image;
        this.pooled = pooled;
        this.loop = new LoopBuilder(places, pooled);
    }

    /// Whether a loop can visit all taps of a window.
    static boolean fits(Window w) {
        return w.padTop() + w.padBottom() + w.padLeft() + w.padRight() == 0 && taps(w) <= MOST_TAPS;
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

    /// The element of `v` where `x` is first greatest under each window.
    Step gather(Storage x, Storage v, Storage y) {
        List<Integer> hits = firstGreatest(x);
        int picked = loop.load(tapOperand(v, taps() - 1));
        for (int t = taps() - 2; t >= 0; t--) {
            picked = loop.emit(new Select(hits.get(t), loop.load(tapOperand(v, t)), picked));
        }
        store(picked, pooledOperand(y));
        return step("max pool gather");
    }

    /// The elements of `v` where `x` is first greatest under each window, 0 at the other taps.
    Step scatter(Storage x, Storage v, Storage dx) {
        List<Integer> hits = firstGreatest(x);
        int value = loop.load(pooledOperand(v));
        int zero = loop.constant(v.dtype, 0);
        for (int t = 0; t < taps(); t++) {
            store(loop.emit(new Select(hits.get(t), value, zero)), tapOperand(dx, t));
        }
        return step("max pool scatter");
    }

    /// The elements of `v` at every tap.
    Step spread(Storage v, Storage dx) {
        int value = loop.load(pooledOperand(v));
        for (int t = 0; t < taps(); t++) {
            store(value, tapOperand(dx, t));
        }
        return step("sum pool scatter");
    }

    /// For each tap whether it is the first that is greatest or NaN.
    private List<Integer> firstGreatest(Storage x) {
        List<Integer> values = new ArrayList<>();
        int greatest = 0;
        for (int t = 0; t < taps(); t++) {
            int v = loop.load(tapOperand(x, t));
            values.add(v);
            greatest = t == 0 ? v : loop.emit(new Binary(BinaryOp.MAXIMUM, greatest, v));
        }
        List<Integer> hits = new ArrayList<>();
        int before = -1;
        for (int v : values) {
            // Not below the greatest: equal to it, or either is NaN. NaN is the greatest then, and
            // a number that stands before it must not be taken.
            int equal = loop.emit(new Binary(BinaryOp.EQUAL, v, greatest));
            int nan = loop.emit(new Binary(BinaryOp.NOT_EQUAL, v, v));
            int found = loop.emit(new Binary(BinaryOp.OR, equal, nan));
            if (before < 0) {
                hits.add(found);
                before = found;
            } else {
                int none = loop.emit(new Unary(UnaryOp.NOT, before));
                hits.add(loop.emit(new Binary(BinaryOp.AND, found, none)));
                before = loop.emit(new Binary(BinaryOp.OR, before, found));
            }
        }
        return hits;
    }

    /// Taps of a window.
    static int taps(Window w) {
        return w.kernelHeight() * w.kernelWidth();
    }

    private int taps() {
        return taps(window);
    }

    private void store(int value, Operand to) {
        stores.add(value);
        outputs.add(to);
    }

    private Operand pooledOperand(Storage s) {
        return new Operand(s, 0, pooled.strides());
    }

    private Operand tapOperand(Storage s, int tap) {
        int[] t = image.strides();
        int row = tap / window.kernelWidth() * window.dilationHeight();
        int column = tap % window.kernelWidth() * window.dilationWidth();
        int offset = row * t[1] + column * t[2];
        t[1] *= window.strideHeight();
        t[2] *= window.strideWidth();
        return new Operand(s, offset, t);
    }

    private Step step(String name) {
        return LoopStep.map(compiler, name, loop, stores, outputs);
    }
}
