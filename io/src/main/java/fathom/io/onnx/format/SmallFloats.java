package fathom.io.onnx.format;

import org.jspecify.annotations.Nullable;

/// Floating point numbers of a byte and less, as ONNX defines them (Micikevicius and others: *FP8
/// formats for deep learning*, 2022; Noune and others: *8-bit numerical formats for deep neural
/// networks*, 2022; the Open Compute Project's *Microscaling formats*, 2023).
///
/// @param exponentBits bits of the exponent
/// @param fractionBits bits of the fraction
/// @param bias what is subtracted from the exponent
/// @param greatest the greatest finite value
/// @param infinite whether there are infinities
/// @param negativeZero whether there is a negative zero; where there is none, its bits are not a number
public record SmallFloats(
        int exponentBits, int fractionBits, int bias, float greatest, boolean infinite, boolean negativeZero) {

    /// How the values of a type are made, or null if it is not one of these types.
    public static @Nullable SmallFloats of(OnnxType type) {
        return switch (type) {
            case FLOAT8E4M3FN -> new SmallFloats(4, 3, 7, 448, false, true);
            case FLOAT8E4M3FNUZ -> new SmallFloats(4, 3, 8, 240, false, false);
            case FLOAT8E5M2 -> new SmallFloats(5, 2, 15, 57344, true, true);
            case FLOAT8E5M2FNUZ -> new SmallFloats(5, 2, 16, 57344, false, false);
            case FLOAT4E2M1 -> new SmallFloats(2, 1, 1, 6, false, true);
            default -> null;
        };
    }

    /// The value of a bit pattern.
    public float value(int bits) {
        int sign = bits >> (exponentBits + fractionBits) & 1;
        int exponent = bits >> fractionBits & (1 << exponentBits) - 1;
        int fraction = bits & (1 << fractionBits) - 1;
        int scale = Math.max(exponent, 1) - bias - fractionBits;
        float value = Math.scalb((float) ((exponent == 0 ? 0 : 1 << fractionBits) + fraction), scale);
        if (!negativeZero && sign == 1 && exponent == 0 && fraction == 0) {
            return Float.NaN;
        }
        if (value > greatest) {
            boolean infinity = infinite && fraction == 0;
            value = infinity ? Float.POSITIVE_INFINITY : Float.NaN;
        }
        return sign == 1 ? -value : value;
    }

    /// The exponent of the smallest normal number.
    public int leastExponent() {
        return 1 - bias;
    }
}
