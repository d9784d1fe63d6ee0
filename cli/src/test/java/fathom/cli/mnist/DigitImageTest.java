package fathom.cli.mnist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.cli.UserError;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DigitImageTest {
    private static final int SIDE = DigitImage.SIDE;

    @TempDir
    Path folder;

    @Test
    void inkFillsTheBoxAndIsCentred() throws IOException {
        float[] p = DigitImage.read(ring(600, 400, Color.WHITE, Color.BLACK, "png"));
        double mass = 0;
        double x = 0;
        double y = 0;
        int top = SIDE;
        int bottom = 0;
        for (int i = 0; i < p.length; i++) {
            mass += p[i];
            int row = i / SIDE;
            x += p[i] * (i % SIDE + 0.5);
            y += p[i] * (row + 0.5);
            if (p[i] > 0) {
                top = Math.min(top, row);
                bottom = Math.max(bottom, row);
            }
        }
        assertThat(x / mass).isCloseTo(14, within(0.5));
        assertThat(y / mass).isCloseTo(14, within(0.5));
        assertThat(bottom - top + 1).isEqualTo(20);
        assertThat(max(p)).isEqualTo(1);
    }

    @Test
    void paperMayBeDarkOrLightOrTransparent() throws IOException {
        float[] onWhite = DigitImage.read(ring(300, 300, Color.WHITE, Color.BLACK, "png"));
        float[] onBlack = DigitImage.read(ring(300, 300, Color.BLACK, Color.WHITE, "png"));
        float[] onGrey = DigitImage.read(ring(300, 300, Color.LIGHT_GRAY, Color.BLUE, "png"));
        Color nothing = new Color(0, 0, 0, 0);
        float[] onNothing = DigitImage.read(ring(300, 300, nothing, Color.WHITE, "png"));
        for (float[] other : new float[][] {onBlack, onGrey, onNothing}) {
            for (int i = 0; i < other.length; i++) {
                assertThat(other[i]).as("pixel %d", i).isCloseTo(onWhite[i], within(0.06f));
            }
        }
    }

    @Test
    void sizesAndFormatsDoNotMatter() throws IOException {
        float[] large = DigitImage.read(ring(2000, 1500, Color.WHITE, Color.BLACK, "png"));
        float[] small = DigitImage.read(ring(120, 90, Color.WHITE, Color.BLACK, "jpg"));
        double difference = 0;
        for (int i = 0; i < large.length; i++) {
            difference += Math.abs(large[i] - small[i]);
        }
        assertThat(difference / large.length).isLessThan(0.05);
    }

    @Test
    void resamplingKeepsEvenAreasAndOrder() {
        float[][] grey = new float[50][30];
        for (float[] row : grey) {
            Arrays.fill(row, 0.5f);
        }
        for (float[] row : Resample.to(grey, 7, 11)) {
            for (float v : row) {
                assertThat(v).isCloseTo(0.5f, within(1e-6f));
            }
        }
        float[][] ramp = {{0, 1, 2, 3, 4, 5, 6, 7}};
        float[] half = Resample.to(ramp, 1, 4)[0];
        assertThat(half).hasSize(4).isSorted();
        assertThat(Resample.to(ramp, 1, 8)[0]).containsExactly(ramp[0]);
    }

    @Test
    void whatIsNoPictureIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("note.txt"), "seven");
        refused(text, "note.txt: not an image, expected PNG or JPEG");
        refused(folder.resolve("none.png"), "none.png: no such file");
        refused(folder, "not a file");
        Path whole = ring(300, 300, Color.WHITE, Color.BLACK, "png");
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.png"), Arrays.copyOf(bytes, bytes.length / 2));
        refused(cut, "cut.png: a damaged image");
        refused(Files.write(folder.resolve("empty.png"), new byte[0]), "not an image");
        BufferedImage blank = new BufferedImage(50, 50, BufferedImage.TYPE_INT_RGB);
        Path plain = folder.resolve("blank.png");
        ImageIO.write(blank, "png", plain.toFile());
        refused(plain, "of one colour");
    }

    private static void refused(Path file, String message) {
        assertThatThrownBy(() -> DigitImage.read(file))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message);
    }

    /// An upright ring away from the middle of the paper.
    private Path ring(int width, int height, Color paper, Color ink, String format) throws IOException {
        int type = paper.getAlpha() < 255 ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
        BufferedImage image = new BufferedImage(width, height, type);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        if (paper.getAlpha() == 255) {
            g.setColor(paper);
            g.fillRect(0, 0, width, height);
        }
        double unit = Math.min(width, height) / 100.0;
        g.setColor(ink);
        g.setStroke(new java.awt.BasicStroke((float) (9 * unit)));
        g.draw(new Ellipse2D.Double(12 * unit, 15 * unit, 40 * unit, 60 * unit));
        g.dispose();
        Path file = Files.createTempFile(folder, "ring", "." + format);
        ImageIO.write(image, format, file.toFile());
        return file;
    }

    private static float max(float[] p) {
        float most = 0;
        for (float v : p) {
            most = Math.max(most, v);
        }
        return most;
    }
}
