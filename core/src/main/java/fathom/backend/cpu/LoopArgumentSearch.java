package fathom.backend.cpu;

/// The `I32` index of the first greatest or smallest element along an axis. NaN counts as found
/// first, whichever is sought.
final class LoopArgumentSearch {
    private LoopArgumentSearch() {}

    /// Searches a line of an array of F32, F64, I32, I64 or U8.
    ///
    /// @param greatest whether the greatest is sought
    /// @param array the elements
    /// @param from index of the first element of the line
    /// @param stride from one element of the line to the next
    /// @param length elements of the line, at least 1
    /// @return from 0 to `length - 1`
    static int search(boolean greatest, Object array, int from, int stride, int length) {
        return switch (array) {
            case float[] a -> floats(greatest, a, from, stride, length);
            case double[] a -> doubles(greatest, a, from, stride, length);
            case int[] a -> ints(greatest, a, from, stride, length);
            case long[] a -> longs(greatest, a, from, stride, length);
            case byte[] a -> bytes(greatest, a, from, stride, length);
            default ->
                throw new IllegalArgumentException(
                        "cannot search " + array.getClass().getSimpleName() + " for its greatest element");
        };
    }

    private static int floats(boolean greatest, float[] a, int from, int stride, int length) {
        float best = a[from];
        int at = 0;
        for (int i = 1; i < length && !Float.isNaN(best); i++) {
            float x = a[from + i * stride];
            if (Float.isNaN(x) || (greatest ? x > best : x < best)) {
                best = x;
                at = i;
            }
        }
        return at;
    }

    private static int doubles(boolean greatest, double[] a, int from, int stride, int length) {
        double best = a[from];
        int at = 0;
        for (int i = 1; i < length && !Double.isNaN(best); i++) {
            double x = a[from + i * stride];
            if (Double.isNaN(x) || (greatest ? x > best : x < best)) {
                best = x;
                at = i;
            }
        }
        return at;
    }

    private static int ints(boolean greatest, int[] a, int from, int stride, int length) {
        int at = 0;
        for (int i = 1; i < length; i++) {
            int x = a[from + i * stride];
            int best = a[from + at * stride];
            if (greatest ? x > best : x < best) {
                at = i;
            }
        }
        return at;
    }

    private static int longs(boolean greatest, long[] a, int from, int stride, int length) {
        int at = 0;
        for (int i = 1; i < length; i++) {
            long x = a[from + i * stride];
            long best = a[from + at * stride];
            if (greatest ? x > best : x < best) {
                at = i;
            }
        }
        return at;
    }

    private static int bytes(boolean greatest, byte[] a, int from, int stride, int length) {
        int at = 0;
        for (int i = 1; i < length; i++) {
            int x = a[from + i * stride] & 0xFF;
            int best = a[from + at * stride] & 0xFF;
            if (greatest ? x > best : x < best) {
                at = i;
            }
        }
        return at;
    }
}
