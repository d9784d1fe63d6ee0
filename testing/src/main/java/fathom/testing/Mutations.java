package fathom.testing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Damages files: bits, bytes, parts of them and what may be numbers in them.
final class Mutations {
    /// What fields of numbers are replaced with; small ones are written by chance, too.
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0x8000,
        0xffff,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        0xffffffffL,
        0x7fffffffL - 8,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MAX_VALUE - 7,
        0x7ff8000000000000L,
        0x7fc00000L,
        0x7f800000L
    };

    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "1",
            "2147483647",
            "2147483648",
            "-2147483648",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "1e999",
            "-0.5",
            "NaN",
            "null",
            "true",
            "\"\"",
            "[]",
            "{}",
            "99999999999999999999999999999999999999");

    /// Longest that a file becomes.
    private static final int MOST_BYTES = 1 << 18;

    private final SplittableRandom random;

    Mutations(long seed) {
        random = new SplittableRandom(seed);
    }

    /// One of the files, damaged once or a few times.
    byte[] next(List<byte[]> files) {
        byte[] bytes = files.get(random.nextInt(files.size()));
        do {
            bytes = once(bytes, files);
        } while (random.nextInt(3) > 0);
        return bytes.length > MOST_BYTES ? Arrays.copyOf(bytes, MOST_BYTES) : bytes;
    }

    private byte[] once(byte[] bytes, List<byte[]> files) {
        if (bytes.length == 0) {
            return random(1 + random.nextInt(16));
        }
        int at = random.nextInt(bytes.length);
        int length = 1 + random.nextInt(Math.min(bytes.length - at, random.nextInt(4) == 0 ? bytes.length : 16));
        return switch (random.nextInt(11)) {
            case 0, 1 -> flipped(bytes, at);
            case 2 -> joined(part(bytes, 0, at), random(length), part(bytes, at + length, bytes.length));
            case 3 -> random.nextInt(4) == 0 ? part(bytes, 0, at) : flipped(bytes, at);
            case 4 -> joined(part(bytes, 0, at), part(bytes, at + length, bytes.length));
            case 5 -> joined(part(bytes, 0, at + length), part(bytes, at, bytes.length));
            case 6 -> repeated(bytes, at, length);
            case 7, 8 -> number(bytes, at);
            case 9 -> digits(bytes, at);
            default -> spliced(bytes, at, length, files.get(random.nextInt(files.size())));
        };
    }

    private byte[] random(int length) {
        byte[] some = new byte[length];
        random.nextBytes(some);
        return some;
    }

    private byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << random.nextInt(8));
        return changed;
    }

    /// As nested lists and the like are made.
    private byte[] repeated(byte[] bytes, int at, int length) {
        int most = random.nextInt(8) == 0 ? MOST_BYTES / 4 : 256;
        int times = 1 + random.nextInt(Math.max(1, most / length));
        byte[] run = new byte[times * length];
        for (int i = 0; i < run.length; i++) {
            run[i] = bytes[at + i % length];
        }
        return joined(part(bytes, 0, at), run, part(bytes, at, bytes.length));
    }

    /// A number of 1, 2, 4 or 8 bytes in either order becomes an extreme one, or another by a little.
    private byte[] number(byte[] bytes, int at) {
        int width = Math.min(1 << random.nextInt(4), bytes.length - at);
        boolean isBig = random.nextInt(4) == 0;
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[at + i] & 0xffL) << 8 * (isBig ? width - 1 - i : i);
        }
        value = switch (random.nextInt(4)) {
            case 0 -> value + random.nextInt(-2, 3);
            case 1 -> bytes.length + (long) random.nextInt(-2, 3);
            default -> EXTREMES[random.nextInt(EXTREMES.length)];
        };
        byte[] changed = bytes.clone();
        for (int i = 0; i < width; i++) {
            changed[at + i] = (byte) (value >>> 8 * (isBig ? width - 1 - i : i));
        }
        return changed;
    }

    /// The next number that is written in digits becomes another one.
    private byte[] digits(byte[] bytes, int at) {
        int from = at;
        while (from < bytes.length && !isDigit(bytes[from])) {
            from++;
        }
        int to = from;
        while (to < bytes.length && isDigit(bytes[to])) {
            to++;
        }
        String number = NUMBERS.get(random.nextInt(NUMBERS.size()));
        return from == bytes.length
                ? flipped(bytes, at)
                : joined(
                        part(bytes, 0, from),
                        number.getBytes(StandardCharsets.US_ASCII),
                        part(bytes, to, bytes.length));
    }

    private static boolean isDigit(byte letter) {
        return letter >= '0' && letter <= '9';
    }

    /// A part becomes one of another file.
    private byte[] spliced(byte[] bytes, int at, int length, byte[] other) {
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        int to = Math.min(other.length, from + 1 + random.nextInt(64));
        return joined(part(bytes, 0, at), part(other, from, to), part(bytes, at + length, bytes.length));
    }

    static byte[] part(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    static byte[] joined(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
