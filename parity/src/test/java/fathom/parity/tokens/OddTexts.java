package fathom.parity.tokens;

import fathom.data.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/// Texts that tokenisers have trouble with, and ordinary ones.
final class OddTexts {
    private OddTexts() {}

    static List<String> all() {
        List<String> texts = new ArrayList<>(odd());
        texts.addAll(random(new Random(17)));
        texts.addAll(ordinary());
        return texts;
    }

    /// For a component alone, which is looked at in many variants.
    static List<String> few() {
        List<String> texts = new ArrayList<>(odd());
        texts.addAll(random(new Random(18)).subList(0, 60));
        return texts;
    }

    static List<String> odd() {
        return List.of(
                "",
                " ",
                "   ",
                "\n",
                "a",
                " a",
                "a ",
                "  two  spaces  ",
                "Hello, world! It's a test; isn't it? We'll see: they've 'got' it.",
                "I DON'T KNOW'S 'LL 'Re",
                "tab\tand\nnew line\r\nand\r return \u000b vertical \f form",
                "no\u00a0break\u2003em\u200bzero\u200djoin\ufeffbom\u3000ideographic\u2028line\u2029par\u0085nel",
                "control\u0000\u0001\u0007\u001b[0m\u007f\u0080\u009f end \ufffd \ufffe",
                "Ünïcödé ÀÉÎÕÜ ñ ß ŒŽ İstanbul ıI ΑΣ ΟΔΟΣ ﬁ ﬂ ½ ① Ⅳ ² ㎏",
                "combining e\u0301 a\u0308\u0323 o\u0302\u0301 \u0301alone Z\u0351\u036b\u0343\u036b\u0312",
                "漢字とひらがなカタカナ、한국어 텍스트。 中文文本！𠀀𪛖 豈 ﷺ",
                "العربية ١٢٣ עברית ไทยภาษา हिन्दी தமிழ் ქართული Ελληνικά Русский",
                "😀 👍🏽 👨‍👩‍👧‍👦 🇩🇪🇫🇷 ❤️ ☃ ✈︎ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 1️⃣",
                "numbers 1234567890 3.14159 1,000,000 0x1F 10^-3 ٣٤ ५ 一二三 12345678901234",
                "code: for(int i=0;i<10;++i){a[i]+=\"x\\n\";} // <html>&amp;</html>",
                "http://example.org/path?query=1&b=%20#frag user@example.com C:\\temp\\x",
                "<s> </s> <unk> [CLS] x [SEP] [MASK] [PAD] <|endoftext|> <|begin_of_text|> <0x0A> ▁ ▁▁x Ġ ##ing",
                "__init__ snake_case camelCase kebab-case ...... !!!??? ---- ~~~ ^^^ ``` $$$",
                "a" + "b".repeat(300) + " " + "x".repeat(99) + " " + "y".repeat(100) + " " + "z".repeat(101),
                "‘curly’ “quotes” – — … « » • † ‰ € £ ¥ © ® ™ ° ± × ÷",
                "ｆｕｌｌｗｉｄｔｈ　ＡＢＣ１２３ ｶﾀｶﾅ",
                "mixed日本語English混合text語",
                " leading\n\n\n   trailing   \n ",
                "don't  do not n't . , ? ! ' x",
                "\ud835\udd38\ud835\udd39 𝒜𝓑 ℵ ℝ ∑∫√ ≤≥≠",
                "Lone \u0345 \u1ab0 \u20d0 \ufe0f \u180e \u2060 \u061c");
    }

    /// Characters from everywhere.
    private static List<String> random(Random random) {
        List<String> texts = new ArrayList<>();
        int[][] blocks = {
            {0x20, 0x7e},
            {0xa0, 0x17f},
            {0x300, 0x36f},
            {0x370, 0x3ff},
            {0x400, 0x4ff},
            {0x4e00, 0x4fff},
            {0x2000, 0x206f},
            {0x1f600, 0x1f64f},
            {0xac00, 0xacff},
            {0xff01, 0xff5e},
            {0x9, 0xd},
            {0x3041, 0x30ff}
        };
        for (int i = 0; i < 100; i++) {
            int[] block = blocks[random.nextInt(blocks.length)];
            texts.add(IntStream.range(0, 1 + random.nextInt(40))
                    .map(k -> {
                        int[] b = random.nextInt(3) == 0 ? blocks[random.nextInt(blocks.length)] : block;
                        return random.nextInt(5) == 0 ? ' ' : b[0] + random.nextInt(b[1] - b[0] + 1);
                    })
                    .filter(Character::isDefined)
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining()));
        }
        return texts;
    }

    /// Sentences of the data sets beside the working copy, if there are any, and some of our own.
    static List<String> ordinary() {
        List<String> texts = new ArrayList<>();
        try {
            for (String file : List.of("train.de.gz", "train.en.gz", "train.fr.gz")) {
                Path path = shared("multi30k/" + file);
                if (Files.exists(path)) {
                    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(path))) {
                        new String(in.readNBytes(200_000), StandardCharsets.UTF_8)
                                .lines()
                                .limit(120)
                                .forEach(texts::add);
                    }
                }
            }
            Path plays = shared("tinyshakespeare/input.txt");
            if (Files.exists(plays)) {
                String text = Files.readString(plays);
                texts.add(text.substring(0, Math.min(text.length(), 20_000)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        texts.add(words(10_000));
        texts.add("The quick brown fox jumps over the lazy dog, again and again.");
        return texts;
    }

    static Path shared(String name) {
        return Path.of("../../shared/data").resolve(name);
    }

    /// So many words.
    static String words(int count) {
        Random random = new Random(3);
        return IntStream.range(0, count)
                .mapToObj(i -> random.ints(1 + random.nextInt(9), 'a', 'z' + 1)
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining()))
                .collect(Collectors.joining(" "));
    }

    /// How often each word occurs in the ordinary texts.
    static Map<String, Integer> counts(List<String> texts) {
        return Tokenizer.count(texts.stream()
                .flatMap(t -> Arrays.stream(t.split("\\s+")))
                .filter(w -> !w.isEmpty())
                .toList());
    }
}
