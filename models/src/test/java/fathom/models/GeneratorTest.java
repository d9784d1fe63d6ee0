package fathom.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.data.text.Tokenizer;
import fathom.data.text.Vocabulary;
import fathom.nn.KeyValueCache;
import fathom.nn.generate.BeamSearch;
import fathom.nn.generate.Sampling;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
    @TempDir
    private static Path folder;

    private static Llama model;

    @BeforeAll
    static void load() throws IOException {
        model = Llama.load(Tiny.folder(folder, Tiny.CONFIGURATION, Tiny.weights()));
    }

    /// The likeliest next token, by reading all tokens anew.
    private static int next(List<Integer> tokens) {
        int[] all = tokens.stream().mapToInt(i -> i).toArray();
        return (int) model.apply(Tensor.of(all, 1, all.length))
                .at(1, all.length - 1)
                .argmax(-1)
                .item();
    }

    @Test
    void greedyTokensAreThoseOfReadingAllAnew() {
        List<Integer> all = new ArrayList<>(List.of(7, 2));
        for (int i = 0; i < 20; i++) {
            all.add(next(all));
        }
        assertThat(Generator.of(model).most(20).generate(7, 2))
                .containsExactly(all.subList(2, 22).stream().mapToInt(i -> i).toArray());
    }

    /// Through caches that grow from 128 places to 256 and then to all.
    @Test
    void itEndsWhereTheContextIsFull() {
        int[] tokens = Generator.of(model).generate(7, 2);
        // The last one need not be read.
        assertThat(tokens).hasSize(Tiny.CONTEXT - 2 + 1);
        List<Integer> all = new ArrayList<>(List.of(7, 2));
        Arrays.stream(tokens).forEach(all::add);
        assertThat(tokens[tokens.length - 1]).isEqualTo(next(all.subList(0, Tiny.CONTEXT)));
        assertThat(tokens[200]).isEqualTo(next(all.subList(0, 202)));
    }

    /// A model that notes how many steps were in the caches each time that it was asked.
    private record Noting(Llama inner, boolean looks, List<Integer> lengths) implements LanguageModel {
        @Override
        public int vocabulary() {
            return inner.vocabulary();
        }

        @Override
        public int context() {
            return inner.context();
        }

        @Override
        public Tensor forward(Tensor tokens) {
            return inner.apply(tokens);
        }

        @Override
        public List<KeyValueCache> caches(int samples, int capacity) {
            return inner.caches(samples, capacity);
        }

        @Override
        public Read read(Tensor tokens, List<KeyValueCache> caches) {
            lengths.add(looks ? caches.getFirst().length() : 0);
            return inner.read(tokens, caches);
        }

        @Override
        public Tensor logits(Tensor vectors) {
            return inner.logits(vectors);
        }
    }

    @Test
    void theGraphIsBuiltOnceForTheBeginningAndOnceForAllSteps() {
        Noting noting = new Noting(model, false, new ArrayList<>());
        int[] tokens = Generator.of(noting).most(20).generate(7, 2);
        assertThat(tokens).containsExactly(Generator.of(model).most(20).generate(7, 2));
        assertThat(noting.lengths).hasSize(2);
    }

    @Test
    void aStepForWhichACacheHasNoRoomIsAnError() {
        CompiledSteps steps = new CompiledSteps(model);
        Tensor two = Tensor.of(new int[] {7, 2}, 1, 2);
        List<KeyValueCache> read = steps.next(two, 2, model.caches(1, 3)).caches();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> steps.next(two, 2, read))
                .withMessage("next: 2 tokens, expected up to 1");
    }

    @Test
    void aModelThatLooksAtTheLengthOfACacheIsAskedEachTime() {
        Noting looking = new Noting(model, true, new ArrayList<>());
        int[] tokens = Generator.of(looking).most(5).generate(7, 2);
        assertThat(tokens).containsExactly(Generator.of(model).most(5).generate(7, 2));
        assertThat(looking.lengths).containsExactly(0, 2, 3, 4, 5);
    }

    @Test
    void theSameSeedGivesTheSameTokens() {
        Generator drawn =
                Generator.of(model).sampling(Sampling.of().temperature(2)).most(30);
        int[] first = drawn.seed(1).generate(5);
        assertThat(drawn.seed(1).generate(5)).containsExactly(first);
        assertThat(drawn.seed(2).generate(5)).isNotEqualTo(first);
    }

    @Test
    void itEndsAtAnEndButNotTooEarly() {
        Generator drawn =
                Generator.of(model).sampling(Sampling.of().temperature(5)).most(20);
        int[] tokens = drawn.generate(7, 2);
        // One that comes after others.
        int at = IntStream.range(2, tokens.length)
                .filter(i -> Arrays.stream(tokens, 0, i).noneMatch(token -> token == tokens[i]))
                .findFirst()
                .orElseThrow();
        Generator ending = drawn.ends(tokens[at]);
        assertThat(ending.generate(7, 2)).containsExactly(Arrays.copyOf(tokens, at));
        assertThat(ending.least(20).generate(7, 2)).hasSize(20).doesNotContain(tokens[at]);
    }

    @Test
    void tokensComeOneByOne() {
        var tokens = Generator.of(model).most(2).tokens(7);
        assertThat(tokens.hasNext()).isTrue();
        assertThat(tokens.hasNext()).isTrue();
        int first = tokens.nextInt();
        assertThat(first).isEqualTo(next(List.of(7)));
        tokens.nextInt();
        assertThat(tokens.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(tokens::nextInt);
    }

    @Test
    void aBeamOfOneIsGreedy() {
        int[] greedy = Generator.of(model).most(6).generate(7, 2);
        List<BeamSearch.Found> found = Generator.of(model).search(BeamSearch.of(1, 6), 7, 2);
        assertThat(found.getFirst().tokens())
                .containsExactly(Arrays.stream(greedy).boxed().toArray(Integer[]::new));
    }

    /// The log-probability that a search gives is that of reading all at once.
    @Test
    void beamsHaveTheProbabilitiesOfTheModel() {
        List<BeamSearch.Found> found = Generator.of(model).search(BeamSearch.of(4, 5), 7, 2);
        assertThat(found).hasSize(4);
        for (BeamSearch.Found f : found) {
            int[] all = {7, 2, 0, 0, 0, 0, 0};
            for (int i = 0; i < 5; i++) {
                all[i + 2] = f.tokens().get(i);
            }
            Tensor logs = model.apply(Tensor.of(all, 1, 7)).logSoftmax(-1).at(0, 0);
            double sum = 0;
            for (int i = 0; i < 5; i++) {
                sum += logs.at(0, i + 1).at(0, all[i + 2]).item();
            }
            assertThat(f.logProbability()).isCloseTo(sum, within(1e-3));
        }
    }

    /// A token for each byte, so that letters beyond ASCII are several.
    private static final class Bytes implements Tokenizer {
        @Override
        public Vocabulary vocabulary() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> tokens(String text) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String text(List<String> tokens) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(int... ids) {
            byte[] bytes = new byte[ids.length];
            for (int i = 0; i < ids.length; i++) {
                bytes[i] = (byte) ids[i];
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    @Test
    void lettersAreGivenWhole() {
        TextStream stream = new TextStream(new Bytes(), new int[] {'A'});
        List<String> pieces = new ArrayList<>();
        for (byte b : "ä€😀b".getBytes(StandardCharsets.UTF_8)) {
            pieces.add(stream.add(b & 0xff));
        }
        assertThat(pieces).containsExactly("", "ä", "", "", "€", "", "", "", "😀", "b");
        assertThat(stream.add(0xc3)).isEmpty();
        assertThat(stream.rest()).isEqualTo("\uFFFD");
        assertThat(stream.all()).isEqualTo("ä€😀b\uFFFD");
    }

    @Test
    void textsAreGivenPieceByPiece() {
        StringBuilder pieces = new StringBuilder();
        String text = Generator.of(model).most(8).text(new Bytes(), new int[] {7, 2}, pieces::append);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] tokens = Generator.of(model).most(8).generate(7, 2);
        assertThat(bytes).hasSize(8);
        for (int i = 0; i < bytes.length; i++) {
            assertThat(bytes[i]).isEqualTo((byte) tokens[i]);
        }
        assertThat(pieces.toString()).isEqualTo(text);
    }

    @Test
    void whatCannotBeGoneOnWithIsAnError() {
        Generator generator = Generator.of(model);
        assertThatIllegalArgumentException()
                .isThrownBy(generator::generate)
                .withMessage("generator: a beginning of 0 tokens, expected 1 to 300");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.generate(new int[301]))
                .withMessageContaining("301 tokens");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.generate(20))
                .withMessage("generator: token 20, expected 0 to 19");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> generator.search(BeamSearch.of(2, 300), 1))
                .withMessageContaining("1 and 300 tokens, expected up to 300 together");
    }
}
