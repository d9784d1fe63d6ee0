package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file of records that are all of one size, which may be larger than memory: it is mapped, so that
/// the operating system reads what a batch asks for and forgets it when it needs the room. Nothing of
/// it is on the heap.
///
/// ```
/// RawFile file = RawFile.of(Path.of("samples.bin"), 4 * 784 + 4);
/// Dataset set = Dataset.of(
///         file.samples(DType.F32, Shape.of(28, 28, 1), 0), file.samples(DType.I32, Shape.SCALAR, 4 * 784));
/// ```
///
/// @param path the file, which must not change while it is used
/// @param header bytes before the first record
/// @param recordBytes bytes of a record
public record RawFile(Path path, long header, long recordBytes) {
    public RawFile {
        Require.that(header >= 0, "%s: a header of %s bytes, expected 0 or more", path, header);
        Require.that(recordBytes >= 1, "%s: records of %s bytes, expected at least 1", path, recordBytes);
    }

    /// A file of records and nothing else.
    ///
    /// @param recordBytes bytes of a record
    public static RawFile of(Path path, long recordBytes) {
        return new RawFile(path, 0, recordBytes);
    }

    /// With bytes to be left out before the first record.
    public RawFile header(long bytes) {
        return new RawFile(path, bytes, recordBytes);
    }

    /// A part of each record. It is opened now, and closed when nobody reads from it any more.
    ///
    /// @param dtype of the elements, all but BOOL, which are little-endian and in row-major order
    /// @param sample the shape of one sample
    /// @param offset bytes before the sample in its record
    /// @throws IllegalArgumentException if the elements are BOOL, the sample does not lie in the record,
    ///   or the file is not a whole number of records, at least one and less than 2^31
    /// @throws UncheckedIOException if the file cannot be read
    public Samples samples(DType dtype, Shape sample, long offset) {
        boolean numbers = dtype != DType.BOOL;
        Require.that(numbers, "%s: samples of BOOL, expected numbers; U8 can be compared with 0", path);
        long bytes = (long) sample.size() * dtype.bytes();
        boolean inside = offset >= 0 && offset + bytes <= recordBytes;
        String outside = "%s: %s%s from byte %s on, expected it to lie in a record of %s bytes";
        Require.that(inside, outside, path, dtype, sample, offset, recordBytes);
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            long count = (size - header) / recordBytes;
            boolean whole = size > header && (size - header) % recordBytes == 0 && count <= Integer.MAX_VALUE;
            String message = "%s: %s bytes, expected %s and then a multiple of %s, below 2^31 records";
            Require.that(whole, message, path, size, header, recordBytes);
            MemorySegment records = channel.map(MapMode.READ_ONLY, header, size - header, Arena.ofAuto());
            return new Part(records, dtype, sample, offset, recordBytes, (int) count);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(path + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private record Part(MemorySegment records, DType dtype, Shape shape, long offset, long recordBytes, int count)
            implements Samples {
        @Override
        public void read(int[] indices, Buffer into) {
            ValueLayout elements = layout().withOrder(ByteOrder.LITTLE_ENDIAN);
            int width = shape.size();
            for (int row = 0; row < indices.length; row++) {
                long from = indices[row] * recordBytes + offset;
                MemorySegment.copy(records, elements, from, into.array(), row * width, width);
            }
        }

        private ValueLayout layout() {
            return switch (dtype) {
                case F32 -> ValueLayout.JAVA_FLOAT_UNALIGNED;
                case F64 -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
                case I32 -> ValueLayout.JAVA_INT_UNALIGNED;
                case I64 -> ValueLayout.JAVA_LONG_UNALIGNED;
                case F16, BF16 -> ValueLayout.JAVA_SHORT_UNALIGNED;
                // No BOOL: a byte of a file may be neither 0 nor 1.
                case U8, BOOL -> ValueLayout.JAVA_BYTE;
            };
        }
    }
}
