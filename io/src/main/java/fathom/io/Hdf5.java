package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// An HDF5 file in memory, read by the library jHDF, whose every failure becomes an error that names
/// the file. Links are not followed, for they can lead to other files.
final class Hdf5 {
    private static final int MOST_DEPTH = 32;
    private static final int MOST_NODES = 200_000;

    /// Nothing that is deflated becomes larger by more.
    private static final long MOST_INFLATION = 1100;

    private static final long LEAST_ROOM = 1 << 20;

    /// Fletcher's checksum, bytes in another order, and deflate.
    private static final Set<Integer> FILTERS = Set.of(1, 2, 3);

    private final HdfFile file;
    private final long size;

    private Hdf5(HdfFile file, long size) {
        this.file = file;
        this.size = size;
    }

    /// Uses a file.
    ///
    /// @param where for errors
    /// @throws IllegalArgumentException if it is damaged, or has what is not supported
    static <T> T use(String where, MemorySegment bytes, Function<Hdf5, T> body) {
        long most = Integer.MAX_VALUE;
        Require.that(bytes.byteSize() <= most, "%s: %s bytes, expected at most %s", where, bytes.byteSize(), most);
        try (HdfFile file = HdfFile.fromByteBuffer(bytes.asByteBuffer())) {
            return body.apply(new Hdf5(file, bytes.byteSize()));
        } catch (Refused e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError | NoClassDefFoundError e) {
            // The library lets whatever a damaged file leads to through: indices, casts, lengths below 0.
            throw new IllegalArgumentException(where + ": not a sound HDF5 file: " + message(e), e);
        }
    }

    private static String message(Throwable e) {
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    /// An error whose message is for the reader as it is.
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /// That something holds of the file.
    @SuppressWarnings("AnnotateFormatMethod") // As Require.
    static void check(boolean condition, String message, Object... details) {
        if (!condition) {
            throw new Refused(message.formatted(details));
        }
    }

    // ---- attributes ----

    /// A node's texts by that name, which can be a list, or a text alone.
    Optional<List<String>> texts(String path, String name) {
        Attribute attribute = node(path).getAttribute(name);
        // A list without anything in it is one of no kind.
        if (attribute == null || attribute.isEmpty() || attribute.getSize() == 0) {
            return Optional.empty();
        }
        check(attribute.getSizeInBytes() <= size, "attribute %s: larger than the file", name);
        return Optional.of(
                switch (attribute.getData()) {
                    case String text -> List.of(text);
                    case String[] list -> List.of(list);
                    case Object[] list ->
                        Arrays.stream(list).map(String::valueOf).toList();
                    case null -> List.of();
                    case Object other -> List.of(other.toString());
                });
    }

    private Node node(String path) {
        return path.isEmpty() ? file : file.getByPath(path);
    }

    /// Whether there is a group of that path.
    boolean hasGroup(String path) {
        return group(path).isPresent();
    }

    private Optional<Group> group(String path) {
        Group group = file;
        for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
            Node child = group.getChildren().get(name);
            if (child == null || child.isLink() || !(child instanceof Group next)) {
                return Optional.empty();
            }
            group = next;
        }
        return Optional.of(group);
    }

    // ---- data sets ----

    /// All data sets below a group, by their paths.
    Map<String, StoredTensor> datasets(String path) {
        Map<String, StoredTensor> found = new LinkedHashMap<>();
        int[] left = {MOST_NODES};
        group(path).ifPresent(group -> walk(group, path, 0, left, found));
        return found;
    }

