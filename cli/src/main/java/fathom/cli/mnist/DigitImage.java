package fathom.cli.mnist;

import fathom.cli.UserError;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/// Reads a picture of a digit, of any size and on any even background, into the form that MNIST's
/// own digits have: white on black, the ink within 20 x 20 pixels, its centre of mass in the middle
/// of 28 x 28.
public final class DigitImage {
    /// Height and width of the result.
    public static final int SIDE = 28;

    private static final int BOX = 20;
    private static final long MOST_PIXELS = 100_000_000;

    /// Ink fainter than this part of the strongest is paper, shadow or compression noise.
    private static final float NOISE = 0.12f;

    /// Ink at least this strong decides where the digit begins and ends.
    private static final float STROKE = 0.25f;

    private DigitImage() {}

    /// The picture's ink, 0 to 1, row by row.
    ///
    /// @throws UserError if the file is missing, no picture, or of one colour
    public static float[] read(Path file) {
        return normalise(ink(decode(file), file), file);
    }

    private static BufferedImage decode(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UserError(file
                    + ": "
                    + (Files.exists(file) ? "not a file" : "no such file")
                    + ", expected a PNG or JPEG image");
        }
        ImageIO.setUseCache(false);
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new UserError(file + ": not an image, expected PNG or JPEG");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
                if (pixels > MOST_PIXELS) {
                    throw new UserError(file + ": " + pixels + " pixels, expected at most " + MOST_PIXELS);
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new UserError(file + ": a damaged image (" + e.getMessage() + "), expected PNG or JPEG", e);
        }
    }

    /// How much each pixel differs from the background, 1 being the most; where the picture is
    /// transparent, how opaque it is may be all there is to see.
    private static float[][] ink(BufferedImage image, Path file) {
        int height = image.getHeight();
        int width = image.getWidth();
        float[][] grey = new float[height][width];
        float[][] opacity = new float[height][width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int c = image.getRGB(x, y);
                float a = (c >>> 24) / 255f;
                float luma = 0.299f * (c >> 16 & 255) + 0.587f * (c >> 8 & 255) + 0.114f * (c & 255);
                grey[y][x] = a * luma / 255 + (1 - a);
                opacity[y][x] = a;
            }
        }
        float[][] found = contrast(grey);
        found = found.length > 0 ? found : contrast(opacity);
        if (found.length == 0) {
            throw new UserError(file + ": the image is of one colour, expected a digit on a plain background");
        }
        return found;
    }

    /// Distances from the background, or nothing if there are none to speak of.
    private static float[][] contrast(float[][] grey) {
        float background = border(grey);
        float[] all = new float[grey.length * grey[0].length];
        int n = 0;
        for (float[] row : grey) {
            for (float v : row) {
                all[n++] = Math.abs(v - background);
            }
        }
        float[] sorted = all.clone();
        Arrays.sort(sorted);
        // A few specks brighter than the pen must not set the scale.
        float most = sorted[n - 1 - Math.min(10, n / 1000)];
        if (most < 0.1f) {
            return new float[0][];
        }
        float[][] out = new float[grey.length][grey[0].length];
        for (int i = 0; i < n; i++) {
            float v = Math.min(1, all[i] / most);
            out[i / grey[0].length][i % grey[0].length] = v < NOISE ? 0 : v;
        }
        return out;
    }

    /// The median grey along the edge of the picture.
    private static float border(float[][] grey) {
        int height = grey.length;
        int width = grey[0].length;
        float[] edge = new float[2 * (height + width)];
        int n = 0;
        for (int x = 0; x < width; x++) {
            edge[n++] = grey[0][x];
            edge[n++] = grey[height - 1][x];
        }
        for (int y = 0; y < height; y++) {
            edge[n++] = grey[y][0];
            edge[n++] = grey[y][width - 1];
        }
        Arrays.sort(edge);
        return edge[n / 2];
    }

    private static float[] normalise(float[][] ink, Path file) {
        int top = Integer.MAX_VALUE;
        int left = Integer.MAX_VALUE;
        int bottom = -1;
        int right = -1;
        for (int y = 0; y < ink.length; y++) {
            for (int x = 0; x < ink[0].length; x++) {
                if (ink[y][x] >= STROKE) {
                    top = Math.min(top, y);
                    left = Math.min(left, x);
                    bottom = Math.max(bottom, y);
                    right = Math.max(right, x);
                }
            }
        }
        if (bottom < 0) {
            throw new UserError(file + ": no digit found, expected one on a plain background");
        }
        float[][] crop = new float[bottom - top + 1][];
        for (int y = top; y <= bottom; y++) {
            crop[y - top] = Arrays.copyOfRange(ink[y], left, right + 1);
        }
        double scale = (double) BOX / Math.max(crop.length, crop[0].length);
        int height = Math.clamp(Math.round(crop.length * scale), 1, BOX);
        int width = Math.clamp(Math.round(crop[0].length * scale), 1, BOX);
        return centred(stretched(Resample.to(crop, height, width)));
    }

    /// Full contrast again: shrinking dims thin strokes, MNIST's are as bright as thick ones.
    private static float[][] stretched(float[][] grey) {
        float most = 0;
        for (float[] row : grey) {
            for (float v : row) {
                most = Math.max(most, v);
            }
        }
        for (float[] row : grey) {
            for (int x = 0; x < row.length; x++) {
                row[x] /= most;
            }
        }
        return grey;
    }

    private static float[] centred(float[][] box) {
        double mass = 0;
        double sumX = 0;
        double sumY = 0;
        for (int y = 0; y < box.length; y++) {
            for (int x = 0; x < box[0].length; x++) {
                mass += box[y][x];
                sumX += box[y][x] * (x + 0.5);
                sumY += box[y][x] * (y + 0.5);
            }
        }
        int dx = place(sumX / mass, box[0].length);
        int dy = place(sumY / mass, box.length);
        float[] out = new float[SIDE * SIDE];
        for (int y = 0; y < box.length; y++) {
            System.arraycopy(box[y], 0, out, (dy + y) * SIDE + dx, box[0].length);
        }
        return out;
    }

    /// Where the box starts, so that its centre of mass is in the middle and it stays inside.
    private static int place(double centre, int size) {
        return Math.clamp(Math.round(SIDE / 2.0 - centre), 0, SIDE - size);
    }
}
