package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Pictures in one folder for each class: `cat/1.png`, `dog/1.jpg`.
///
/// Pictures are decoded and resized when they are read, to F32 from 0 to 1; `dataset().cache()` does
/// it once. They are in alphabetical order.
///
/// @param dataset inputs F32 `[H, W, C]`, targets I32, the classes' indices
/// @param classes the folders' names in alphabetical order
public record ImageFolder(Dataset dataset, List<String> classes) {
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

    public ImageFolder {
        classes = List.copyOf(classes);
    }

    /// The pictures in the folders of a folder or of a zip file.
    ///
    /// @param source the folder that holds the classes' folders, or the zip file
    /// @param image `[H, W, C]` to be made of each picture: 1 channel for grey, 3 for colour
    /// @throws IllegalArgumentException if there is no picture in a folder, or the shape is not that
    ///   of a picture; when it is read, if a file is not a whole picture: the message names it
    /// @throws UncheckedIOException if files cannot be read
    public static ImageFolder read(Path source, Shape image) {
        return read(source, "", image);
    }

    /// The pictures in the folders of a folder inside a folder or a zip file.
    ///
    /// @param inside the path of the folder that holds the classes' folders, such as `train`
    /// @param image `[H, W, C]` to be made of each picture: 1 channel for grey, 3 for colour
    /// @throws IllegalArgumentException as [#read(Path, Shape)]
    public static ImageFolder read(Path source, String inside, Shape image) {
        Require.that(image.rank() == 3, "image folder: shape %s, expected [H, W, C]", image);
        Image.checkChannels(image.dim(2));
        TreeMap<String, Supplier<byte[]>> files = new TreeMap<>();
        try {
            files.putAll(Files.isDirectory(source) ? ofFolder(source.resolve(inside)) : ofZip(source, inside));
        } catch (IOException e) {
            throw new UncheckedIOException(source + ": cannot be read: " + e.getMessage(), e);
        }
        String message = "%s: no pictures in folders, expected one folder for each class, such as %s";
        Require.that(!files.isEmpty(), message, source, inside.isEmpty() ? "cat/1.png" : inside + "/cat/1.png");
        TreeSet<String> names = new TreeSet<>();
        files.keySet().forEach(path -> names.add(folder(path)));
        List<String> classes = List.copyOf(names);
        int[] labels = files.keySet().stream()
                .mapToInt(path -> classes.indexOf(folder(path)))
                .toArray();
        Samples pictures = new Pictures(source.toString(), List.copyOf(files.entrySet()), image);
        return new ImageFolder(Dataset.of(pictures, Samples.of(Tensor.of(labels, labels.length))), classes);
    }

    /// The files that are one folder below a folder, by path.
    private static Map<String, Supplier<byte[]>> ofFolder(Path folder) throws IOException {
        Map<String, Supplier<byte[]>> files = new TreeMap<>();
        try (Stream<Path> found = Files.walk(folder, 2)) {
            for (Path file : found.sorted(Comparator.naturalOrder()).toList()) {
                String path = folder.relativize(file).toString().replace('\\', '/');
                if (isPicture(path)) {
                    files.put(path, () -> bytes(file));
                }
            }
        }
        return files;
    }

    /// The same in a zip file, whose pictures are small enough, compressed as they are, to be kept in
    /// memory.
    private static Map<String, Supplier<byte[]>> ofZip(Path zip, String inside) throws IOException {
        Map<String, Supplier<byte[]>> files = new TreeMap<>();
        ZipFiles.read(Files.readAllBytes(zip), zip.toString()).forEach((path, bytes) -> {
            String prefix = inside.isEmpty() ? "" : inside + "/";
            if (path.startsWith(prefix) && isPicture(path.substring(prefix.length()))) {
                files.put(path.substring(prefix.length()), () -> bytes);
            }
        });
        return files;
    }

    private static boolean isPicture(String path) {
        String ending = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        int slash = path.indexOf('/');
        return ENDINGS.contains(ending) && slash > 0 && slash == path.lastIndexOf('/');
    }

    private static String folder(String path) {
        return path.substring(0, path.indexOf('/'));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// Pictures that are decoded when they are read.
    private record Pictures(String source, List<Map.Entry<String, Supplier<byte[]>>> files, Shape shape)
            implements Samples {
        @Override
        public int count() {
            return files.size();
        }

        @Override
        public DType dtype() {
            return DType.F32;
        }

        @Override
        public void read(int[] indices, Buffer into) {
            int size = shape.size();
            for (int row = 0; row < indices.length; row++) {
                Map.Entry<String, Supplier<byte[]>> file = files.get(indices[row]);
                String name = source + "/" + file.getKey();
                Image image =
                        Image.decode(file.getValue().get(), shape.dim(2), name).resize(shape.dim(0), shape.dim(1));
                System.arraycopy(image.values(), 0, into.array(), row * size, size);
            }
        }
    }
}
