package fathom.io.onnx.run;

import fathom.ir.Op;
import fathom.tensor.Device;
import fathom.tensor.Tensor;

/// Computes at once what does not depend on data: the arithmetic with shapes that exporters leave in a
/// graph, and what they could have computed. So it is no part of the program that is compiled, which
/// then is the same from call to call.
final class Folding {
    private static final int FEW = 4096;
    private static final int FEW_BYTES = 1 << 17;
    /// How much larger than what it is made of a value may be that is kept: a small file must not make large ones.
    private static final int MOST_GROWTH = 4;
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
        long bytes = (long) x.size() * x.dtype().bytes();
        boolean worth = value.origin() == Origin.CONSTANT
                && bytes <= MOST_GROWTH * x.node().pendingBytes();
        return worth ? value.with(computed(x)) : value;
    }

    /// The value by itself, without what it was computed from. What is small is not worth a compiled program.
    static Tensor computed(Tensor x) {
        boolean small = x.size() <= FEW && x.node().pendingBytes() <= FEW_BYTES;
        return Tensor.of(small ? REFERENCE.call(x::buffer) : x.buffer(), x.shape());
    }
}
