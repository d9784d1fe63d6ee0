package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// CIFAR-10, above all in its binary version: a tar file of batches, which are records of a byte for the class and
/// then the red, the green and the blue of 32 x 32 pixels.
final class Cifar10 {
    private static final int SIDE = 32;
    private static final int CHANNELS = 3;
    private static final int PIXELS = SIDE * SIDE;
    private static final int RECORD = 1 + CHANNELS * PIXELS;
    private static final String FOLDER = "cifar-10-batches-bin/";

    private static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private Cifar10() {}

    /// @throws IllegalArgumentException if a batch is missing or is not whole records
    static LabelledImages read(Path archive) {
        Map<String, byte[]> batches = new TreeMap<>();
        TarFiles.each(archive, path -> path.startsWith(FOLDER) && path.endsWith(".bin"), batches::put);
        List<byte[]> train = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            train.add(batch(archive, batches, "data_batch_" + i + ".bin"));
        }
        return new LabelledImages(
                dataset(archive, train), dataset(archive, List.of(batch(archive, batches, "test_batch.bin"))), CLASSES);
    }

    /// The same as pictures in a zip file, `train/cat/0000.jpg`; the classes are in alphabetical order.
    ///
    /// @throws IllegalArgumentException if it has other classes
    static LabelledImages ofPictures(Path zip) {
        Shape image = Shape.of(SIDE, SIDE, CHANNELS);
        List<Dataset> parts = new ArrayList<>();
        for (String part : List.of("train", "test")) {
            ImageFolder pictures = ImageFolder.read(zip, part, image);
            String message = "%s: folders %s in %s, expected %s";
            Require.that(pictures.classes().equals(CLASSES), message, zip, pictures.classes(), part, CLASSES);
            parts.add(pictures.dataset());
        }
        return new LabelledImages(parts.getFirst(), parts.getLast(), CLASSES);
    }

    private static byte[] batch(Path archive, Map<String, byte[]> batches, String name) {
        byte[] batch = batches.getOrDefault(FOLDER + name, new byte[0]);
        boolean whole = batch.length > 0 && batch.length % RECORD == 0;
        String message = "%s: %s bytes of %s, expected a multiple of %s, and some";
        Require.that(whole, message, archive, batch.length, FOLDER + name, RECORD);
        return batch;
    }

    private static Dataset dataset(Path archive, List<byte[]> batches) {
        int count = batches.stream().mapToInt(batch -> batch.length / RECORD).sum();
        Buffer labels = Buffer.allocate(DType.I32, count);
        byte[] pixels = new byte[count * CHANNELS * PIXELS];
        int at = 0;
        for (byte[] batch : batches) {
            for (int from = 0; from < batch.length; from += RECORD) {
                int label = batch[from] & 0xff;
                boolean known = label < CLASSES.size();
                Require.that(
                        known, "%s: label %s at image %s, expected 0 to %s", archive, label, at, CLASSES.size() - 1);
                labels.setLong(at, label);
                channelsLast(batch, from + 1, pixels, at * CHANNELS * PIXELS);
                at++;
            }
        }
        return Dataset.of(
                Samples.ofPixels(pixels, Shape.of(SIDE, SIDE, CHANNELS)),
                new StoredSamples(labels, count, Shape.SCALAR));
    }

    private static void channelsLast(byte[] from, int start, byte[] to, int at) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (int pixel = 0; pixel < PIXELS; pixel++) {
                to[at + pixel * CHANNELS + channel] = from[start + channel * PIXELS + pixel];
            }
        }
    }
}
