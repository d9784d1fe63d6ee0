package fathom.cli.mnist;

/// Resizes grey pictures with a triangle filter that widens when shrinking, so that thin strokes
/// fade rather than break.
final class Resample {
    private Resample() {}

    /// The picture `[height][width]` at another size.
    static float[][] to(float[][] grey, int height, int width) {
        return transpose(rows(transpose(rows(grey, width)), height));
    }

    private static float[][] rows(float[][] grey, int width) {
        int from = grey[0].length;
        double scale = (double) from / width;
        double support = Math.max(1, scale);
        float[][] out = new float[grey.length][width];
        for (int x = 0; x < width; x++) {
            double centre = (x + 0.5) * scale;
            int first = Math.max(0, (int) Math.floor(centre - support));
            int last = Math.min(from - 1, (int) Math.ceil(centre + support));
            double total = 0;
            double[] weights = new double[last - first + 1];
            for (int i = first; i <= last; i++) {
                double distance = Math.abs(i + 0.5 - centre) / support;
                weights[i - first] = Math.max(0, 1 - distance);
                total += weights[i - first];
            }
            for (int y = 0; y < grey.length; y++) {
                double sum = 0;
                for (int i = first; i <= last; i++) {
                    sum += weights[i - first] * grey[y][i];
                }
                out[y][x] = (float) (sum / total);
            }
        }
        return out;
    }

    private static float[][] transpose(float[][] grey) {
        float[][] out = new float[grey[0].length][grey.length];
        for (int y = 0; y < grey.length; y++) {
            for (int x = 0; x < grey[0].length; x++) {
                out[x][y] = grey[y][x];
            }
        }
        return out;
    }
}
