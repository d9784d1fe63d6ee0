package fathom.tensor;

import fathom.ir.Buffer;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/// How the elements of one tensor are written, so that they stand in columns: each by the fewest
/// digits that tell it from its neighbours in its dtype, eight decimals at most, all of them with
/// an exponent if they are too large, too small or too different.
///
/// @param scientific whether with an exponent
/// @param left columns before the decimal point
/// @param right columns after it; with an exponent, decimals
/// @param exponentDigits digits of the exponent
record ElementFormat(boolean scientific, int left, int right, int exponentDigits) {
    private static final int MOST_DECIMALS = 8;

    /// The format for some elements of a buffer.
    static ElementFormat of(Buffer elements, List<Integer> positions) {
        if (!hasFractions(elements.dtype())) {
            int width = elements.dtype() == DType.BOOL ? 5 : 0;
            for (int p : positions) {
                width = Math.max(width, whole(elements, p).length());
            }
            return new ElementFormat(false, width, 0, 0);
        }
        double greatest = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int p : positions) {
            double a = Math.abs(elements.getDouble(p));
            if (a != 0 && Double.isFinite(a)) {
                greatest = Math.max(greatest, a);
                smallest = Math.min(smallest, a);
            }
        }
        boolean scientific = greatest > 0
                && (greatest >= tooLarge(elements.dtype()) || smallest < 0.0001 || greatest / smallest > 1000);
        int left = 0;
        int right = 0;
        int exponentDigits = 0;
        for (int p : positions) {
            if (Double.isFinite(elements.getDouble(p))) {
                String s = scientific ? scientific(elements, p) : plain(elements, p);
                int point = s.indexOf('.');
                int exponent = scientific ? s.indexOf('e') : s.length();
                left = Math.max(left, point);
                right = Math.max(right, exponent - point - 1);
                exponentDigits = Math.max(exponentDigits, s.length() - exponent - 2);
            }
        }
        int afterPoint = right + (scientific ? exponentDigits + 2 : 0);
        for (int p : positions) {
            double v = elements.getDouble(p);
            if (!Double.isFinite(v)) {
                left = Math.max(left, special(v).length() - afterPoint - 1);
            }
        }
        return new ElementFormat(scientific, left, right, exponentDigits);
    }

    /// One element, padded to the columns' width.
    String text(Buffer elements, int p) {
        if (!hasFractions(elements.dtype())) {
            return padded(whole(elements, p), left);
        }
        double v = elements.getDouble(p);
        if (!Double.isFinite(v)) {
            int width = left + 1 + right + (scientific ? exponentDigits + 2 : 0);
            return padded(special(v), width);
        }
        String s = scientific ? scientific(elements, p) : plain(elements, p);
        int point = s.indexOf('.');
        int e = scientific ? s.indexOf('e') : s.length();
        String number = padded(s.substring(0, point), left) + s.substring(point, e);
        int missing = right - (e - point - 1);
        return scientific
                ? number + "0".repeat(missing) + s.substring(e, e + 2) + padded(s.substring(e + 2), exponentDigits, "0")
                : number + " ".repeat(missing);
    }

    /// The only element of a scalar, with all its digits.
    static String single(Buffer scalar) {
        if (!hasFractions(scalar.dtype())) {
            return whole(scalar, 0);
        }
        double v = scalar.getDouble(0);
        if (!Double.isFinite(v)) {
            return special(v);
        }
        double a = Math.abs(v);
        BigDecimal x = shortest(scalar, 0).stripTrailingZeros();
        if (a != 0 && (a < 1e-4 || a >= 1e16)) {
            String digits = x.unscaledValue().abs().toString();
            return sign(scalar, 0)
                    + digits.charAt(0)
                    + (digits.length() > 1 ? "." + digits.substring(1) : "")
                    + exponent(x.precision() - x.scale() - 1);
        }
        return sign(scalar, 0) + x.abs().setScale(Math.max(1, x.scale())).toPlainString();
    }

    /// Where the digits before the point begin to be more than the dtype carries.
    private static double tooLarge(DType dtype) {
        return switch (dtype) {
            case F64 -> 1e8;
            case F32 -> 1e6;
            default -> 1e3;
        };
    }

    private static boolean hasFractions(DType dtype) {
        return dtype.isFloating() || dtype.isHalf();
    }

    private static String whole(Buffer elements, int p) {
        long v = elements.getLong(p);
        return elements.dtype() == DType.BOOL ? v != 0 ? "True" : "False" : Long.toString(v);
    }

    private static String special(double v) {
        return Double.isNaN(v) ? "nan" : v < 0 ? "-inf" : "inf";
    }

    private static String sign(Buffer elements, int p) {
        double v = elements.getDouble(p);
        return v < 0 || v == 0 && 1 / v < 0 ? "-" : "";
    }

    private static String padded(String s, int width) {
        return padded(s, width, " ");
    }

    private static String padded(String s, int width, String with) {
        return with.repeat(Math.max(0, width - s.length())) + s;
    }

    /// `12.5`, `3.`: no zeros at the end.
    private static String plain(Buffer elements, int p) {
        BigDecimal x = shortest(elements, p);
        if (x.scale() > MOST_DECIMALS) {
            x = exact(elements, p).setScale(MOST_DECIMALS, RoundingMode.HALF_EVEN);
        }
        x = x.signum() == 0 ? BigDecimal.ZERO : x.abs().stripTrailingZeros();
        String s = x.setScale(Math.max(0, x.scale())).toPlainString();
        return sign(elements, p) + (s.indexOf('.') < 0 ? s + "." : s);
    }

    /// `1.25e+10`, `3.e-05`: no zeros at the end of the digits.
    private static String scientific(Buffer elements, int p) {
        BigDecimal x = shortest(elements, p).stripTrailingZeros();
        if (x.precision() > MOST_DECIMALS + 1) {
            x = exact(elements, p).round(new MathContext(MOST_DECIMALS + 1, RoundingMode.HALF_EVEN));
        }
        x = x.signum() == 0 ? BigDecimal.ZERO : x.abs().stripTrailingZeros();
        String digits = x.unscaledValue().toString();
        return sign(elements, p)
                + digits.charAt(0)
                + "."
                + digits.substring(1)
                + exponent(x.precision() - x.scale() - 1);
    }

    private static BigDecimal exact(Buffer elements, int p) {
        return new BigDecimal(elements.getDouble(p));
    }

    private static String exponent(int e) {
        return (e < 0 ? "e-" : "e+") + padded(Integer.toString(Math.abs(e)), 2, "0");
    }

    /// The decimal of the fewest digits that reads back as the element.
    private static BigDecimal shortest(Buffer elements, int p) {
        double v = elements.getDouble(p);
        return switch (elements.dtype()) {
            case F32 -> new BigDecimal(Float.toString((float) v));
            case F16, BF16 -> {
                Buffer back = Buffer.allocate(elements.dtype(), 1);
                BigDecimal x = exact(elements, p);
                BigDecimal r = x;
                for (int digits = 1; digits < 9; digits++) {
                    r = x.round(new MathContext(digits, RoundingMode.HALF_EVEN));
                    back.setDouble(0, r.doubleValue());
                    if (back.getDouble(0) == v) {
                        break;
                    }
                }
                yield r;
            }
            default -> new BigDecimal(Double.toString(v));
        };
    }
}
