package fathom.guide;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.Adler32;
import java.util.zip.CRC32;

/// A small image in colour, each pixel a square, with words above and below.
///
/// @param title stands above
/// @param below stands below; empty for nothing
/// @param rows the height in pixels of the image
/// @param columns the width in pixels of the image
/// @param png the image as a PNG file in Base64
/// @param square how large a pixel is drawn
public record Photo(String title, String below, int rows, int columns, String png, double square) implements Picture {
    private static final double TOP = 26;
    private static final double LINE = 20;
    private static final double LETTER = 7.5;
    private static final int COLOURS = 3;
    private static final int WHITE = 255;
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    /// The most bytes of a block that is not compressed.
    private static final int BLOCK = 65_535;

    /// An image whose pixels are drawn 3 pixels wide.
    ///
    /// @param image `[H, W, 3]`, red, green and blue from 0 to 1; what is outside is brought to the nearer end
    /// @throws IllegalArgumentException if it has another shape, or more than some 20,000 pixels
    public static Photo of(String title, Tensor image) {
        boolean fits = image.rank() == COLOURS && image.dim(2) == COLOURS;
        Require.that(fits, "photo '%s': %s, expected [H, W, 3]", title, image.type());
        int rows = image.dim(0);
        int columns = image.dim(1);
        byte[] lines = lines(image.toDoubles(), rows, columns * COLOURS);
        Require.that(lines.length <= BLOCK, "photo '%s': %s bytes, expected at most %s", title, lines.length, BLOCK);
        String png = Base64.getEncoder().encodeToString(png(lines, rows, columns));
        return new Photo(title, "", rows, columns, png, 3);
    }

    /// With words below.
    public Photo below(String words) {
        return new Photo(title, words, rows, columns, png, square);
    }

    /// With pixels of another size.
    public Photo square(double pixels) {
        return new Photo(title, below, rows, columns, png, pixels);
    }

    /// Row by row, each behind a 0, which says that it is written as it is.
    private static byte[] lines(double[] colours, int rows, int across) {
        byte[] lines = new byte[rows * (1 + across)];
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < across; i++) {
                double bounded = Math.clamp(colours[row * across + i], 0, 1);
                lines[row * (1 + across) + 1 + i] = (byte) Math.rint(bounded * WHITE);
            }
        }
        return lines;
    }

    /// Not compressed, so that it has the same bytes whatever compresses on a machine.
    private static byte[] png(byte[] lines, int rows, int columns) {
        Adler32 sum = new Adler32();
        sum.update(lines);
        ByteBuffer stream = ByteBuffer.allocate(lines.length + 11).order(ByteOrder.LITTLE_ENDIAN);
        stream.put((byte) 0x78).put((byte) 0x01).put((byte) 1);
        stream.putShort((short) lines.length).putShort((short) ~lines.length).put(lines);
        stream.order(ByteOrder.BIG_ENDIAN).putInt((int) sum.getValue());
        ByteBuffer header = ByteBuffer.allocate(13).putInt(columns).putInt(rows);
        header.put((byte) 8).put((byte) 2); // 8 bits for each of red, green and blue
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        file.writeBytes(chunk("IHDR", header.array()));
        file.writeBytes(chunk("IDAT", stream.array()));
        file.writeBytes(chunk("IEND", new byte[0]));
        return file.toByteArray();
    }

    private static byte[] chunk(String name, byte[] content) {
        byte[] named = ByteBuffer.allocate(4 + content.length)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .array();
        CRC32 check = new CRC32();
        check.update(named);
        return ByteBuffer.allocate(8 + named.length)
                .putInt(content.length)
                .put(named)
                .putInt((int) check.getValue())
                .array();
    }

    @Override
    public double width() {
        return Math.max(columns * square, Math.max(title.length(), below.length()) * LETTER);
    }

    @Override
    public double height() {
        return TOP + rows * square + (below.isEmpty() ? 0 : LINE);
    }

    @Override
    public String content() {
        Svg svg = new Svg().text("title", 0, 18, "start", title).image(0, TOP, columns * square, rows * square, png);
        return below.isEmpty()
                ? svg.toString()
                : svg.text("", 0, TOP + rows * square + 15, "start", below).toString();
    }
}
