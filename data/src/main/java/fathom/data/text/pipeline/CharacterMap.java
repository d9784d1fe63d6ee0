package fathom.data.text.pipeline;

import fathom.ir.Require;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// SentencePiece's table of characters and what is put in their place: a trie in two arrays in one (J.
/// Aoe: *An efficient digital search algorithm by using a double-array structure*, 1989; here in the
/// form of the library Darts), and the replacements, each with a zero byte at its end.
///
/// The layout is a length of four bytes, the trie in that many, the replacements; all little-endian.
final class CharacterMap {
    /// Longer groups of characters are not looked up as a whole.
    private static final int LONGEST_GROUP = 5;

    private final int[] units;
    private final byte[] replacements;

    private CharacterMap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /// @param where for errors
    /// @throws IllegalArgumentException if the lengths do not fit
    static CharacterMap of(String where, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long size = in.remaining() < Integer.BYTES ? -1 : Integer.toUnsignedLong(in.getInt());
        boolean fits = size > 0 && size % Integer.BYTES == 0 && size <= in.remaining();
        String message = "%s: a character map of %s bytes with a trie of %s";
        Require.that(fits, message, where, bytes.length, size);
        int[] units = new int[(int) size / Integer.BYTES];
        in.asIntBuffer().get(units);
        in.position(in.position() + (int) size);
        byte[] replacements = new byte[in.remaining()];
        in.get(replacements);
        return new CharacterMap(units, replacements);
    }

    /// What stands for a text that begins with a key of the table.
    ///
    /// @param bytes how many bytes of UTF-8 the key has
    private record Found(String replacement, int bytes) {}

    /// @param longest whether the longest key is wanted, or the shortest
    private @Nullable Found find(byte[] text, int from, int to, boolean longest) {
        int best = -1;
        int length = 0;
        int node = offset(unit(0));
        for (int i = from; i < to && text[i] != 0; i++) {
            int label = text[i] & 0xff;
            node ^= label;
            int unit = unit(node);
            if ((unit & 0x800000ff) != label) {
                break;
            }
            node ^= offset(unit);
            if ((unit >>> 8 & 1) == 1) {
                best = unit(node) & Integer.MAX_VALUE;
                length = i + 1 - from;
                if (!longest) {
                    break;
                }
            }
        }
        return best < 0 || best > replacements.length ? null : new Found(replacement(best), length);
    }

    /// A damaged table leads nowhere, but not out of the array.
    private int unit(int node) {
        return node >= 0 && node < units.length ? units[node] : Integer.MIN_VALUE;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private String replacement(int from) {
        int to = from;
        while (to < replacements.length && replacements[to] != 0) {
            to++;
        }
        return new String(replacements, from, to - from, StandardCharsets.UTF_8);
    }

    /// Replaces as SentencePiece does: at each place the longest key.
    ///
    /// @param whole texts that stay as they are
    /// @param out is told each step: what was there, and what takes its place
    void replaceLongest(String text, PrefixTable whole, Consumer<String> out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        int place = 0;
        while (place < text.length()) {
            long kept = whole.longest(text, place);
            String step;
            int chars;
            Found found = kept >= 0 ? null : find(bytes, at, bytes.length, true);
            if (found == null) {
                chars = kept >= 0 ? (int) (kept >>> Integer.SIZE) : Character.charCount(text.codePointAt(place));
                step = text.substring(place, place + chars);
                at += step.getBytes(StandardCharsets.UTF_8).length;
            } else {
                step = found.replacement();
                chars = new String(bytes, at, found.bytes(), StandardCharsets.UTF_8).length();
                at += found.bytes();
            }
            out.accept(step);
            place += chars;
        }
    }

    /// Replaces as the library of Hugging Face does: a group that looks like one character by the
    /// shortest key that it begins with, or else each of its characters.
    String replaceGroups(String text) {
        StringBuilder replaced = new StringBuilder(text.length());
        BreakIterator groups = BreakIterator.getCharacterInstance(Locale.ROOT);
        groups.setText(text);
        int from = 0;
        for (int to = groups.next(); to != BreakIterator.DONE; from = to, to = groups.next()) {
            String group = text.substring(from, to);
            byte[] bytes = group.getBytes(StandardCharsets.UTF_8);
            Found found = bytes.length > LONGEST_GROUP ? null : find(bytes, 0, bytes.length, false);
            if (found == null) {
                group.codePoints().mapToObj(Character::toString).forEach(c -> replaced.append(replaceOne(c)));
            } else {
                replaced.append(found.replacement());
            }
        }
        return replaced.toString();
    }

    private String replaceOne(String character) {
        byte[] bytes = character.getBytes(StandardCharsets.UTF_8);
        Found found = find(bytes, 0, bytes.length, false);
        return found == null ? character : found.replacement();
    }
}