    private void walk(Group group, String path, int depth, int[] left, Map<String, StoredTensor> found) {
        check(depth < MOST_DEPTH, "groups nested more than %s deep", MOST_DEPTH);
        for (Map.Entry<String, Node> child : group.getChildren().entrySet()) {
            check(--left[0] >= 0, "more than %s groups and data sets", MOST_NODES);
            String name = path.isEmpty() ? child.getKey() : path + "/" + child.getKey();
            if (!child.getValue().isLink()) {
                switch (child.getValue()) {
                    case Group inner -> walk(inner, name, depth + 1, left, found);
                    case Dataset dataset when dtype(dataset).isPresent() -> found.put(name, stored(name, dataset));
                    default -> {
                        // Texts and the like are no tensors.
                    }
                }
            }
        }
    }

    private StoredTensor stored(String name, Dataset dataset) {
        DType dtype = dtype(dataset).orElseThrow();
        int[] dimensions = dataset.isScalar() ? new int[0] : dataset.getDimensions();
        long elements = 1;
        for (int dimension : dimensions) {
            elements = Math.multiplyExact(elements, dimension);
        }
        long bytes = Math.multiplyExact(elements, dataset.getDataType().getSize());
        boolean filtered = !dataset.getFilters().isEmpty();
        long most = filtered ? Math.max(LEAST_ROOM, MOST_INFLATION * size) : size;
        check(bytes <= most, "data set %s: %s bytes, the file has %s", name, bytes, size);
        int width = dataset.getDataType().getSize() * Byte.SIZE;
        String kind = dtype.isFloating() ? "float" : "int";
        return new StoredTensor(name, Shape.of(dimensions), kind + width, dtype, bytes);
    }

    /// What the library reads elements as: those that Java does not have are wider.
    private static Optional<DType> dtype(Dataset dataset) {
        Class<?> type = dataset.getJavaType();
        boolean plain = !dataset.isCompound() && !dataset.isVariableLength() && !dataset.isEmpty();
        if (!plain) {
            return Optional.empty();
        }
        // Those of a number alone are objects.
        if (type == float.class || type == Float.class) {
            return Optional.of(DType.F32);
        }
        if (type == double.class || type == Double.class) {
            return Optional.of(DType.F64);
        }
        if (type == long.class || type == Long.class) {
            return Optional.of(DType.I64);
        }
        boolean isShort = Set.of(int.class, Integer.class, short.class, Short.class, byte.class, Byte.class)
                .contains(type);
        return isShort ? Optional.of(DType.I32) : Optional.empty();
    }

    /// The elements of a data set.
    Tensor read(StoredTensor tensor, String path) {
        Dataset dataset = file.getDatasetByPath(path);
        List<Integer> filters = new ArrayList<>();
        dataset.getFilters().forEach(filter -> filters.add(filter.getId()));
        check(FILTERS.containsAll(filters), "data set %s: filters %s, expected some of %s", path, filters, FILTERS);
        int count = tensor.shape().size();
        Buffer elements = count == 0
                ? Buffer.allocate(tensor.dtype(), 0)
                : elements(dataset.isScalar() ? dataset.getData() : dataset.getDataFlat(), path);
        check(elements.size() == count, "data set %s: %s elements, expected %s", path, elements.size(), count);
        return Tensor.of(elements, tensor.shape());
    }

    private static Buffer elements(Object data, String path) {
        return switch (data) {
            case float[] array -> Buffer.wrap(DType.F32, array.length, array);
            case double[] array -> Buffer.wrap(DType.F64, array.length, array);
            case long[] array -> Buffer.wrap(DType.I64, array.length, array);
            case int[] array -> Buffer.wrap(DType.I32, array.length, array);
            case short[] array -> integers(array.length, i -> array[i]);
            case byte[] array -> integers(array.length, i -> array[i]);
            case Float value -> elements(new float[] {value}, path);
            case Double value -> elements(new double[] {value}, path);
            case Long value -> elements(new long[] {value}, path);
            case Number value -> integers(1, i -> value.intValue());
            default -> throw new Refused("data set " + path + ": no numbers");
        };
    }

    private static Buffer integers(int count, IntUnaryOperator element) {
        return Buffer.wrap(
                DType.I32, count, IntStream.range(0, count).map(element).toArray());
    }
}
