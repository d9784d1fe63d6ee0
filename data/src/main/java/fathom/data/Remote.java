package fathom.data;

import fathom.ir.Require;
import java.net.URI;

/// A file that is downloaded when it is asked for.
///
/// @param path where it is kept below the cache's folder, such as `multi30k/train.en.gz`
/// @param address where it comes from
/// @param sha256 what its bytes must add up to, 64 hexadecimal digits
public record Remote(String path, URI address, String sha256) {
    public Remote {
        boolean inside = !path.isEmpty() && !path.startsWith("/") && !path.contains("..");
        Require.that(inside, "remote file: path '%s', expected one below the cache's folder", path);
        boolean digest = sha256.matches("[0-9a-f]{64}");
        Require.that(digest, "remote file: SHA-256 '%s', expected 64 hexadecimal digits", sha256);
    }
}
