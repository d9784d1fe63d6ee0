package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.ir.Typing.Type;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// An array from a file in the IDX format, in which MNIST and its relatives are published.
///
/// All numbers are big-endian: two zero bytes, one byte for the element type, one for the number of
/// axes, four for the size of each axis, then the elements in row-major order and nothing more.
///
/// @param shape the sizes of the axes
/// @param elements U8, I32 (also for 8- and 16-bit signed integers), F32 or F64
public record Idx(Shape shape, Buffer elements) {
    private static final int BUFFER = 1 << 16;
    private static final int MAGIC_BYTES = 4;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    /// Deflate cannot make data smaller than one byte in this many.
    private static final long MOST_COMPRESSION = 1032;

    /// Reads a file, plain or compressed with gzip.
    ///
    /// @throws IllegalArgumentException if it is not a whole, undamaged IDX file; the message names
    ///   the file, what was expected and what was found
    /// @throws UncheckedIOException if the file cannot be read
    public static Idx read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, Files.size(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// Reads the bytes of a file, plain or compressed with gzip.
    ///
    /// @param name what to call it in errors
    /// @throws IllegalArgumentException as [#read(Path)]
    public static Idx read(byte[] bytes, String name) {
        try (InputStream in = new ByteArrayInputStream(bytes)) {
            return read(in, bytes.length, name);
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// The array as a tensor.
    public Tensor toTensor() {
        return Tensor.of(elements, shape);
    }

    Type type() {
        return new Type(shape, elements.dtype());
    }

    private static Idx read(InputStream raw, long size, String name) throws IOException {
        InputStream in = new BufferedInputStream(raw, BUFFER);
        if (!Gzip.isCompressed(in)) {
            return parse(in, size, name);
        }
        try (InputStream unzipped = new GZIPInputStream(in, BUFFER)) {
            return parse(unzipped, size * MOST_COMPRESSION, name);
        } catch (EOFException | ZipException e) {
            throw new IllegalArgumentException(
                    name + ": truncated or damaged, expected a whole gzip file: " + e.getMessage(), e);
        }
    }

    /// @param most an upper bound on the bytes that can come, so that a wrong size in the header
    ///   does not make us ask for memory that will never be filled
    private static Idx parse(InputStream in, long most, String name) throws IOException {
        byte[] magic = header(in, MAGIC_BYTES, name);
        String message = "%s: starts with bytes %02x %02x, expected 00 00 as in every IDX file";
        Require.that(magic[0] == 0 && magic[1] == 0, message, name, magic[0], magic[1]);
        int type = magic[2];
        int width = width(type, name);
        ByteBuffer sizes = ByteBuffer.wrap(header(in, (magic[3] & 0xff) * Integer.BYTES, name));
        int[] dims = new int[magic[3] & 0xff];
        Arrays.setAll(dims, i -> sizes.getInt());
        Shape shape = shape(dims, name);
        long expected = (long) shape.size() * width;
        String large = "%s: %s bytes of elements for shape %s, expected at most %s";
        Require.that(expected <= LARGEST_ARRAY, large, name, expected, shape, LARGEST_ARRAY);
        byte[] bytes = new byte[(int) Math.min(expected, most)];
        int found = in.readNBytes(bytes, 0, bytes.length);
        String truncated = "%s: truncated: %s bytes of elements, expected %s for shape %s";
        Require.that(found == expected, truncated, name, found, expected, shape);
        String more = "%s: more bytes after the elements, expected exactly %s for shape %s";
        Require.that(in.read() < 0, more, name, expected, shape);
        return new Idx(shape, elements(type, bytes));
    }

    private static byte[] header(InputStream in, int length, String name) throws IOException {
        byte[] bytes = in.readNBytes(length);
        String message = "%s: truncated: the header ends after %s bytes, expected %s";
        Require.that(bytes.length == length, message, name, bytes.length, length);
        return bytes;
    }

    private static int width(int type, String name) {
        return switch (type) {
            case 0x08, 0x09 -> 1;
            case 0x0b -> 2;
            case 0x0c, 0x0d -> 4;
            case 0x0e -> 8;
            default ->
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "%s: element type 0x%02x, expected 0x08 (unsigned byte), 0x09"
                                + " (byte), 0x0b (short), 0x0c (int), 0x0d (float) or"
                                + " 0x0e (double)",
                        name,
                        type));
        };
    }

    private static Shape shape(int[] dims, String name) {
        try {
            return Shape.of(dims);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    private static Buffer elements(int type, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        return switch (type) {
            case 0x08 -> Buffer.wrap(DType.U8, bytes.length, bytes);
            case 0x09 -> {
                int[] values = new int[bytes.length];
                Arrays.setAll(values, i -> bytes[i]);
                yield Buffer.wrap(DType.I32, values.length, values);
            }
            case 0x0b -> {
                int[] values = new int[bytes.length / Short.BYTES];
                Arrays.setAll(values, i -> in.getShort(i * Short.BYTES));
                yield Buffer.wrap(DType.I32, values.length, values);
            }
            case 0x0c -> {
                int[] values = new int[bytes.length / Integer.BYTES];
                in.asIntBuffer().get(values);
                yield Buffer.wrap(DType.I32, values.length, values);
            }
            case 0x0d -> {
                float[] values = new float[bytes.length / Float.BYTES];
                in.asFloatBuffer().get(values);
                yield Buffer.wrap(DType.F32, values.length, values);
            }
            default -> {
                double[] values = new double[bytes.length / Double.BYTES];
                in.asDoubleBuffer().get(values);
                yield Buffer.wrap(DType.F64, values.length, values);
            }
        };
    }
}
