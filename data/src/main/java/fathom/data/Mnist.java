package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/// MNIST: grey images of handwritten digits, 28×28, and which digit each one shows.
///
/// Inputs are F32 `[28, 28, 1]` from 0 (paper) to 1 (ink), targets I32 from 0 to 9. In memory an
/// image stays at a byte a pixel.
///
/// Y. LeCun, C. Cortes, C. J. C. Burges. The files are carried inside this module under CC BY-SA
/// 3.0; the notice beside them says more.
///
/// @param train 60,000 samples to learn from
/// @param test 10,000 samples, by other writers, to measure with
public record Mnist(Dataset train, Dataset test) {
    /// The number of classes: the digits.
    public static final int CLASSES = 10;

    private static final int SIDE = 28;
    private static final Shape IMAGE = Shape.of(SIDE, SIDE, 1);

    private static final List<Part> FILES = List.of(
            new Part("train-images-idx3-ubyte", "7ff28fd295f802eefc6d40e461175dfe4b969b1842b2abc8c6dc8c20711cf79f"),
            new Part("train-labels-idx1-ubyte", "81a978ae83d39ffdba0db3ce2fcaf80a8921e9629e874428996a2b03242d4b2a"),
            new Part("t10k-images-idx3-ubyte", "197e111ae341b0770be9011ac5e622d0e6cd1c640b32eb0de5dc1dd26cc6e182"),
            new Part("t10k-labels-idx1-ubyte", "b91679a0acfe4ba0e50a2437a903084cba1f5f92592b016a25a7dfd00455798b"));

    /// The data set that this module carries.
    ///
    /// @throws IllegalStateException if a file is missing or damaged: its SHA-256 is checked
    public static Mnist load() {
        return load(Part::read, "");
    }

    /// A data set in the same four IDX files, in a folder: `train-images-idx3-ubyte`,
    /// `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain
    /// or as `.gz`. Fashion-MNIST and KMNIST come like this, too.
    ///
    /// @throws IllegalArgumentException if a file is missing, truncated, damaged or holds something
    ///   else; the message names the file, what was expected and what was found
    /// @throws UncheckedIOException if a file cannot be read
    public static Mnist load(Path directory) {
        return load(
                part -> Idx.read(find(directory, part.name())),
                directory + directory.getFileSystem().getSeparator());
    }

    /// The four files in a folder, as [#load(Path)] reads them.
    ///
    /// @throws IllegalArgumentException if one is missing
    public static List<Path> files(Path directory) {
        return FILES.stream().map(part -> find(directory, part.name())).toList();
    }

    /// The SHA-256 of each file that this module carries, by name, in hexadecimal.
    public static Map<String, String> checksums() {
        Map<String, String> all = new LinkedHashMap<>();
        FILES.forEach(part -> all.put(part.name() + ".gz", part.sha256()));
        return all;
    }

    private static Mnist load(Function<Part, Idx> source, String where) {
        var all = new Prefetch<>(0, FILES.size(), FILES.size(), i -> source.apply(FILES.get(i)));
        return new Mnist(dataset(all, 0, where), dataset(all, 2, where));
    }

    private static Dataset dataset(Prefetch<Idx> files, int first, String where) {
        Idx images = files.next();
        Idx labels = files.next();
        String imagesName = where + FILES.get(first).name();
        String labelsName = where + FILES.get(first + 1).name();
        Shape shape = images.shape();
        boolean areImages = images.elements().dtype() == DType.U8
                && shape.rank() == 3
                && shape.dim(1) == SIDE
                && shape.dim(2) == SIDE;
        Require.that(areImages, "%s: %s, expected images, U8[N, 28, 28]", imagesName, images.type());
        boolean areLabels =
                labels.elements().dtype() == DType.U8 && labels.shape().rank() == 1;
        Require.that(areLabels, "%s: %s, expected labels, U8[N]", labelsName, labels.type());
        int count = labels.shape().size();
        String message = "%s: %s labels, expected %s as there are images in %s";
        Require.that(count == shape.dim(0), message, labelsName, count, shape.dim(0), imagesName);
        return Dataset.of(
                Samples.ofPixels((byte[]) images.elements().array(), IMAGE),
                new StoredSamples(digits(labels, labelsName), shape.dim(0), Shape.SCALAR));
    }

    private static Buffer digits(Idx labels, String name) {
        Buffer digits = Buffer.allocate(DType.I32, labels.shape().size());
        for (int i = 0; i < digits.size(); i++) {
            long digit = labels.elements().getLong(i);
            if (digit >= CLASSES) {
                throw new IllegalArgumentException(name + ": label " + digit + " at index " + i + ", expected 0 to 9");
            }
            digits.setLong(i, digit);
        }
        return digits;
    }

    private static Path find(Path directory, String name) {
        Path plain = directory.resolve(name);
        Path compressed = directory.resolve(name + ".gz");
        if (!Files.exists(plain) && !Files.exists(compressed)) {
            throw new IllegalArgumentException(
                    directory + ": expected a file " + name + " or " + name + ".gz, found neither");
        }
        return Files.exists(plain) ? plain : compressed;
    }

    /// A file of the data set, and what the copy in this module looks like.
    private record Part(String name, String sha256) {
        Idx read() {
            Carried carried = new Carried("mnist/" + name + ".gz", sha256);
            byte[] bytes = carried.unchecked();
            // Unzipping does not wait for the checksum; what comes out is not used if that is
            // wrong.
            CompletableFuture<Idx> content = CompletableFuture.supplyAsync(
                    () -> Idx.read(bytes, carried.file()),
                    task -> Thread.ofPlatform().daemon().start(task));
            Checksum.sha256(sha256).check(carried.file(), bytes);
            return content.join();
        }
    }
}
