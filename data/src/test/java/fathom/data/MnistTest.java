package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Batch;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    @TempDir
    private Path folder;

    @Test
    void carriesTheWholeDataSet() {
        Mnist mnist = Mnist.load();
        assertThat(mnist.train().size()).isEqualTo(60_000);
        assertThat(mnist.test().size()).isEqualTo(10_000);
        assertThat(mnist.train().inputShape()).isEqualTo(Shape.of(28, 28, 1));
        assertThat(mnist.train().inputType()).isEqualTo(DType.F32);
        assertThat(mnist.train().targetShape()).isEqualTo(Shape.SCALAR);
        assertThat(mnist.train().targetType()).isEqualTo(DType.I32);
        // The first labels, as everybody's loader gives them.
        assertThat(mnist.train().get(0, 1, 2, 3, 4).y().toInts()).containsExactly(5, 0, 4, 1, 9);
        assertThat(mnist.test().get(0, 1, 2, 3, 4).y().toInts()).containsExactly(7, 2, 1, 0, 4);
        assertThat(classCounts(mnist.test())).containsExactly(980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009);
        // The well-known figures by which MNIST is normalised.
        Statistics statistics = mnist.train().statistics();
        assertThat(statistics.mean().getFirst()).isCloseTo(0.1307, within(5e-5));
        assertThat(statistics.deviation().getFirst()).isCloseTo(0.3081, within(5e-5));
    }

    @Test
    void filesAreNamedWithTheirChecksums() throws IOException {
        assertThat(Mnist.checksums())
                .containsOnlyKeys(
                        "train-images-idx3-ubyte.gz",
                        "train-labels-idx1-ubyte.gz",
                        "t10k-images-idx3-ubyte.gz",
                        "t10k-labels-idx1-ubyte.gz");
        assertThat(Mnist.checksums().values()).allMatch(sum -> sum.matches("[0-9a-f]{64}"));
        for (String name : Mnist.checksums().keySet()) {
            Files.createFile(folder.resolve(name));
        }
        Files.createFile(folder.resolve("t10k-images-idx3-ubyte"));
        assertThat(Mnist.files(folder))
                .extracting(f -> String.valueOf(f.getFileName()))
                .containsExactly(
                        "train-images-idx3-ubyte.gz",
                        "train-labels-idx1-ubyte.gz",
                        "t10k-images-idx3-ubyte",
                        "t10k-labels-idx1-ubyte.gz");
    }

    /// That images and labels belong together shows in how well the nearest class mean does: 82.03
    /// % of the test images.
    @Test
    void imagesAndLabelsLineUp() {
        Mnist mnist = Mnist.load();
        double[][] means = new double[Mnist.CLASSES][28 * 28];
        int[] counts = classCounts(mnist.train());
        for (Iterator<Batch> it = mnist.train().batch(1000).epoch(0, 0); it.hasNext(); ) {
            Batch batch = it.next();
            float[] x = batch.x().toFloats();
            int[] y = batch.y().toInts();
            for (int i = 0; i < x.length; i++) {
                int digit = y[i / 784];
                means[digit][i % 784] += x[i] / counts[digit];
            }
        }
        int right = 0;
        for (Iterator<Batch> it = mnist.test().batch(1000).epoch(0, 0); it.hasNext(); ) {
            Batch batch = it.next();
            float[] x = batch.x().toFloats();
            int[] y = batch.y().toInts();
            for (int i = 0; i < y.length; i++) {
                right += nearest(x, i * 784, means) == y[i] ? 1 : 0;
            }
        }
        assertThat(right).isEqualTo(8203);
    }

    private static int nearest(float[] x, int from, double[][] means) {
        int best = -1;
        double least = Double.MAX_VALUE;
        for (int digit = 0; digit < means.length; digit++) {
            double distance = 0;
            for (int i = 0; i < 784; i++) {
                double d = x[from + i] - means[digit][i];
                distance += d * d;
            }
            if (distance < least) {
                least = distance;
                best = digit;
            }
        }
        return best;
    }

    private static int[] classCounts(Dataset dataset) {
        int[] counts = new int[Mnist.CLASSES];
        for (int digit : dataset.labels()) {
            counts[digit]++;
        }
        return counts;
    }

    @Test
    void aDamagedFileIsNoticedByItsChecksum() {
        assertThatThrownBy(() -> Checksum.sha256("0".repeat(64)).check("mnist/file.gz", new byte[] {'a', 'b', 'c'}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("mnist/file.gz: damaged: SHA-256"
                        + " ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad,"
                        + " expected "
                        + "0".repeat(64));
    }

    @Test
    void readsFilesFromAFolder() throws IOException {
        writeSmallSet();
        Mnist mnist = Mnist.load(folder);
        Batch batch = mnist.train().all();
        assertThat(batch.x().shape()).isEqualTo(Shape.of(2, 28, 28, 1));
        assertThat(batch.x().toFloats()[0]).isEqualTo(0f);
        assertThat(batch.x().toFloats()[255]).isEqualTo(1f);
        assertThat(batch.x().toFloats()[51]).isEqualTo(0.2f);
        assertThat(batch.y().toInts()).containsExactly(9, 0);
        assertThat(mnist.test().size()).isEqualTo(1);
    }

    @Test
    void wrongFilesInAFolderAreNamed() throws IOException {
        writeSmallSet();
        Path images = folder.resolve("train-images-idx3-ubyte");
        Path labels = folder.resolve("train-labels-idx1-ubyte");
        byte[] goodImages = Files.readAllBytes(images);
        byte[] goodLabels = Files.readAllBytes(labels);

        Files.write(images, java.util.Arrays.copyOf(goodImages, 1000));
        assertRefused(images + ": truncated: 984 bytes of elements, expected 1568 for shape");
        Files.write(images, goodLabels);
        assertRefused(images + ": U8[2], expected images, U8[N, 28, 28]");
        Files.write(images, goodImages);

        Files.write(labels, goodImages);
        assertRefused(labels + ": U8[2, 28, 28], expected labels, U8[N]");
        Files.write(labels, IdxTest.idx(0x08, new int[] {3}, 1, 2, 3));
        assertRefused(labels + ": 3 labels, expected 2 as there are images in " + images);
        Files.write(labels, IdxTest.idx(0x08, new int[] {2}, 1, 10));
        assertRefused(labels + ": label 10 at index 1, expected 0 to 9");

        Files.delete(labels);
        assertRefused(
                folder + ": expected a file train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz," + " found neither");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> Mnist.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    private void writeSmallSet() throws IOException {
        int[] pixels = new int[2 * 28 * 28];
        java.util.Arrays.setAll(pixels, i -> i % 256);
        byte[] two = IdxTest.idx(0x08, new int[] {2, 28, 28}, pixels);
        byte[] one = IdxTest.idx(0x08, new int[] {1, 28, 28}, java.util.Arrays.copyOf(pixels, pixels.length / 2));
        Files.write(folder.resolve("train-images-idx3-ubyte"), two);
        Files.write(folder.resolve("train-labels-idx1-ubyte"), IdxTest.idx(0x08, new int[] {2}, 9, 0));
        Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), IdxTest.gzip(one));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), IdxTest.gzip(IdxTest.idx(0x08, new int[] {1}, 4)));
    }
}
