package fathom.io;

import java.nio.ByteBuffer;

/// What the first bytes of a PNG file say.
///
/// @param channels 1 grey, 2 grey and alpha, 3 colour, 4 colour and alpha
record Png(int width, int height, int channels) {
    private static final long SIGNATURE = 0x89504e470d0a1a0aL;
    private static final int HEADER = 0x49484452; // IHDR
    private static final int TYPE_AT = 12;
    private static final int WIDTH_AT = 16;
    private static final int HEIGHT_AT = 20;
    private static final int COLOUR_AT = 25;
    private static final int HEADER_END = 33;

    /// @throws IllegalArgumentException if the bytes are not those of a PNG file
    static Png of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_END || in.getLong(0) != SIGNATURE || in.getInt(TYPE_AT) != HEADER) {
            throw new IllegalArgumentException("image: " + bytes.length + " bytes that are no PNG file, expected one");
        }
        int channels = switch (in.get(COLOUR_AT)) {
            case 0 -> 1;
            case 4 -> 2;
            case 6 -> 4;
            default -> 3;
        };
        return new Png(in.getInt(WIDTH_AT), in.getInt(HEIGHT_AT), channels);
    }
}
