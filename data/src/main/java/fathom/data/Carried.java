package fathom.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// A file inside this module.
///
/// @param file its path from this package on
/// @param sha256 what its bytes must add up to
record Carried(String file, String sha256) {
    /// The file's bytes.
    ///
    /// @throws IllegalStateException if the file is missing or damaged
    byte[] bytes() {
        byte[] bytes = unchecked();
        Checksum.sha256(sha256).check(file, bytes);
        return bytes;
    }

    /// The file's bytes, unzipped if it is compressed with gzip.
    ///
    /// @throws IllegalStateException if the file is missing or damaged
    byte[] unzipped() {
        try (InputStream in = Gzip.unzipped(new ByteArrayInputStream(bytes()))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// The file's bytes, for a caller that compares the checksum itself.
    byte[] unchecked() {
        try (InputStream in = Carried.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the module fathom.data lacks its file " + file + ": build it again");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
