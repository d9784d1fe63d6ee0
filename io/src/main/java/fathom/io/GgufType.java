package fathom.io;

import fathom.tensor.DType;
import java.util.Arrays;
import java.util.Optional;

/// How a GGUF file stores elements: as they are, or in blocks with a common scale.
enum GgufType {
    F32(0, 1, 4, DType.F32),
    F16(1, 1, 2, DType.F16),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    I32(26, 1, 4, DType.I32),
    I64(27, 1, 8, DType.I64),
    F64(28, 1, 8, DType.F64),
    BF16(30, 1, 2, DType.BF16);

    private final int code;
    private final int block;
    private final int bytes;
    private final DType dtype;
    private final boolean isQuantized;

    GgufType(int code, int block, int bytes) {
        this(code, block, bytes, DType.F32, true);
    }

    GgufType(int code, int block, int bytes, DType dtype) {
        this(code, block, bytes, dtype, false);
    }

    GgufType(int code, int block, int bytes, DType dtype, boolean isQuantized) {
        this.code = code;
        this.block = block;
        this.bytes = bytes;
        this.dtype = dtype;
        this.isQuantized = isQuantized;
    }

    static Optional<GgufType> of(long code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    int code() {
        return code;
    }

    /// Elements that are stored together.
    int block() {
        return block;
    }

    /// Bytes of a block.
    int bytes() {
        return bytes;
    }

    /// What elements become.
    DType dtype() {
        return dtype;
    }

    boolean isQuantized() {
        return isQuantized;
    }
}
