package fathom.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BufferTest {
    @ParameterizedTest
    @EnumSource(DType.class)
    void keepsWhatFitsInEveryDtype(DType dtype) {
        Buffer b = Buffer.allocate(dtype, 3);
        b.setDouble(1, 1);
        assertThat(b.getDouble(0)).isZero();
        assertThat(b.getDouble(1)).isEqualTo(1);
        assertThat(Buffer.wrap(dtype, 2, b.array()).getDouble(1)).isEqualTo(1);
    }

    @Test
    void bytesAreUnsigned() {
        Buffer b = Buffer.wrap(DType.U8, 1, new byte[] {-1});
        assertThat(b.getLong(0)).isEqualTo(255);
        assertThat(b.getDouble(0)).isEqualTo(255);
    }

    @Test
    void anotherArrayIsRefused() {
        assertThatThrownBy(() -> Buffer.wrap(DType.F32, 3, new float[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("buffer: an array of type float[] cannot hold 3 elements of F32");
        assertThatThrownBy(() -> Buffer.wrap(DType.F32, 2, new double[2])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Buffer.allocate(DType.F32, 1).getLong(0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("F32");
    }

    /// Values, and the nearest bfloat16 of eight significant bits, ties to even.
    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "-2.5, -2.5",
        "1.00390625, 1",
        "1.01171875, 1.015625",
        "1.0040, 1.0078125",
        "3.39e38, 3.3895314e38",
        "3.4e38, Infinity",
        "Infinity, Infinity",
        "-Infinity, -Infinity",
        "NaN, NaN",
        "1e-40, 9.1835e-41"
    })
    void bfloat16(float value, float nearest) {
        float back = Halves.bfloat16ToFloat(Halves.floatToBfloat16(value));
        if (Float.isNaN(nearest)) {
            assertThat(back).isNaN();
        } else {
            assertThat(back).isCloseTo(nearest, org.assertj.core.data.Percentage.withPercentage(1e-4));
        }
    }

    @Test
    void everyBfloat16SurvivesBeingAFloat() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float value = Halves.bfloat16ToFloat((short) bits);
            short back = Halves.floatToBfloat16(value);
            assertThat(Float.isNaN(value) || back == (short) bits).isTrue();
            assertThat(Float.isNaN(value)).isEqualTo(Float.isNaN(Halves.bfloat16ToFloat(back)));
        }
    }
}
