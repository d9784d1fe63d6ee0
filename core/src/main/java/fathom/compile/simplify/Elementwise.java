package fathom.compile.simplify;

import fathom.ir.Op;

/// The operations each element of whose result comes from the elements at the same place alone, so
/// that movement and they can change places.
final class Elementwise {
    private Elementwise() {}

    static boolean is(Op op) {
        return op instanceof Op.Binary
                || op instanceof Op.Unary
                || op instanceof Op.Select
                || op instanceof Op.Cast
                || op instanceof Op.BitCast
                || op instanceof Op.StopGradient;
    }
}
