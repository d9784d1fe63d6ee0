package fathom.backend.cpu;

import fathom.ir.Halves;

/// Functions that emitted scalar code calls. Those of doubles are `StrictMath`'s: the same bits on
/// every platform.
final class MathCalls {
    private MathCalls() {}

    static double erf(double x) {
        return MathErf.erf(x);
    }

    static double power(double x, double y) {
        return StrictMath.pow(x, y);
    }

    static float powerFloat(float x, float y) {
        return (float) StrictMath.pow(x, y);
    }

    static float sinFloat(float x) {
        return (float) StrictMath.sin(x);
    }

    static float cosFloat(float x) {
        return (float) StrictMath.cos(x);
    }

    static int divideInt(int x, int y) {
        return y == 0 ? 0 : x / y;
    }

    static long divideLong(long x, long y) {
        return y == 0 ? 0 : x / y;
    }

    static int moduloInt(int x, int y) {
        return y == 0 ? 0 : Math.floorMod(x, y);
    }

    static long moduloLong(long x, long y) {
        return y == 0 ? 0 : Math.floorMod(x, y);
    }

    static float halfToFloat(int bits) {
        return Float.float16ToFloat((short) bits);
    }

    static int floatToHalf(float x) {
        return Float.floatToFloat16(x);
    }

    static float bfloatToFloat(int bits) {
        return Halves.bfloat16ToFloat((short) bits);
    }

    static int floatToBfloat(float x) {
        return Halves.floatToBfloat16(x);
    }

    /// Replaces `results[i]` by the sine or the cosine of `arguments[i]` where that is beyond the
    /// polynomial.
    static void beyondLimit(boolean sine, float[] results, float[] arguments) {
        for (int i = 0; i < results.length; i++) {
            if (Math.abs(arguments[i]) > MathTrigonometry.LIMIT) {
                results[i] = sine ? sinFloat(arguments[i]) : cosFloat(arguments[i]);
            }
        }
    }
}
