package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Batch;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentationsTest {
    private static final Image SMALL = new Image(new float[] {1, 2, 3, 4, 5, 6}, 2, 3, 1);

    private static Draws draws(int sample) {
        return Draws.of(1, 0, sample);
    }

    /// A picture of `height × width × channels` colours.
    private static Image picture(int height, int width, int channels) {
        float[] values = new float[height * width * channels];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 37 % 101 / 100f;
        }
        return new Image(values, height, width, channels);
    }

    private static Dataset pictures(int count) {
        float[] values = new float[count * 75];
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 31 % 97 / 96f;
        }
        return Dataset.of(
                Tensor.of(values, count, 5, 5, 3),
                Tensor.of(IntStream.range(0, count).map(i -> i % 4).toArray(), count));
    }

    private static float[] epoch(Dataset dataset, int epoch, int batch, int ahead) {
        float[] all = new float[dataset.size() * dataset.inputShape().size()];
        int at = 0;
        for (Iterator<Batch> it = dataset.batch(batch).prefetch(ahead).epoch(epoch, 0); it.hasNext(); ) {
            float[] values = it.next().x().toFloats();
            System.arraycopy(values, 0, all, at, values.length);
            at += values.length;
        }
        return all;
    }

    @Test
    void dependsOnSeedEpochAndSampleAlone() {
        Augmentation some = Augmentations.flipHorizontally(0.5)
                .then(Augmentations.randomCrop(4, 3, 1))
                .then(Augmentations.colourJitter(0.5, 0.5, 0.5))
                .then(Augmentations.randAugment(2, 0.7));
        Dataset made = pictures(67).augment(5, some);
        assertThat(made.inputShape()).isEqualTo(Shape.of(4, 3, 3));
        float[] first = epoch(made, 0, 33, 3);
        assertThat(epoch(made, 0, 1, 0)).isEqualTo(first);
        assertThat(epoch(pictures(67).augment(5, some), 0, 7, 8)).isEqualTo(first);
        assertThat(epoch(made, 1, 33, 3)).isNotEqualTo(first);
        assertThat(epoch(pictures(67).augment(6, some), 0, 33, 3)).isNotEqualTo(first);
        // Transforms and caches after it see the epoch's pictures.
        Dataset standard = made.normalise(0.5, 1);
        assertThat(epoch(standard, 1, 33, 3)[7]).isEqualTo(epoch(made, 1, 33, 3)[7] - 0.5f);
        // A sample looks the same wherever it comes in the order.
        float[] ordered = epoch(made.shuffle(1), 1, 33, 3);
        int[] order = made.shuffle(1).order(1);
        float[] plain = epoch(made, 1, 33, 3);
        for (int i = 0; i < order.length; i++) {
            assertThat(Arrays.copyOfRange(ordered, i * 36, i * 36 + 36))
                    .isEqualTo(Arrays.copyOfRange(plain, order[i] * 36, order[i] * 36 + 36));
        }
    }

    @Test
    void flipsAndCropsMovePixels() {
        assertThat(Augmentations.flipHorizontally(1).apply(SMALL, draws(0)).values())
                .containsExactly(3, 2, 1, 6, 5, 4);
        assertThat(Augmentations.flipVertically(1).apply(SMALL, draws(0)).values())
                .containsExactly(4, 5, 6, 1, 2, 3);
        assertThat(Augmentations.flipVertically(0).apply(SMALL, draws(0))).isEqualTo(SMALL);
        assertThat(Pixels.crop(SMALL, -1, 1, 3, 3).values()).containsExactly(0, 0, 0, 2, 3, 0, 5, 6, 0);
        boolean[] seen = new boolean[2];
        for (int i = 0; i < 30; i++) {
            float[] part =
                    Augmentations.randomCrop(2, 2, 0).apply(SMALL, draws(i)).values();
            seen[(int) part[0] - 1] = true;
            assertThat(part[3]).isEqualTo(part[0] + 4);
        }
        assertThat(seen).containsExactly(true, true);
    }

    @Test
    void affineMapsTurnScaleShearAndMove() {
        Image square = new Image(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 3, 3, 1);
        assertThat(Affine.of(90, 1, 0, 0, 0).apply(square).values())
                .containsExactly(new float[] {7, 4, 1, 8, 5, 2, 9, 6, 3}, within(1e-5f));
        assertThat(Affine.of(0, 1, 0, 1, 0).apply(square).values()).containsExactly(0, 1, 2, 0, 4, 5, 0, 7, 8);
        assertThat(Affine.of(0, 1, 0, 0, 0.5).apply(square).values())
                .containsExactly(0.5f, 1, 1.5f, 2.5f, 3.5f, 4.5f, 5.5f, 6.5f, 7.5f);
        assertThat(Affine.of(0, 2, 0, 0, 0).apply(square).values())
                .containsExactly(3, 3.5f, 4, 4.5f, 5, 5.5f, 6, 6.5f, 7);
        assertThat(Affine.of(0, 1, 1, 0, 0).apply(square).values()).containsExactly(0, 1, 2, 4, 5, 6, 8, 9, 0);
        // First turned, then moved to the right.
        assertThat(Affine.of(90, 1, 0, 1, 0).apply(square).values())
                .containsExactly(new float[] {0, 7, 4, 0, 8, 5, 0, 9, 6}, within(1e-5f));
        Image still = picture(7, 5, 3);
        assertThat(Augmentations.rotate(0).apply(still, draws(0)).values()).isEqualTo(still.values());
        assertThat(Augmentations.scale(1, 1).apply(still, draws(0)).values()).isEqualTo(still.values());
        assertThat(Augmentations.translate(0.4).apply(still, draws(0)).values()).isNotEqualTo(still.values());
    }

    @Test
    void coloursChangeByTheirFormulas() {
        Image image = new Image(new float[] {0.2f, 0.4f, 0.6f, 1, 0, 0}, 1, 2, 3);
        assertThat(Pixels.brightness(image, 2).values())
                .containsExactly(new float[] {0.4f, 0.8f, 1, 1, 0, 0}, within(1e-6f));
        float grey = 0.299f * 0.2f + 0.587f * 0.4f + 0.114f * 0.6f;
        float mean = (grey + 0.299f) / 2;
        assertThat(Pixels.contrast(image, 0).values()).containsOnly(new float[] {mean}, within(1e-6f));
        assertThat(Pixels.saturation(image, 0.5).values())
                .containsExactly(
                        new float[] {
                            (grey + 0.2f) / 2, (grey + 0.4f) / 2, (grey + 0.6f) / 2, 1.299f / 2, 0.299f / 2, 0.299f / 2
                        },
                        within(1e-6f));
        assertThat(Pixels.solarise(image, 0.5).values()).containsExactly(0.2f, 0.4f, 1 - 0.6f, 0, 0, 0);
        Image levels = new Image(new float[] {0, 17 / 255f, 255 / 255f}, 1, 3, 1);
        assertThat(Pixels.posterise(levels, 4).values()).containsExactly(0, 16 / 255f, 240 / 255f);
        assertThat(Pixels.autoContrast(new Image(new float[] {0.2f, 0.3f, 0.6f}, 1, 3, 1))
                        .values())
                .containsExactly(new float[] {0, 0.25f, 1}, within(1e-6f));
        assertThat(Pixels.equalise(new Image(new float[] {0.1f, 0.1f, 0.2f, 0.3f}, 1, 4, 1))
                        .values())
                .containsExactly(0, 0, 0.5f, 1);
        assertThat(Pixels.equalise(new Image(new float[] {0.1f, 0.1f}, 1, 2, 1)).values())
                .containsExactly(0.1f, 0.1f);
    }

    @Test
    void neighboursAreSmoothedByTheirFormulas() {
        Image dot = new Image(new float[] {0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 3, 5, 1);
        Image blurred = Pixels.blur(dot, 0.5);
        double next = Math.exp(-2);
        double far = Math.exp(-8);
        double column = 1 / (1 + 2 * next);
        // At column 0 there is no neighbour on the left.
        double fromLeft = next / (1 + next + far);
        assertThat(blurred.at(1, 0, 0)).isCloseTo((float) (column * fromLeft), within(1e-6f));
        double middle = 1 / (1 + 2 * next + far);
        assertThat(blurred.at(1, 1, 0)).isCloseTo((float) (column * middle), within(1e-6f));
        float[] soft = Pixels.sharpness(dot, 0).values();
        assertThat(soft[6]).isEqualTo(5 / 13f);
        assertThat(soft[7]).isEqualTo(1 / 13f);
        assertThat(soft[5]).isZero();
        assertThat(Augmentations.blur(1, 1)
                        .apply(new Image(new float[] {3}, 1, 1, 1), draws(0))
                        .values())
                .containsExactly(3);
    }

    @Test
    void cutoutHidesASquare() {
        for (int i = 0; i < 20; i++) {
            Image white = picture(9, 7, 3);
            Arrays.fill(white.values(), 1);
            int hidden = 0;
            for (float value : Augmentations.cutout(3).apply(white, draws(i)).values()) {
                hidden += value == 0 ? 1 : 0;
            }
            // Nine pixels, or four at a corner, or six at an edge.
            assertThat(hidden / 3).isIn(4, 6, 9);
        }
    }

    @Test
    void everyRandomChangeKeepsShapeAndRange() {
        for (RandomChange change : RandomChange.values()) {
            for (double strength : new double[] {-1, -0.3, 0.6, 1}) {
                Image made = change.apply(picture(6, 9, 3), strength);
                assertThat(made.shape()).isEqualTo(Shape.of(6, 9, 3));
                for (float value : made.values()) {
                    assertThat(value).as("%s", change).isBetween(0f, 1f);
                }
            }
            boolean stays = change == RandomChange.IDENTITY;
            boolean same = Arrays.equals(
                    change.apply(picture(6, 9, 3), -1).values(),
                    picture(6, 9, 3).values());
            assertThat(same || change == RandomChange.AUTO_CONTRAST || change == RandomChange.EQUALISE)
                    .as("%s", change)
                    .isEqualTo(stays || change == RandomChange.AUTO_CONTRAST || change == RandomChange.EQUALISE);
        }
    }

    @Test
    void mixupAddsUpPairs() {
        Dataset mixed = pictures(40).oneHot(4).mixup(0.4, 3);
        Batch plain = pictures(40).oneHot(4).all();
        Batch batch = mixed.batch(40).epoch(2, 0).next();
        float[] x = batch.x().toFloats();
        float[] y = batch.y().toFloats();
        for (int i = 0; i < 40; i++) {
            Draws draws = Draws.of(3, 2, i);
            int partner = draws.below(40);
            double part = draws.beta(0.4);
            for (int k = 0; k < 75; k++) {
                float[] all = plain.x().toFloats();
                assertThat((double) x[i * 75 + k])
                        .isCloseTo(part * all[i * 75 + k] + (1 - part) * all[partner * 75 + k], within(1e-6));
            }
            float sum = 0;
            for (int c = 0; c < 4; c++) {
                sum += y[i * 4 + c];
            }
            assertThat(sum).isCloseTo(1, within(1e-6f));
            assertThat((double) y[i * 4 + i % 4]).isGreaterThanOrEqualTo(part - 1e-6);
        }
        assertThat(epoch(mixed, 0, 1, 0)).isEqualTo(epoch(mixed, 0, 33, 4)).isNotEqualTo(epoch(mixed, 1, 33, 4));
    }

    @Test
    void cutMixPastesRectanglesWithTheirShareOfTheTarget() {
        Dataset mixed = pictures(40).oneHot(4).cutMix(1, 3);
        float[] all = pictures(40).all().x().toFloats();
        Batch batch = mixed.batch(40).epoch(1, 0).next();
        float[] x = batch.x().toFloats();
        float[] y = batch.y().toFloats();
        int changed = 0;
        for (int i = 0; i < 40; i++) {
            int partner = Draws.of(3, 1, i).below(40);
            int own = 0;
            for (int k = 0; k < 75; k += 3) {
                boolean kept = x[i * 75 + k] == all[i * 75 + k];
                own += kept ? 1 : 0;
                assertThat(kept || x[i * 75 + k] == all[partner * 75 + k]).isTrue();
            }
            changed += own < 25 ? 1 : 0;
            if (partner % 4 != i % 4) {
                assertThat(y[i * 4 + i % 4]).isCloseTo(own / 25f, within(0.05f));
                assertThat(y[i * 4 + i % 4] + y[i * 4 + partner % 4]).isCloseTo(1, within(1e-6f));
            }
        }
        assertThat(changed).isGreaterThan(10);
    }

    @Test
    void whatCannotBeAugmentedIsRefused() {
        assertRefused(
                () -> DatasetTest.counting(3).augment(1, Augmentations.cutout(1)),
                "augment: the inputs are F32[2], expected pictures, F32[H, W, C]");
        assertRefused(
                () -> pictures(3).augment(1, Augmentations.randomCrop(8, 8, 1)),
                "crop: 8 rows and 8 columns, expected at most those of an image [5, 5, 3] with borders of 1");
        assertRefused(
                () -> pictures(3).augment(1, (image, draws) -> SMALL).all(),
                "augment: an image [2, 3, 1], expected [5, 5, 3] as the augmentation's shape says");
        assertRefused(
                () -> pictures(3).mixup(1, 1), "mixup: inputs F32 and targets I32, expected F32 (oneHot makes them)");
        assertRefused(
                () -> DatasetTest.counting(3).oneHot(3).cutMix(1, 1),
                "cutMix: the inputs are F32[2], expected pictures, F32[H, W, C]");
        assertRefused(() -> pictures(3).oneHot(4).mixup(0, 1), "mixup: alpha 0.0, expected a number above 0");
        assertRefused(() -> Augmentations.flipVertically(1.5), "augmentation: a probability of 1.5, expected 0 to 1");
        assertRefused(() -> Augmentations.rotate(-1), "affine: degrees -1.0, expected 0 or more");
        assertRefused(() -> Augmentations.scale(2, 1), "affine: scales from 2.0 to 1.0, expected a range");
        assertRefused(() -> Augmentations.colourJitter(2, 0, 0), "colour jitter: 2.0, expected 0 to 1");
        assertRefused(() -> Augmentations.blur(0, 1), "blur: a least deviation of 0.0, expected a number above 0");
        assertRefused(() -> Augmentations.cutout(0), "cutout: a side of 0, expected at least 1");
        assertRefused(() -> Augmentations.randAugment(1, 2), "rand augment: a strength of 2.0, expected 0 to 1");
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
