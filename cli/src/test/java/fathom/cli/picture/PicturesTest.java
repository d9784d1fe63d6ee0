package fathom.cli.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PicturesTest {
    private static final int RED = 0xc81e1e;

    @Test
    void curvesHaveAPanelForEachQuantity() throws IOException {
        var loss = new LineChart.Series("train", new double[] {0.5, 0.2, Double.NaN, 0.1});
        var accuracy = new LineChart.Series("train", new double[] {0.9, 0.95, 0.97, 0.98});
        BufferedImage image = decode(LineChart.draw(List.of(
                new LineChart.Panel("loss", false, List.of(loss)),
                new LineChart.Panel("accuracy", true, List.of(accuracy)))));
        assertThat(image.getWidth()).isBetween(1200, 1800);
        assertThat(image.getHeight()).isBetween(500, 700);
        int blue = 0x2563eb;
        assertThat(count(image, blue, 0, image.getWidth() / 2)).isGreaterThan(200);
        assertThat(count(image, blue, image.getWidth() / 2, image.getWidth())).isGreaterThan(200);
    }

    @Test
    void oneEpochOrNoneCanBeDrawnToo() throws IOException {
        for (double[] values : new double[][] {{}, {0.5}, {Double.NaN}, {0.0, 0.0}}) {
            var panel = new LineChart.Panel("loss", false, List.of(new LineChart.Series("train", values)));
            assertThat(decode(LineChart.draw(List.of(panel))).getWidth()).isPositive();
        }
    }

    @Test
    void aLogarithmicAxisIsMarkedAtPowersOfTen() {
        Axis axis = Axis.logarithmic("learning rate", List.of(1e-3, 1e-2, 0.1, 10.0));
        assertThat(axis.shares().get(1)).isCloseTo(0.25, within(1e-12));
        assertThat(axis.shares().get(2)).isCloseTo(0.5, within(1e-12));
        assertThat(axis.shares().getLast()).isCloseTo(1, within(1e-12));
        assertThat(axis.marks().values()).containsExactly("1e-3", "1e-2", "1e-1", "1e0", "1e1");
        assertThat(Axis.logarithmic("x", List.of(0.5)).shares()).containsExactly(0.0);
        assertThat(Axis.epochs(25).marks().values()).containsExactly("1", "5", "10", "15", "20", "25");
        assertThat(Axis.epochs(1).shares()).containsExactly(0.5);
    }

    @Test
    void onlyMistakesAreMarked() throws IOException {
        float[] pixels = new float[28 * 28];
        var right = new DigitSheet.Digit(pixels, 28, 3, 3, 0.99);
        var wrong = new DigitSheet.Digit(pixels, 28, 3, 8, 0.6);
        var all = decode(DigitSheet.draw("digits", Collections.nCopies(25, right)));
        assertThat(count(all, RED, 0, all.getWidth())).isZero();
        var one = decode(DigitSheet.draw("digits", List.of(right, wrong)));
        assertThat(count(one, RED, 0, one.getWidth())).isGreaterThan(1000);
    }

    @Test
    void pixelsKeepTheirGrey() throws IOException {
        float[] pixels = new float[28 * 28];
        pixels[0] = 1;
        BufferedImage image = decode(DigitSheet.draw("d", List.of(new DigitSheet.Digit(pixels, 28, 1, 1, 1))));
        assertThat(count(image, 0x000000, 0, image.getWidth())).isEqualTo((28 * 28 - 1) * 36);
    }

    @Test
    void confusionShadesTheDiagonalAndTheMistakes() throws IOException {
        long[][] counts = {{90, 10}, {0, 100}};
        BufferedImage image = decode(ConfusionChart.draw("test", counts));
        assertThat(count(image, 0x1d4ed8, 0, image.getWidth())).isGreaterThan(3000);
        long[][] none = {{0, 0}, {0, 0}};
        assertThat(count(decode(ConfusionChart.draw("test", none)), 0x1d4ed8, 0, 200))
                .isZero();
    }

    private static BufferedImage decode(Canvas canvas) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(canvas.png()));
    }

    private static int count(BufferedImage image, int rgb, int from, int to) {
        int n = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = from; x < to; x++) {
                if ((image.getRGB(x, y) & 0xffffff) == rgb) {
                    n++;
                }
            }
        }
        return n;
    }
}
