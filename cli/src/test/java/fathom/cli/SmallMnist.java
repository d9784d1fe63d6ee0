package fathom.cli;

import fathom.data.Dataset;
import fathom.data.Mnist;
import fathom.tensor.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/// The first digits of MNIST as IDX files in a folder, for trainings that take a moment.
final class SmallMnist {
    static final int TRAIN = 600;
    static final int TEST = 100;

    private static final int BYTE_IMAGES = 0x0803;
    private static final int BYTE_LABELS = 0x0801;
    private static final int SIDE = 28;

    private SmallMnist() {}

    static Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        Mnist mnist = Mnist.load();
        write(folder, "train", mnist.train().take(TRAIN));
        write(folder, "t10k", mnist.test().take(TEST));
        return folder;
    }

    private static void write(Path folder, String name, Dataset data) throws IOException {
        Batch all = data.all();
        float[] x = all.x().toFloats();
        int[] y = all.y().toInts();
        ByteBuffer images = ByteBuffer.allocate(16 + x.length);
        images.putInt(BYTE_IMAGES).putInt(y.length).putInt(SIDE).putInt(SIDE);
        for (float v : x) {
            images.put((byte) Math.round(v * 255));
        }
        ByteBuffer labels = ByteBuffer.allocate(8 + y.length);
        labels.putInt(BYTE_LABELS).putInt(y.length);
        for (int digit : y) {
            labels.put((byte) digit);
        }
        Files.write(folder.resolve(name + "-images-idx3-ubyte"), images.array());
        Files.write(folder.resolve(name + "-labels-idx1-ubyte"), labels.array());
    }
}
