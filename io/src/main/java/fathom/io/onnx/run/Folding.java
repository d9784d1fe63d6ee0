package fathom.io.onnx.run;

import fathom.ir.Op;
import fathom.tensor.Device;
import fathom.tensor.Tensor;

/// Computes at once what does not depend on data: the arithmetic with shapes that exporters leave in a
/// graph, and what they could have computed. So it is no part of the program that is compiled, which
/// then is the same from call to call.
final class Folding {
    private static final int FEW = 4096;
    private static final int MOST = 1 << 26;
    private static final Device REFERENCE = Device.reference();

    private Folding() {}

    /// The same value, computed if that is worth while.
    static Value folded(Value value) {
        Tensor x = value.tensor();
        if (value.origin() == Origin.DATA || x.node().isEvaluated() || x.node().op() instanceof Op.Full) {
            return value;
        }
        if (x.size() <= FEW) {
            return value.with(computed(x));
        }
        boolean worth = value.origin() == Origin.CONSTANT && x.size() <= MOST && !isRepetition(x);
        return worth ? value.with(computed(x)) : value;
    }

    private static boolean isRepetition(Tensor x) {
        return x.node().op() instanceof Op.Broadcast;
    }

    /// The value by itself, without what it was computed from.
    static Tensor computed(Tensor x) {
        return Tensor.of(x.size() <= FEW ? REFERENCE.call(x::buffer) : x.buffer(), x.shape());
    }
}
