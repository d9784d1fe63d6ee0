package fathom.backend.cpu;

import fathom.ir.ReduceOp;
import fathom.tensor.DType;

/// The result of a reduction over nothing, which changes nothing it is combined with.
final class LoopIdentity {
    private LoopIdentity() {}

    /// The identity for elements of the given type. Those of `I64` become exact when they are
    /// converted, which saturates.
    static double of(ReduceOp op, DType elements) {
        return switch (op) {
            case SUM -> 0;
            case PRODUCT -> 1;
            case MAX ->
                switch (elements) {
                    case BOOL, U8 -> 0;
                    case I32 -> Integer.MIN_VALUE;
                    case I64 -> Long.MIN_VALUE;
                    case F32, F64, F16, BF16 -> Double.NEGATIVE_INFINITY;
                };
            case MIN ->
                switch (elements) {
                    case BOOL -> 1;
                    case U8 -> 255;
                    case I32 -> Integer.MAX_VALUE;
                    case I64 -> Long.MAX_VALUE;
                    case F32, F64, F16, BF16 -> Double.POSITIVE_INFINITY;
                };
        };
    }

    /// The raw bits of the identity, computed with as `type`.
    static long bits(ReduceOp op, DType elements, LoopType type) {
        return type.bits(of(op, elements));
    }
}
