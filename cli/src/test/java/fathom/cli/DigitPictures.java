package fathom.cli;

import fathom.data.Dataset;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/// Digits as somebody might have scanned them: large, off-centre, on light or dark paper.
final class DigitPictures {
    private static final int SIDE = 28;

    private DigitPictures() {}

    static Path write(Path folder, Dataset digits, int index, int size, boolean onWhite, String format)
            throws IOException {
        float[] pixels = digits.get(index).x().toFloats();
        BufferedImage digit = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < pixels.length; i++) {
            int ink = Math.round(255 * pixels[i]);
            int grey = onWhite ? 255 - ink : ink;
            digit.setRGB(i % SIDE, i / SIDE, grey * 0x010101);
        }
        BufferedImage page = new BufferedImage(size + size / 3, size + size / 5, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = page.createGraphics();
        g.setColor(onWhite ? Color.WHITE : Color.BLACK);
        g.fillRect(0, 0, page.getWidth(), page.getHeight());
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        g.drawImage(digit, size / 4, size / 20, size, size, null);
        g.dispose();
        Path file = folder.resolve("digit-" + index + "." + format);
        ImageIO.write(page, format, file.toFile());
        return file;
    }
}
