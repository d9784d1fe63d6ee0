package fathom.data.audio;

/// The weights by which a frame fades in and out. They are periodic: the one after the last would
/// be the first again.
public enum WindowFunction {
    /// All 1.
    RECTANGULAR,

    /// 0.5 - 0.5 cos(2πn / N).
    HANN,

    /// 0.54 - 0.46 cos(2πn / N).
    HAMMING;

    /// The weights of a frame.
    double[] weights(int length) {
        double[] weights = new double[length];
        for (int n = 0; n < length; n++) {
            double cosine = StrictMath.cos(2 * Math.PI * n / length);
            weights[n] = switch (this) {
                case RECTANGULAR -> 1;
                case HANN -> 0.5 - 0.5 * cosine;
                case HAMMING -> 0.54 - 0.46 * cosine;
            };
        }
        return weights;
    }
}
