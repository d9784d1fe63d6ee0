package fathom.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The lines of a UTF-8 text.
public final class TextLines {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private TextLines() {}

    /// The lines of a file, plain or compressed with gzip, without their ends (`\n`, `\r\n` or
    /// `\r`) and without a byte order mark.
    ///
    /// @throws IllegalArgumentException if a line is not UTF-8; the message names file and line
    /// @throws java.io.UncheckedIOException if the file cannot be read
    public static List<String> read(Path file) {
        return of(Gzip.read(file), file.toString());
    }

    /// The lines of a text.
    ///
    /// @param name what to call it in errors
    static List<String> of(byte[] bytes, String name) {
        return text(bytes, name).lines().toList();
    }

    /// A text as it is, line ends and all.
    static String text(byte[] bytes, String name) {
        try {
            String text = decode(bytes, 0, bytes.length);
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(name + ":" + firstBadLine(bytes) + ": not UTF-8", e);
        }
    }

    private static String decode(byte[] bytes, int from, int length) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, from, length))
                .toString();
    }

    private static int firstBadLine(byte[] bytes) {
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                starts.add(i + 1);
            }
        }
        starts.add(bytes.length);
        for (int line = 1; line < starts.size(); line++) {
            int from = starts.get(line - 1);
            try {
                decode(bytes, from, starts.get(line) - from);
            } catch (CharacterCodingException e) {
                return line;
            }
        }
        return starts.size() - 1;
    }
}
