package fathom.cli.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.geom.Rectangle2D;
import org.junit.jupiter.api.Test;

class TrueTypeTest {
    private final TrueType font = TrueType.resource("fonts/Roboto-Regular.ttf");

    @Test
    void everyPrintableCharacterHasAnOutlineAboveItsBaseline() {
        for (char c = '!'; c <= '~'; c++) {
            Rectangle2D box = font.outline(String.valueOf(c), 100, 10, 200).getBounds2D();
            assertThat(box.isEmpty()).as("outline of %s", c).isFalse();
            assertThat(box.getMinY()).as("top of %s", c).isBetween(90.0, 200.0);
            assertThat(box.getMaxY()).as("bottom of %s", c).isBetween(100.0, 230.0);
            assertThat(box.getMinX()).as("left of %s", c).isBetween(5.0, 40.0);
        }
    }

    @Test
    void accentedLettersAreMadeOfTwoGlyphs() {
        double plain = font.outline("e", 100, 0, 0).getBounds2D().getHeight();
        double accented = font.outline("é", 100, 0, 0).getBounds2D().getHeight();
        assertThat(accented).isGreaterThan(plain * 1.2);
    }

    @Test
    void widthsAddUpAndScale() {
        assertThat(font.width("mm", 10)).isEqualTo(2 * font.width("m", 10));
        assertThat(font.width("m", 20)).isEqualTo(2 * font.width("m", 10));
        assertThat(font.width("i", 10)).isLessThan(font.width("m", 10));
        // Figures in columns stand under each other.
        assertThat(font.width("1", 10)).isEqualTo(font.width("8", 10));
    }

    @Test
    void capitalsAreAsHighAsTextIsCentredFor() {
        Rectangle2D box = font.outline("H", 100, 0, 0).getBounds2D();
        assertThat(box.getHeight()).isBetween(70.0, 72.0);
    }

    @Test
    void aMissingFontIsNamed() {
        assertThatThrownBy(() -> TrueType.resource("fonts/None.ttf"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("fonts/None.ttf");
    }
}
