package fathom.cli.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.Stroke;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/// A white sheet to draw on, with text that needs no installed fonts. Coordinates are in pixels
/// from the top left corner.
public final class Canvas {
    /// Where a text lies relative to the point it is drawn at.
    public enum Align {
        LEFT(0),
        CENTRE(0.5),
        RIGHT(1);

        private final double share;

        Align(double share) {
            this.share = share;
        }
    }

    static final Color INK = new Color(0x1f2933);
    static final Color FAINT_INK = new Color(0x616e7c);
    static final Color GRID = new Color(0xe4e7eb);
    static final Color FRAME = new Color(0x9aa5b1);
    static final Color RED = new Color(0xc81e1e);
    static final Color GREEN = new Color(0x18794e);

    /// Height of digits and capitals as a part of the font's size: what is centred on a line.
    private static final double CAP_HEIGHT = 0.711;

    private final BufferedImage image;
    private final Graphics2D graphics;

    Canvas(int width, int height) {
        image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        fill(new Rectangle2D.Double(0, 0, width, height), Color.WHITE);
    }

    // Read on first use: most commands draw nothing.
    private static final class Fonts {
        static final TrueType REGULAR = TrueType.resource("fonts/Roboto-Regular.ttf");
        static final TrueType MEDIUM = TrueType.resource("fonts/Roboto-Medium.ttf");
    }

    void fill(Shape shape, Color color) {
        graphics.setColor(color);
        graphics.fill(shape);
    }

    void stroke(Shape shape, Color color, double width) {
        stroke(shape, color, new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }

    void stroke(Shape shape, Color color, Stroke stroke) {
        graphics.setColor(color);
        graphics.setStroke(stroke);
        graphics.draw(shape);
    }

    void line(double x1, double y1, double x2, double y2, Color color, double width) {
        stroke(new Line2D.Double(x1, y1, x2, y2), color, width);
    }

    /// Text vertically centred on `y`.
    void text(String text, double x, double y, double size, Align align, Color color) {
        draw(Fonts.REGULAR, text, x, y, size, align, color);
    }

    /// Text in a stronger face, vertically centred on `y`.
    void title(String text, double x, double y, double size, Align align, Color color) {
        draw(Fonts.MEDIUM, text, x, y, size, align, color);
    }

    /// Text that reads upwards, centred on the point.
    void verticalText(String text, double x, double y, double size, Color color) {
        AffineTransform before = graphics.getTransform();
        graphics.rotate(-Math.PI / 2, x, y);
        text(text, x, y, size, Align.CENTRE, color);
        graphics.setTransform(before);
    }

    static double width(String text, double size) {
        return Fonts.REGULAR.width(text, size);
    }

    static double titleWidth(String text, double size) {
        return Fonts.MEDIUM.width(text, size);
    }

    private void draw(TrueType font, String text, double x, double y, double size, Align align, Color color) {
        double left = x - align.share * font.width(text, size);
        fill(font.outline(text, size, left, y + size * CAP_HEIGHT / 2), color);
    }

    /// A grey picture of `columns` columns, each of its pixels as a sharp square; 0 is black.
    void pixels(float[] grey, int columns, double x, double y, double pixel) {
        int rows = grey.length / columns;
        int side = (int) Math.round(pixel);
        BufferedImage cells = new BufferedImage(columns * side, rows * side, BufferedImage.TYPE_BYTE_GRAY);
        for (int r = 0; r < rows * side; r++) {
            for (int c = 0; c < columns * side; c++) {
                float v = grey[r / side * columns + c / side];
                cells.getRaster().setSample(c, r, 0, Math.clamp(Math.round(v * 255), 0, 255));
            }
        }
        graphics.drawImage(cells, (int) Math.round(x), (int) Math.round(y), null);
    }

    /// The finished picture as a PNG file's bytes.
    public byte[] png() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            // Otherwise a temporary file, which may have no place to be.
            ImageIO.setUseCache(false);
            if (!ImageIO.write(image, "png", out)) {
                throw new IllegalStateException("this Java cannot write PNG pictures");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
