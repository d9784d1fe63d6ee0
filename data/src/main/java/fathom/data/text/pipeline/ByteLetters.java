package fathom.data.text.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Bytes written as printable characters, as GPT-2 has it: those that are printable in Latin-1 stand
/// for themselves, all others are, in order, the characters from 256 on. A space is `Ġ`.
public final class ByteLetters {
    private static final int BYTES = 256;
    private static final String[] LETTERS = letters();
    private static final int[] VALUES = values();

    private ByteLetters() {}

    private static String[] letters() {
        String[] letters = new String[BYTES];
        int next = BYTES;
        for (int b = 0; b < BYTES; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= '¡' && b <= '¬' || b >= '®' && b <= 'ÿ';
            letters[b] = Character.toString(printable ? b : next++);
        }
        return letters;
    }

    private static int[] values() {
        int[] values = new int[2 * BYTES];
        Arrays.fill(values, -1);
        for (int b = 0; b < BYTES; b++) {
            values[LETTERS[b].charAt(0)] = b;
        }
        return values;
    }

    /// The letters of the bytes 0 to 255.
    public static List<String> all() {
        return List.of(LETTERS);
    }

    /// The letter of a byte.
    public static String letter(byte value) {
        return LETTERS[value & 0xff];
    }

    /// The byte that a character stands for, or -1.
    public static int value(int letter) {
        return letter < VALUES.length ? VALUES[letter] : -1;
    }

    /// The letters of a text's UTF-8 bytes.
    static String of(String text) {
        StringBuilder letters = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            letters.append(letter(b));
        }
        return letters.toString();
    }
}
