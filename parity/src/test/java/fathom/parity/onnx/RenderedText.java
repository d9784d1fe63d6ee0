package fathom.parity.onnx;

import static org.junit.jupiter.api.Assumptions.abort;

import fathom.tensor.Tensor;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontFormatException;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/// Lines of dark text on paper, as from a scanner.
record RenderedText(BufferedImage image) {
    private static final String FONT = "/fathom/cli/picture/fonts/Roboto-Regular.ttf";
    private static final int PAPER = 0xf4f1ea;
    private static final int INK = 0x20242c;
    private static final int LINE = 48;
    private static final int MARGIN = 8;
    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] DEVIATION = {0.229, 0.224, 0.225};

    /// Skips the test where Java cannot read fonts: a bare system lacks the libraries.
    static RenderedText of(int width, int height, String... lines) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(new Color(PAPER));
        g.fillRect(0, 0, width, height);
        g.setColor(new Color(INK));
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        Font font = font();
        for (int i = 0; i < lines.length; i++) {
            GlyphVector glyphs = font.createGlyphVector(new FontRenderContext(null, true, true), lines[i]);
            g.fill(glyphs.getOutline(MARGIN, i * LINE + 34));
        }
        g.dispose();
        return new RenderedText(image);
    }

    private static Font font() {
        try (InputStream in = RenderedText.class.getResourceAsStream(FONT)) {
            return Font.createFont(Font.TRUETYPE_FONT, Objects.requireNonNull(in, FONT))
                    .deriveFont(30f);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FontFormatException | UnsatisfiedLinkError | InternalError e) {
            return abort("Java cannot read fonts here: " + e);
        }
    }

    /// `[1, 3, H, W]` from -1 to 1.
    Tensor tensor() {
        return tensor(new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5});
    }

    /// `[1, 3, H, W]`, normalised by the means and deviations of ImageNet.
    Tensor photographic() {
        return tensor(MEAN, DEVIATION);
    }

    private Tensor tensor(double[] mean, double[] deviation) {
        int width = image.getWidth();
        int size = width * image.getHeight();
        float[] all = new float[3 * size];
        for (int i = 0; i < all.length; i++) {
            int channel = i / size;
            int rgb = image.getRGB(i % size % width, i % size / width);
            // Blue comes first, as in the pictures that these models have learnt from.
            double value = (rgb >> 8 * channel & 255) / 255.0;
            all[i] = (float) ((value - mean[channel]) / deviation[channel]);
        }
        return Tensor.of(all, 1, 3, image.getHeight(), width);
    }
}
