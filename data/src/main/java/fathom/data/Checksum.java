package fathom.data;

import fathom.ir.Require;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// What a file's bytes must add up to.
///
/// @param algorithm how they are added up
/// @param digits the sum in hexadecimal digits
public record Checksum(Algorithm algorithm, String digits) {
    /// How bytes are added up.
    public enum Algorithm {
        /// Where a publisher gives nothing better: it tells damage, but no forgery.
        MD5("MD5", 32),
        /// Tells damage and forgery.
        SHA256("SHA-256", 64);

        private final String title;
        private final int digits;

        Algorithm(String title, int digits) {
            this.title = title;
            this.digits = digits;
        }

        @Override
        public String toString() {
            return title;
        }
    }

    public Checksum {
        boolean fits = digits.matches("[0-9a-f]{" + algorithm.digits + "}");
        Require.that(fits, "checksum: %s '%s', expected %s hexadecimal digits", algorithm, digits, algorithm.digits);
    }

    /// A SHA-256.
    public static Checksum sha256(String digits) {
        return new Checksum(Algorithm.SHA256, digits);
    }

    /// An MD5.
    public static Checksum md5(String digits) {
        return new Checksum(Algorithm.MD5, digits);
    }

    /// That of some bytes.
    static Checksum of(Algorithm algorithm, byte[] bytes) {
        return new Checksum(algorithm, hex(digest(algorithm).digest(bytes)));
    }

    /// That of a file by the same algorithm.
    Checksum of(Path file) throws IOException {
        MessageDigest digest = digest(algorithm);
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new Checksum(algorithm, hex(digest.digest()));
    }

    /// Compares that of a file's bytes with this one.
    ///
    /// @throws IllegalStateException if they differ
    void check(String file, byte[] bytes) {
        Checksum got = of(algorithm, bytes);
        if (!got.equals(this)) {
            throw new IllegalStateException(file + ": damaged: " + got + ", expected " + digits);
        }
    }

    private static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    private static MessageDigest digest(Algorithm algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.title);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no " + algorithm, e);
        }
    }

    /// The algorithm and the digits.
    @Override
    public String toString() {
        return algorithm + " " + digits;
    }
}
