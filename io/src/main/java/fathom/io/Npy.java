package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.stream.IntStream;

/// NumPy's files of one array, `*.npy`, in versions 1 to 3 of the format; see [Npz] for several.
///
/// Integers of 8 and 16 bits become I32, unsigned ones of 32 bits I64, but for U8; either order of bytes
/// and of axes is understood. Python objects are refused, as they could run code.
public final class Npy {
    private Npy() {}

    /// Reads a whole file.
    ///
    /// @throws IllegalArgumentException if it is not a sound NumPy file, or its elements are of a type that no
    ///   dtype can hold; the message names the file, what was found and expected
    /// @throws UncheckedIOException if the file cannot be read
    public static Tensor read(Path file) {
        return Reading.mapped(file, bytes -> read(file.toString(), bytes));
    }

    /// @param name for errors
    static Tensor read(String name, MemorySegment bytes) {
        long most = Math.min(bytes.byteSize(), NpyHeader.MOST_BYTES);
        NpyHeader header = NpyHeader.parse(name, bytes.asSlice(0, most).asByteBuffer());
        Shape shape = header.shape();
        long expected = header.length() + (long) shape.size() * header.type().width();
        String wrong = "%s: %s bytes, expected %s for %s elements of type %s: the file is damaged";
        boolean whole = bytes.byteSize() == expected;
        Require.that(
                whole,
                wrong,
                name,
                bytes.byteSize(),
                expected,
                shape,
                header.type().descr());
        Buffer elements = Buffer.allocate(header.type().dtype(), shape.size());
        header.type().read(bytes, header.length(), elements);
        ElementBytes.checkBooleans(name, elements);
        if (!header.isFortran()) {
            return Tensor.of(elements, shape);
        }
        int rank = shape.rank();
        int[] reversed = IntStream.range(0, rank).map(axis -> rank - 1 - axis).toArray();
        Shape stored = Shape.of(IntStream.of(reversed).map(shape::dim).toArray());
        return Tensor.of(elements, stored).permute(reversed).evaluate();
    }

    /// Writes a tensor, computing it first if need be. At every moment, even after a crash, the file has either
    /// the old content or the whole new one.
    ///
    /// @throws IllegalArgumentException if the dtype is BF16, which NumPy does not have
    /// @throws UncheckedIOException if the file cannot be written
    public static void write(Path file, Tensor tensor) {
        byte[] header = header(file.toString(), StoredTensor.of("", tensor));
        AtomicFile.write(
                file,
                channel -> write(
                        header,
                        tensor,
                        (bytes, length) -> AtomicFile.writeFully(channel, ByteBuffer.wrap(bytes, 0, length))));
    }

    /// @param name for errors
    static byte[] header(String name, StoredTensor tensor) {
        try {
            return NpyHeader.write(tensor.dtype(), tensor.shape());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    /// Takes the first bytes of an array.
    interface Sink {
        void write(byte[] bytes, int length) throws IOException;
    }

    static void write(byte[] header, Tensor tensor, Sink sink) throws IOException {
        sink.write(header, header.length);
        byte[] chunk = ElementBytes.newChunk();
        ElementBytes.forEachChunk(tensor.buffer(), chunk, length -> sink.write(chunk, length));
    }
}
