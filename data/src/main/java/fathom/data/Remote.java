package fathom.data;

import fathom.ir.Require;
import java.net.URI;

/// A file that is downloaded when it is asked for.
///
/// @param path where it is kept below the cache's folder, such as `multi30k/train.en.gz`
/// @param address where it comes from
/// @param checksum what its bytes must add up to
public record Remote(String path, URI address, Checksum checksum) {
    public Remote {
        boolean inside = !path.isEmpty() && !path.startsWith("/") && !path.contains("..");
        Require.that(inside, "remote file: path '%s', expected one below the cache's folder", path);
    }
}
