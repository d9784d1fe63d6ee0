package fathom.cli.picture;

import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// The glyph outlines of a TrueType font, as shapes.
///
/// AWT draws text only where the system's font libraries and some font are installed, which a bare
/// server or container does not have; it fills shapes everywhere. So text in pictures is drawn as
/// shapes, and looks the same on every machine. Advances are the font's own, without kerning.
final class TrueType {
    private static final int ON_CURVE = 1;
    private static final int X_SHORT = 2;
    private static final int Y_SHORT = 4;
    private static final int REPEAT = 8;
    private static final int X_SAME_OR_POSITIVE = 16;
    private static final int Y_SAME_OR_POSITIVE = 32;

    private static final int WORD_ARGUMENTS = 1;
    private static final int HAS_SCALE = 8;
    private static final int MORE_COMPONENTS = 32;
    private static final int HAS_TWO_SCALES = 64;
    private static final int HAS_MATRIX = 128;

    private final ByteBuffer bytes;
    private final Map<String, Integer> tables = new HashMap<>();
    private final int unitsPerEm;
    private final boolean longOffsets;
    private final int measuredGlyphs;
    private final int characterMap;
    private final Map<Integer, Path2D.Double> outlines = new HashMap<>();

    /// Reads a font from a resource beside this class.
    ///
    /// @throws IllegalStateException if there is no such resource
    static TrueType resource(String name) {
        try (InputStream in = TrueType.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the font " + name + " is missing from this build");
            }
            return new TrueType(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    TrueType(byte[] font) {
        bytes = ByteBuffer.wrap(font);
        int count = unsigned(4);
        for (int i = 0; i < count; i++) {
            int entry = 12 + 16 * i;
            tables.put(new String(font, entry, 4, StandardCharsets.US_ASCII), bytes.getInt(entry + 8));
        }
        unitsPerEm = unsigned(table("head") + 18);
        longOffsets = bytes.getShort(table("head") + 50) != 0;
        measuredGlyphs = unsigned(table("hhea") + 34);
        characterMap = unicodeMap();
    }

    /// How wide the text is at a size, in pixels.
    double width(String text, double size) {
        return text.codePoints().mapToDouble(c -> advance(glyph(c))).sum() * size / unitsPerEm;
    }

    /// The outline of the text with its baseline starting at (x, y); y grows downwards.
    Shape outline(String text, double size, double x, double y) {
        Path2D.Double all = new Path2D.Double(Path2D.WIND_NON_ZERO);
        double scale = size / unitsPerEm;
        double pen = x;
        for (int c : text.codePoints().toArray()) {
            int glyph = glyph(c);
            AffineTransform place = new AffineTransform(scale, 0, 0, -scale, pen, y);
            all.append(place.createTransformedShape(outline(glyph)), false);
            pen += advance(glyph) * scale;
        }
        return all;
    }

    private int advance(int glyph) {
        return unsigned(table("hmtx") + 4 * Math.min(glyph, measuredGlyphs - 1));
    }

    private Path2D.Double outline(int glyph) {
        Path2D.Double known = outlines.get(glyph);
        if (known == null) {
            known = readOutline(glyph);
            outlines.put(glyph, known);
        }
        return known;
    }

    private Path2D.Double readOutline(int glyph) {
        Path2D.Double path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        int at = table("glyf") + offset(glyph);
        if (offset(glyph) == offset(glyph + 1)) {
            return path;
        }
        int contours = bytes.getShort(at);
        if (contours >= 0) {
            readContours(path, at + 10, contours);
        } else {
            readComponents(path, at + 10);
        }
        return path;
    }

    private int offset(int glyph) {
        return longOffsets ? bytes.getInt(table("loca") + 4 * glyph) : 2 * unsigned(table("loca") + 2 * glyph);
    }

    private void readContours(Path2D.Double path, int start, int contours) {
        if (contours == 0) {
            return;
        }
        int at = start + 2 * contours;
        int points = unsigned(at - 2) + 1;
        at += 2 + unsigned(at);
        int[] flags = new int[points];
        for (int i = 0; i < points; i++) {
            flags[i] = bytes.get(at++) & 0xff;
            if ((flags[i] & REPEAT) != 0) {
                int more = bytes.get(at++) & 0xff;
                for (; more > 0; more--, i++) {
                    flags[i + 1] = flags[i];
                }
            }
        }
        int[] x = new int[points];
        int[] y = new int[points];
        at = readCoordinates(x, flags, at, X_SHORT, X_SAME_OR_POSITIVE);
        readCoordinates(y, flags, at, Y_SHORT, Y_SAME_OR_POSITIVE);
        int first = 0;
        for (int c = 0; c < contours; c++) {
            int last = unsigned(start + 2 * c);
            trace(path, flags, x, y, first, last);
            first = last + 1;
        }
    }

    private int readCoordinates(int[] out, int[] flags, int start, int isShort, int same) {
        int at = start;
        int value = 0;
        for (int i = 0; i < out.length; i++) {
            boolean positive = (flags[i] & same) != 0;
            if ((flags[i] & isShort) != 0) {
                int step = bytes.get(at++) & 0xff;
                value += positive ? step : -step;
            } else if (!positive) {
                value += bytes.getShort(at);
                at += 2;
            }
            out[i] = value;
        }
        return at;
    }

    /// One closed contour of quadratic curves. Between two control points there is an implied point
    /// on the curve, halfway.
    private static void trace(Path2D.Double path, int[] flags, int[] x, int[] y, int first, int last) {
        int n = last - first + 1;
        if (n < 2) {
            return;
        }
        boolean firstOn = (flags[first] & ON_CURVE) != 0;
        boolean lastOn = (flags[last] & ON_CURVE) != 0;
        double startX = firstOn ? x[first] : lastOn ? x[last] : (x[first] + x[last]) / 2.0;
        double startY = firstOn ? y[first] : lastOn ? y[last] : (y[first] + y[last]) / 2.0;
        path.moveTo(startX, startY);
        for (int k = firstOn ? 1 : 0; k < n; k++) {
            int i = first + k;
            if ((flags[i] & ON_CURVE) != 0) {
                path.lineTo(x[i], y[i]);
                continue;
            }
            if (k == n - 1) {
                path.quadTo(x[i], y[i], startX, startY);
            } else if ((flags[i + 1] & ON_CURVE) != 0) {
                path.quadTo(x[i], y[i], x[i + 1], y[i + 1]);
                k++;
            } else {
                path.quadTo(x[i], y[i], (x[i] + x[i + 1]) / 2.0, (y[i] + y[i + 1]) / 2.0);
            }
        }
        path.closePath();
    }

    private void readComponents(Path2D.Double path, int start) {
        int at = start;
        int flags;
        do {
            flags = unsigned(at);
            int glyph = unsigned(at + 2);
            at += 4;
            boolean words = (flags & WORD_ARGUMENTS) != 0;
            double dx = words ? bytes.getShort(at) : bytes.get(at);
            double dy = words ? bytes.getShort(at + 2) : bytes.get(at + 1);
            at += words ? 4 : 2;
            double[] m = {1, 0, 0, 1};
            if ((flags & HAS_SCALE) != 0) {
                m[0] = m[3] = fixed(at);
                at += 2;
            } else if ((flags & HAS_TWO_SCALES) != 0) {
                m[0] = fixed(at);
                m[3] = fixed(at + 2);
                at += 4;
            } else if ((flags & HAS_MATRIX) != 0) {
                for (int i = 0; i < 4; i++) {
                    m[i] = fixed(at + 2 * i);
                }
                at += 8;
            }
            AffineTransform place = new AffineTransform(m[0], m[1], m[2], m[3], dx, dy);
            path.append(place.createTransformedShape(outline(glyph)), false);
        } while ((flags & MORE_COMPONENTS) != 0);
    }

    /// The segmented character map (format 4), which every text font has.
    private int unicodeMap() {
        int cmap = table("cmap");
        int count = unsigned(cmap + 2);
        for (int i = 0; i < count; i++) {
            int at = cmap + bytes.getInt(cmap + 8 + 8 * i);
            if (unsigned(at) == 4) {
                return at;
            }
        }
        throw new IllegalArgumentException("font without a character map of format 4");
    }

    private int glyph(int character) {
        int twice = unsigned(characterMap + 6);
        int ends = characterMap + 14;
        int starts = ends + twice + 2;
        for (int i = 0; i < twice; i += 2) {
            if (character > unsigned(ends + i)) {
                continue;
            }
            int first = unsigned(starts + i);
            if (character < first) {
                return 0;
            }
            int delta = unsigned(starts + twice + i);
            int rangeAt = starts + 2 * twice + i;
            int range = unsigned(rangeAt);
            if (range == 0) {
                return (character + delta) & 0xffff;
            }
            int glyph = unsigned(rangeAt + range + 2 * (character - first));
            return glyph == 0 ? 0 : (glyph + delta) & 0xffff;
        }
        return 0;
    }

    private int table(String name) {
        Integer at = tables.get(name);
        if (at == null) {
            throw new IllegalArgumentException("font without the table " + name);
        }
        return at;
    }

    private int unsigned(int at) {
        return bytes.getShort(at) & 0xffff;
    }

    private double fixed(int at) {
        return bytes.getShort(at) / 16384.0;
    }
}
