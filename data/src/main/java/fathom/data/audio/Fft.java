package fathom.data.audio;

/// The discrete Fourier transform of one length.
///
/// Even lengths are halved (Cooley, Tukey 1965) until they are odd, and odd ones are summed
/// directly: quickest for powers of two, right for all.
final class Fft {
    private final int size;
    private final double[] cosines;
    private final double[] sines;

    Fft(int size) {
        this.size = size;
        cosines = new double[size];
        sines = new double[size];
        for (int i = 0; i < size; i++) {
            cosines[i] = StrictMath.cos(2 * Math.PI * i / size);
            sines[i] = -StrictMath.sin(2 * Math.PI * i / size);
        }
    }

    /// The squared magnitudes of the frequencies from 0 to half the sampling rate.
    ///
    /// @param values as many as the length
    /// @param power receives `size / 2 + 1` values
    void power(double[] values, double[] power) {
        double[] real = new double[size];
        double[] imaginary = new double[size];
        transform(values, 0, 1, size, real, imaginary, 0);
        for (int k = 0; k < power.length; k++) {
            power[k] = real[k] * real[k] + imaginary[k] * imaginary[k];
        }
    }

    /// Transforms every `step`-th value from `from` on into `count` places from `to` on.
    private void transform(double[] values, int from, int step, int count, double[] real, double[] imaginary, int to) {
        if (count % 2 == 1) {
            direct(values, from, step, count, real, imaginary, to);
            return;
        }
        int half = count / 2;
        transform(values, from, 2 * step, half, real, imaginary, to);
        transform(values, from + step, 2 * step, half, real, imaginary, to + half);
        for (int k = 0; k < half; k++) {
            int even = to + k;
            int odd = even + half;
            double c = cosines[k * step];
            double s = sines[k * step];
            double r = c * real[odd] - s * imaginary[odd];
            double i = s * real[odd] + c * imaginary[odd];
            real[odd] = real[even] - r;
            imaginary[odd] = imaginary[even] - i;
            real[even] += r;
            imaginary[even] += i;
        }
    }

    private void direct(double[] values, int from, int step, int count, double[] real, double[] imaginary, int to) {
        for (int k = 0; k < count; k++) {
            double r = 0;
            double i = 0;
            for (int n = 0; n < count; n++) {
                int turn = (int) ((long) k * n % count) * step;
                r += values[from + n * step] * cosines[turn];
                i += values[from + n * step] * sines[turn];
            }
            real[to + k] = r;
            imaginary[to + k] = i;
        }
    }
}
