package fathom.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// A file in TensorFlow's record format, being written: each record is its length (eight bytes,
/// little-endian), a checksum of those, the bytes, and a checksum of those.
final class RecordFile implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int MASK_ROTATION = 15;

    private final OutputStream out;

    /// Creates the file.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException if it is there
    RecordFile(Path file) throws IOException {
        this.out = new BufferedOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), BUFFER);
    }

    void write(byte[] bytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
        head.order(ByteOrder.LITTLE_ENDIAN).putLong(bytes.length);
        head.putInt(maskedChecksum(head.array(), Long.BYTES));
        ByteBuffer tail = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        tail.putInt(maskedChecksum(bytes, bytes.length));
        out.write(head.array());
        out.write(bytes);
        out.write(tail.array());
    }

    /// The CRC-32C, masked as the format wants it: the checksum of data that contain a checksum
    /// would be weak.
    static int maskedChecksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Integer.rotateRight((int) crc.getValue(), MASK_ROTATION) + MASK_DELTA;
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
