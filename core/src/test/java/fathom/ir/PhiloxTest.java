package fathom.ir;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PhiloxTest {
    /// The known answers that the authors publish with their implementation (Random123).
    @Test
    void knownAnswers() {
        var words = new int[4];
        Philox.block(0, 0, 0L, 0L, words);
        assertThat(words).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
        Philox.block(-1, -1, -1L, -1L, words);
        assertThat(words).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
        Philox.block(0xa4093822, 0x299f31d0, 0x85a308d3243f6a88L, 0x0370734413198a2eL, words);
        assertThat(words).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void wordsAreThoseOfTheBlock() {
        var words = new int[4];
        Philox.block(0x123456789ABCDEFL, 0xFEDCBA987654321L, words);
        for (int lane = 0; lane < 4; lane++) {
            assertThat(Philox.word(0x123456789ABCDEFL, 0xFEDCBA987654321L, lane))
                    .isEqualTo(words[lane]);
        }
    }

    @Test
    void bitsAreBalanced() {
        int ones = 0;
        for (int block = 0; block < 10_000; block++) {
            for (int lane = 0; lane < 4; lane++) {
                ones += Integer.bitCount(Philox.word(42, block, lane));
            }
        }
        // Six standard deviations of a fair coin.
        assertThat(ones).isBetween(640_000 - 3_394, 640_000 + 3_394);
    }
}
