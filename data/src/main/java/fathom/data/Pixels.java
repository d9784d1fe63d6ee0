package fathom.data;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/// Changes of a picture that are not random.
final class Pixels {
    private static final int LEVELS = 256;
    private static final double REACH = 3;

    /// The weight of a pixel among its neighbours where a picture is smoothed: 5 of 13.
    private static final double CENTRE = 5;

    private Pixels() {}

    /// What a pixel of the result is.
    @FunctionalInterface
    private interface Pixel {
        double value(int row, int column, int channel);
    }

    private static Image make(Image like, int height, int width, Pixel pixel) {
        Image made = Image.black(height, width, like.channels());
        int place = 0;
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                for (int channel = 0; channel < like.channels(); channel++) {
                    made.values()[place++] = (float) pixel.value(row, column, channel);
                }
            }
        }
        return made;
    }

    private static Image make(Image image, Pixel pixel) {
        return make(image, image.height(), image.width(), pixel);
    }

    private static Image each(Image image, DoubleUnaryOperator change) {
        return make(image, (row, column, channel) -> change.applyAsDouble(image.at(row, column, channel)));
    }

    static Image flip(Image image, boolean vertically) {
        int lastRow = image.height() - 1;
        int lastColumn = image.width() - 1;
        return vertically
                ? make(image, (row, column, channel) -> image.at(lastRow - row, column, channel))
                : make(image, (row, column, channel) -> image.at(row, lastColumn - column, channel));
    }

    /// A part of the picture, 0 where it is outside.
    static Image crop(Image image, int down, int right, int height, int width) {
        return make(image, height, width, (row, column, channel) -> {
            int r = row + down;
            int c = column + right;
            boolean inside = r >= 0 && r < image.height() && c >= 0 && c < image.width();
            return inside ? image.at(r, c, channel) : 0;
        });
    }

    static Image cutout(Image image, int top, int left, int side) {
        return make(image, (row, column, channel) -> {
            boolean hidden = row >= top && row < top + side && column >= left && column < left + side;
            return hidden ? 0 : image.at(row, column, channel);
        });
    }

    /// Part of one picture and part of another, or beyond them, within 0 to 1.
    private static double blend(double other, double own, double factor) {
        return Math.clamp(other + (own - other) * factor, 0, 1);
    }

    static Image brightness(Image image, double factor) {
        return each(image, value -> blend(0, value, factor));
    }

    static Image contrast(Image image, double factor) {
        double sum = 0;
        for (int row = 0; row < image.height(); row++) {
            for (int column = 0; column < image.width(); column++) {
                sum += image.brightness(row, column);
            }
        }
        double mean = sum / (image.height() * image.width());
        return each(image, value -> blend(mean, value, factor));
    }

    static Image saturation(Image image, double factor) {
        return make(
                image,
                (row, column, channel) -> blend(image.brightness(row, column), image.at(row, column, channel), factor));
    }

    /// Away from, or towards, the mean of each pixel and its neighbours; the border stays.
    static Image sharpness(Image image, double factor) {
        return make(image, (row, column, channel) -> {
            double own = image.at(row, column, channel);
            boolean inside = row > 0 && row + 1 < image.height() && column > 0 && column + 1 < image.width();
            if (!inside) {
                return own;
            }
            double sum = (CENTRE - 1) * own;
            for (int i = 0; i < 9; i++) {
                sum += image.at(row + i / 3 - 1, column + i % 3 - 1, channel);
            }
            return blend(sum / (CENTRE + 8), own, factor);
        });
    }

    /// Blurs along both axes; what is outside counts nothing.
    static Image blur(Image image, double deviation) {
        int reach = (int) Math.ceil(REACH * deviation);
        double[] weights = new double[reach + 1];
        for (int i = 0; i <= reach; i++) {
            weights[i] = StrictMath.exp(-i * i / (2 * deviation * deviation));
        }
        Image down = blurred(image, weights, 1, 0);
        return blurred(down, weights, 0, 1);
    }

    private static Image blurred(Image image, double[] weights, int down, int right) {
        return make(image, (row, column, channel) -> {
            double sum = 0;
            double all = 0;
            for (int i = 1 - weights.length; i < weights.length; i++) {
                int r = row + i * down;
                int c = column + i * right;
                if (r >= 0 && r < image.height() && c >= 0 && c < image.width()) {
                    sum += weights[Math.abs(i)] * image.at(r, c, channel);
                    all += weights[Math.abs(i)];
                }
            }
            return sum / all;
        });
    }

    static Image solarise(Image image, double threshold) {
        return each(image, value -> value >= threshold ? 1 - value : value);
    }

    /// Keeps so many of the eight bits of a colour.
    static Image posterise(Image image, int bits) {
        int step = 1 << (Byte.SIZE - bits);
        return each(image, value -> level(value) / step * step / (LEVELS - 1.0));
    }

    private static int level(double value) {
        return (int) Math.round(Math.clamp(value, 0, 1) * (LEVELS - 1));
    }

    /// Spreads each channel over 0 to 1; one that never varies stays.
    static Image autoContrast(Image image) {
        float[] least = new float[image.channels()];
        float[] most = new float[image.channels()];
        Arrays.fill(least, Float.POSITIVE_INFINITY);
        Arrays.fill(most, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < image.values().length; i++) {
            int channel = i % image.channels();
            least[channel] = Math.min(least[channel], image.values()[i]);
            most[channel] = Math.max(most[channel], image.values()[i]);
        }
        return make(image, (row, column, channel) -> {
            double range = (double) most[channel] - least[channel];
            double value = image.at(row, column, channel);
            return range == 0 ? value : (value - least[channel]) / range;
        });
    }

    /// Spreads each channel so that all of 256 levels are about as frequent.
    static Image equalise(Image image) {
        int[][] below = new int[image.channels()][LEVELS + 1];
        for (int i = 0; i < image.values().length; i++) {
            below[i % image.channels()][level(image.values()[i]) + 1]++;
        }
        for (int[] counts : below) {
            Arrays.parallelPrefix(counts, Integer::sum);
        }
        int pixels = image.height() * image.width();
        return make(image, (row, column, channel) -> {
            int[] counts = below[channel];
            int darkest = counts[first(counts)];
            double value = image.at(row, column, channel);
            // As with the darkest level at 0 and the brightest at 1.
            return pixels == darkest
                    ? value
                    : Math.max(0, counts[level(value) + 1] - darkest) / (double) (pixels - darkest);
        });
    }

    private static int first(int[] counts) {
        int first = 0;
        while (counts[first] == 0) {
            first++;
        }
        return first;
    }
}
