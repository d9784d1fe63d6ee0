package fathom.ir;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {
    /// The known answers that come with Random123, for philox4x32 of ten rounds: counter, key,
    /// words.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    00000000 00000000 00000000 00000000 | 00000000 00000000 \
                    | 6627e8d5 e169c58d bc57ac4c 9b00dbd8
                    ffffffff ffffffff ffffffff ffffffff | ffffffff ffffffff \
                    | 408f276d 41c83b0e a20bc7c6 6d5451fd
                    243f6a88 85a308d3 13198a2e 03707344 | a4093822 299f31d0 \
                    | d16cfe09 94fdcceb 5001e420 24126ea1
                    """)
    void givesTheKnownAnswers(String counter, String key, String words) {
        int[] c = parse(counter);
        int[] k = parse(key);
        int[] actual = new int[4];
        Philox.block(k[0], k[1], join(c[0], c[1]), join(c[2], c[3]), actual);
        assertThat(actual).isEqualTo(parse(words));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "-1, 5", "1234567890123, 9876543210"})
    void aWordIsAWordOfTheBlock(long seed, long block) {
        int[] words = new int[4];
        Philox.block(seed, block, words);
        List<Integer> one = List.of(0, 1, 2, 3).stream()
                .map(l -> Philox.word(seed, block, l))
                .toList();
        assertThat(one).containsExactly(words[0], words[1], words[2], words[3]);
    }

    private static long join(int low, int high) {
        return low & 0xffffffffL | (long) high << 32;
    }

    private static int[] parse(String hex) {
        return Arrays.stream(hex.strip().split(" ", -1))
                .mapToInt(w -> Integer.parseUnsignedInt(w, 16))
                .toArray();
    }
}
