package fathom.backend.cpu;

import fathom.ir.ReduceOp;
import fathom.tensor.DType;

/// The result of a reduction over nothing, which changes nothing it is combined with.
final class LoopIdentity {
    private LoopIdentity() {}

    /// The raw bits of the identity for elements of the given type, computed with as `type`.
    static long bits(ReduceOp op, DType elements, LoopType type) {
        return switch (type) {
            case F32 -> Float.floatToRawIntBits((float) floating(op));
            case F64 -> Double.doubleToRawLongBits(floating(op));
            case I32, I64, BOOL -> whole(op, elements);
        };
    }

    private static double floating(ReduceOp op) {
        return switch (op) {
            case SUM -> 0;
            case PRODUCT -> 1;
            case MAX -> Double.NEGATIVE_INFINITY;
            case MIN -> Double.POSITIVE_INFINITY;
        };
    }

    private static long whole(ReduceOp op, DType elements) {
        return switch (op) {
            case SUM -> 0;
            case PRODUCT -> 1;
            case MAX ->
                switch (elements) {
                    case I64 -> Long.MIN_VALUE;
                    case U8, BOOL -> 0;
                    default -> Integer.MIN_VALUE;
                };
            case MIN ->
                switch (elements) {
                    case I64 -> Long.MAX_VALUE;
                    case U8 -> 255;
                    case BOOL -> 1;
                    default -> Integer.MAX_VALUE;
                };
        };
    }
}
