package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/// A picture as plain values.
///
/// @param values `[H, W, C]` in row-major order; colours from 0 to 1
/// @param height how many rows
/// @param width how many columns
/// @param channels how many values for each pixel: 1 for grey, 3 for red, green and blue
public record Image(float[] values, int height, int width, int channels) {
    private static final float WHITE = 255;
    private static final int COLOURS = 3;

    /// The weights of red, green and blue in grey (ITU-R BT.601).
    private static final float[] LUMA = {0.299f, 0.587f, 0.114f};

    public Image {
        boolean fits = height >= 1
                && width >= 1
                && channels >= 1
                && values.length == Math.multiplyExact(Math.multiplyExact(height, width), channels);
        String message = "image: %s values for %s rows, %s columns and %s channels, expected as many as pixels";
        Require.that(fits, message, values.length, height, width, channels);
    }

    /// A black picture.
    public static Image black(int height, int width, int channels) {
        return new Image(new float[Math.multiplyExact(height * width, channels)], height, width, channels);
    }

    /// A picture of a shape.
    ///
    /// @param values `[H, W, C]`, not copied
    /// @throws IllegalArgumentException if the shape has not three axes or another size
    public static Image of(float[] values, Shape shape) {
        Require.that(shape.rank() == COLOURS, "image: shape %s, expected [H, W, C]", shape);
        return new Image(values, shape.dim(0), shape.dim(1), shape.dim(2));
    }

    /// Decodes a file: PNG, JPEG, GIF or BMP.
    ///
    /// @param channels 1 for grey, 3 for red, green and blue; what is transparent is taken as it is
    /// @param name what to call it in errors
    /// @throws IllegalArgumentException if it is none of them, or damaged
    public static Image decode(byte[] file, int channels, String name) {
        checkChannels(channels);
        try {
            // The default for streams is a temporary file. This one holds nothing that needs closing.
            @Nullable
            BufferedImage picture = ImageIO.read(new MemoryCacheImageInputStream(new ByteArrayInputStream(file)));
            if (picture == null) {
                throw new IllegalArgumentException(name + ": not a picture, expected PNG, JPEG, GIF or BMP");
            }
            return of(picture, channels);
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(name + ": a damaged picture: " + e.getMessage(), e);
        }
    }

    static void checkChannels(int channels) {
        Require.that(channels == 1 || channels == COLOURS, "image: %s channels, expected 1 or 3", channels);
    }

    private static Image of(BufferedImage picture, int channels) {
        int height = picture.getHeight();
        int width = picture.getWidth();
        int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
        Image image = black(height, width, channels);
        for (int i = 0; i < pixels.length; i++) {
            float grey = 0;
            for (int c = 0; c < COLOURS; c++) {
                float colour = (pixels[i] >> (Byte.SIZE * (COLOURS - 1 - c)) & 0xff) / WHITE;
                grey += LUMA[c] * colour;
                if (channels == COLOURS) {
                    image.values[i * COLOURS + c] = colour;
                }
            }
            if (channels == 1) {
                image.values[i] = grey;
            }
        }
        return image;
    }

    /// `[H, W, C]`.
    public Shape shape() {
        return Shape.of(height, width, channels);
    }

    /// The value of one pixel.
    public float at(int row, int column, int channel) {
        return values[(row * width + column) * channels + channel];
    }

    /// How bright a pixel is: of three channels their luma, of others their mean.
    public float brightness(int row, int column) {
        float sum = 0;
        for (int c = 0; c < channels; c++) {
            sum += at(row, column, c) * (channels == COLOURS ? LUMA[c] : 1f / channels);
        }
        return sum;
    }

    /// The picture in another size, each axis by itself: in between pixels where it grows, and
    /// averaged over a triangle as wide as two new pixels where it shrinks, so that nothing is left
    /// out. Edges are pixels' edges, not their centres.
    ///
    /// @throws IllegalArgumentException if a size is below 1
    public Image resize(int newHeight, int newWidth) {
        Require.positive("resize: a height of", newHeight);
        Require.positive("resize: a width of", newWidth);
        float[] tall = newHeight == height ? values : resized(values, 1, height, newHeight, width * channels);
        float[] wide = newWidth == width ? tall : resized(tall, newHeight, width, newWidth, channels);
        return new Image(wide, newHeight, newWidth, channels);
    }

    /// `[outer, from, inner]` as `[outer, to, inner]`.
    private static float[] resized(float[] values, int outer, int from, int to, int inner) {
        float[] result = new float[Math.multiplyExact(outer * to, inner)];
        double scale = (double) from / to;
        double reach = Math.max(1, scale);
        for (int place = 0; place < to; place++) {
            double centre = (place + 0.5) * scale;
            int first = Math.max(0, (int) Math.floor(centre - reach));
            int end = Math.min(from, (int) Math.ceil(centre + reach));
            double[] weights = new double[end - first];
            double sum = 0;
            for (int i = 0; i < weights.length; i++) {
                weights[i] = Math.max(0, 1 - Math.abs(first + i + 0.5 - centre) / reach);
                sum += weights[i];
            }
            for (int o = 0; o < outer; o++) {
                for (int k = 0; k < inner; k++) {
                    double value = 0;
                    for (int i = 0; i < weights.length; i++) {
                        value += weights[i] * values[(o * from + first + i) * inner + k];
                    }
                    result[(o * to + place) * inner + k] = (float) (value / sum);
                }
            }
        }
        return result;
    }
}
