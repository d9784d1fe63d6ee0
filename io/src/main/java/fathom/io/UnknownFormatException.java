package fathom.io;

import java.nio.file.Path;

/// A file that is of none of the formats that were looked for. The message ends with these, so that who
/// reads others besides may add them.
public final class UnknownFormatException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    UnknownFormatException(Path file, String formats) {
        super(file + ": of no known format, expected one of: " + formats);
    }
}
