package fathom.parity.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import fathom.data.text.EncodedBatch;
import fathom.data.text.PretrainedTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Assumptions;

/// The tokeniser of a file by the library of Hugging Face, and ours.
final class Reference implements AutoCloseable {
    private static final Map<String, String> PLAIN = Map.of("truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer theirs;
    private final PretrainedTokenizer ours;

    private Reference(HuggingFaceTokenizer theirs, PretrainedTokenizer ours) {
        this.theirs = theirs;
        this.ours = ours;
    }

    static Reference of(Path file) {
        return new Reference(load(file, PLAIN), PretrainedTokenizer.json(file).untruncated());
    }

    static Reference of(Path folder, String json) {
        try {
            return of(Files.writeString(Files.createTempFile(folder, "tokenizer", ".json"), json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Skips the test where there is no native library.
    static HuggingFaceTokenizer load(Path file, Map<String, String> options) {
        try {
            return HuggingFaceTokenizer.newInstance(file, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UnsatisfiedLinkError | IllegalStateException e) {
            Assumptions.abort("the native library of tokenizers does not load here: " + e.getMessage());
            throw e;
        }
    }

    PretrainedTokenizer ours() {
        return ours;
    }

    static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }

    /// Compares tokens with and without special ones, pairs, and the way back.
    void compare(List<String> texts) {
        SoftAssertions all = new SoftAssertions();
        String before = "the text before";
        for (String text : texts) {
            String name = text.length() > 200 ? text.substring(0, 200) + "…" : text;
            Encoding plain = theirs.encode(text, false, false);
            all.assertThat(ours.encode(text))
                    .as("ids of «%s» %s", name, codes(name))
                    .isEqualTo(ints(plain.getIds()));
            Encoding special = theirs.encode(text, true, false);
            fathom.data.text.Encoding encoding = ours.encoding(text);
            all.assertThat(encoding.ids()).as("special ids of «%s»", name).isEqualTo(ints(special.getIds()));
            all.assertThat(encoding.types()).as("types of «%s»", name).isEqualTo(ints(special.getTypeIds()));
            Encoding pair = theirs.encode(before, text, true, false);
            fathom.data.text.Encoding two = ours.encoding(before, text);
            all.assertThat(two.ids()).as("pair of «%s»", name).isEqualTo(ints(pair.getIds()));
            all.assertThat(two.types()).as("types of a pair of «%s»", name).isEqualTo(ints(pair.getTypeIds()));
            long[] ids = special.getIds();
            all.assertThat(ours.decode(ints(ids))).as("text of «%s»", name).isEqualTo(theirs.decode(ids, true));
            all.assertThat(ours.text(Arrays.stream(ints(ids))
                            .mapToObj(ours.vocabulary()::token)
                            .toList()))
                    .as("text of «%s» with special tokens", name)
                    .isEqualTo(theirs.decode(ids, false));
        }
        all.assertAll();
    }

    private static String codes(String text) {
        return text.length() > 30
                ? ""
                : text.codePoints().mapToObj("%x"::formatted).toList().toString();
    }

    /// Compares a batch as the file says that it is cut off and filled up.
    static void compareBatch(Path file, List<String> texts, PretrainedTokenizer ours, Map<String, String> options) {
        try (HuggingFaceTokenizer theirs = load(file, options)) {
            Encoding[] rows = theirs.batchEncode(texts, true, false);
            EncodedBatch batch = ours.batch(texts);
            assertThat(batch.ids().toInts())
                    .isEqualTo(Arrays.stream(rows)
                            .flatMapToInt(r -> Arrays.stream(ints(r.getIds())))
                            .toArray());
            assertThat(batch.types().toInts())
                    .isEqualTo(Arrays.stream(rows)
                            .flatMapToInt(r -> Arrays.stream(ints(r.getTypeIds())))
                            .toArray());
            assertThat(batch.mask().cast(fathom.tensor.DType.I32).toInts())
                    .isEqualTo(Arrays.stream(rows)
                            .flatMapToInt(r -> Arrays.stream(ints(r.getAttentionMask())))
                            .toArray());
        }
    }

    @Override
    public void close() {
        theirs.close();
    }
}
