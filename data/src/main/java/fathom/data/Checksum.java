package fathom.data;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 of files.
final class Checksum {
    private Checksum() {}

    /// Compares a file's SHA-256 with the one it should have.
    ///
    /// @throws IllegalStateException if they differ
    static void check(String file, byte[] bytes, String expected) {
        String got = hex(digest().digest(bytes));
        if (!got.equals(expected)) {
            throw new IllegalStateException(file + ": damaged: SHA-256 " + got + ", expected " + expected);
        }
    }

    static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }

    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        }
    }
}
