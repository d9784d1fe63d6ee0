package fathom.io;

/// Turns blocks of quantised elements into numbers. How a block is laid out is the format's, as its specification and
/// the names of its types say: in `Q4_0` 4 bits for each element and a scale; in those with `_1` also an offset; in
/// those with `_K` 256 elements in 8 or 16 parts, whose own scales are quantised, too.
final class GgufBlocks {
    /// Elements of a plain block.
    private static final int PLAIN = 32;

    /// Elements of a block of parts.
    private static final int LARGE = 256;

    private GgufBlocks() {}

    /// Decodes whole blocks.
    ///
    /// @param from where the first begins in `bytes`
    /// @param into from `at` on
    static void decode(GgufType type, byte[] bytes, int from, int blocks, float[] into, int at) {
        int place = from;
        int to = at;
        for (int i = 0; i < blocks; i++) {
            switch (type) {
                case Q8_0 -> eightBits(bytes, place, into, to);
                case Q4_0 -> fourBits(bytes, place + 2, half(bytes, place), -8 * half(bytes, place), into, to);
                case Q4_1 -> fourBits(bytes, place + 4, half(bytes, place), half(bytes, place + 2), into, to);
                case Q5_0 -> fiveBits(bytes, place + 2, half(bytes, place), -16 * half(bytes, place), into, to);
                case Q5_1 -> fiveBits(bytes, place + 4, half(bytes, place), half(bytes, place + 2), into, to);
                case Q4_K -> parts(bytes, place, place + 16, -1, into, to);
                case Q5_K -> parts(bytes, place, place + 48, place + 16, into, to);
                case Q6_K -> sixBits(bytes, place, into, to);
                case F32, F16, I32, I64, F64, BF16 -> throw new AssertionError(type);
            }
            place += type.bytes();
            to += type.block();
        }
    }

    private static float half(byte[] bytes, int at) {
        return Float.float16ToFloat((short) (bytes[at] & 0xff | bytes[at + 1] << 8));
    }

    private static void eightBits(byte[] bytes, int place, float[] into, int to) {
        float scale = half(bytes, place);
        for (int i = 0; i < PLAIN; i++) {
            into[to + i] = bytes[place + 2 + i] * scale;
        }
    }

    /// The first half of the elements lies in the lower bits, the second in the upper ones.
    private static void fourBits(byte[] bytes, int place, float scale, float offset, float[] into, int to) {
        for (int i = 0; i < PLAIN / 2; i++) {
            int two = bytes[place + i];
            into[to + i] = (two & 15) * scale + offset;
            into[to + PLAIN / 2 + i] = (two >> 4 & 15) * scale + offset;
        }
    }

    /// As four bits, with the fifth of all elements in front.
    private static void fiveBits(byte[] bytes, int place, float scale, float offset, float[] into, int to) {
        int fifth = (bytes[place] & 0xff)
                | (bytes[place + 1] & 0xff) << 8
                | (bytes[place + 2] & 0xff) << 16
                | bytes[place + 3] << 24;
        for (int i = 0; i < PLAIN / 2; i++) {
            int two = bytes[place + 4 + i];
            into[to + i] = (two & 15 | (fifth >> i & 1) << 4) * scale + offset;
            into[to + PLAIN / 2 + i] = (two >> 4 & 15 | (fifth >> i + PLAIN / 2 & 1) << 4) * scale + offset;
        }
    }

    /// Eight parts of 32 elements, each with a scale and an offset of six bits.
    ///
    /// @param place of the scale of scales, the scale of offsets, and those of the parts
    /// @param low where the lower four bits are
    /// @param fifth where the fifth bits are, or -1
    private static void parts(byte[] bytes, int place, int low, int fifth, float[] into, int to) {
        float scales = half(bytes, place);
        float offsets = half(bytes, place + 2);
        for (int part = 0; part < LARGE / PLAIN; part++) {
            float scale = scales * scale(bytes, place + 4, part);
            float offset = offsets * offset(bytes, place + 4, part);
            for (int i = 0; i < PLAIN; i++) {
                // Two parts share their bytes.
                int quant = bytes[low + part / 2 * PLAIN + i] >> part % 2 * 4 & 15;
                int more = fifth < 0 ? 0 : (bytes[fifth + i] >> part & 1) << 4;
                into[to + part * PLAIN + i] = scale * (quant | more) - offset;
            }
        }
    }

    /// The six bits of a part's scale. Of the twelve bytes four hold the first four scales in their lower bits, four
    /// the first four offsets, and four the lower bits of the others, whose upper two bits are those of the eight.
    private static int scale(byte[] bytes, int at, int part) {
        return part < 4 ? bytes[at + part] & 63 : bytes[at + part + 4] & 15 | (bytes[at + part - 4] >> 6 & 3) << 4;
    }

    private static int offset(byte[] bytes, int at, int part) {
        return part < 4 ? bytes[at + part + 4] & 63 : bytes[at + part + 4] >> 4 & 15 | (bytes[at + part] >> 6 & 3) << 4;
    }

    /// 128 bytes of lower four bits, 64 of upper two, 16 scales of eight bits, and their scale. Each half of the
    /// block has four runs of 32 elements: two share the bytes of lower bits, and all four those of upper ones.
    private static void sixBits(byte[] bytes, int place, float[] into, int to) {
        int high = place + LARGE / 2;
        int parts = high + LARGE / 4;
        float scale = half(bytes, parts + LARGE / 16);
        for (int i = 0; i < LARGE; i++) {
            int side = i / (LARGE / 2);
            int run = i / PLAIN % 4;
            int each = i % PLAIN;
            int lower = bytes[place + side * 64 + run % 2 * PLAIN + each] >> run / 2 * 4 & 15;
            int upper = bytes[high + side * PLAIN + each] >> run * 2 & 3;
            into[to + i] = scale * bytes[parts + i / 16] * ((lower | upper << 4) - 32);
        }
    }
}
