package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.tensor.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TileShapeTest {
    /// 16 rows are two tiles of 8; of 12 and 12 a third would be in vain.
    @ParameterizedTest
    @CsvSource({
        "512, 16, 0",
        "512, 12, 12",
        "512, 20, 12",
        "512, 32, 24",
        "512, 128, 120",
        "512, 1, 0",
        "256, 16, 6",
        "256, 18, 18",
        "256, 5, 0",
        "256, 6, 6",
        "256, 0, 0"
    })
    void makesUpRowsOfTilesOfTwoHeights(int bits, int rows, int inHighTiles) {
        TileShape shape = TileShape.of(new Lanes(DType.F32, bits));

        assertThat(shape.rowsInHighTiles(rows)).isEqualTo(inHighTiles);
    }
}
