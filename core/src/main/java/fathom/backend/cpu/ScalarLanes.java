package fathom.backend.cpu;

/// What the Vector API does with masks, for one element: called from emitted scalar code.
final class ScalarLanes {
    private ScalarLanes() {}

    static boolean beats(float x, float best) {
        return x > best || (Float.isNaN(x) && !Float.isNaN(best));
    }

    static boolean beats(double x, double best) {
        return x > best || (Double.isNaN(x) && !Double.isNaN(best));
    }

    static boolean equal(float x, float y) {
        return x == y;
    }

    static boolean equal(double x, double y) {
        return x == y;
    }

    static float blend(float x, float y, boolean mask) {
        return mask ? y : x;
    }

    static double blend(double x, double y, boolean mask) {
        return mask ? y : x;
    }
}
