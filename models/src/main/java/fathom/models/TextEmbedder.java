package fathom.models;

import fathom.data.text.EncodedBatch;
import fathom.data.text.Encoding;
import fathom.data.text.PretrainedTokenizer;
import fathom.ir.Require;
import fathom.nn.Modules;
import fathom.tensor.Compiled;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Makes vectors of length 1 of texts, whose products say how alike two texts are: a tokeniser and a model
/// from a folder or a file.
///
/// ```java
/// var embedder = TextEmbedder.load(folder);
/// float[][] vectors = embedder.embed(List.of("How do I bake bread?", "A recipe for loaves")).vectors();
/// ```
///
/// Texts of about the same length go through the model together, filled up to one length. The results do
/// not depend on that, but for models that are quantised as they run: these round a text by the largest
/// values of all that is computed with it. A [Builder#batchSize] of 1 keeps texts apart, and fills none up.
///
/// Several threads may use one embedder.
public final class TextEmbedder {
    private static final int USUAL_TOKENS = 512;
    private static final int USUAL_BATCH = 32;

    /// Rows are filled up to a multiple of this, so that a handful of compiled programs does for all lengths.
    private static final int LENGTHS = 16;

    /// Makes vectors `[N, width]` of tokens.
    @FunctionalInterface
    interface Encoder {
        Tensor vectors(EncodedBatch batch);
    }

    /// What became of some texts.
    ///
    /// @param vectors of length 1, one for each text
    /// @param tokens how many tokens of each text the model was given, without those that it wants around
    public record Embedded(float[][] vectors, int[] tokens) {}

    private final PretrainedTokenizer tokenizer;
    private final Encoder encoder;
    private final int most;
    private final int batchSize;

    private TextEmbedder(PretrainedTokenizer tokenizer, Encoder encoder, int most, int batchSize) {
        this.tokenizer = tokenizer.truncatedTo(most);
        this.encoder = encoder;
        this.most = most;
        this.batchSize = batchSize;
    }

    /// Reads a model as published: see [Builder].
    ///
    /// @throws IllegalArgumentException as [Builder#load]
    /// @throws UncheckedIOException if a file is not there, or cannot be read
    public static TextEmbedder load(Path model) {
        return of(model).load();
    }

    /// How a model is to be read.
    ///
    /// @param model a folder as for [SentenceEncoder#load], one with `model.onnx` in it, or an ONNX file
    public static Builder of(Path model) {
        return new Builder(model);
    }

    /// Where a model is, and what is to be otherwise than its files say.
    public static final class Builder {
        private final Path model;
        private @Nullable Path tokenizer;
        private @Nullable Pooling pooling;
        private int most;
        private int batchSize = USUAL_BATCH;

        private Builder(Path model) {
            this.model = model;
        }

        /// A file or folder as for [PretrainedTokenizer#load]. Otherwise it is the model's folder.
        public Builder tokenizer(Path tokenizer) {
            this.tokenizer = tokenizer;
            return this;
        }

        /// How vectors of tokens become one. Otherwise it is what the [Pooling#file] beside the model says,
        /// and the mean where there is none.
        public Builder pooling(Pooling pooling) {
            this.pooling = pooling;
            return this;
        }

        /// How many tokens a text may have, with those that the model wants around it; what is longer is
        /// cut off. Otherwise it is what the tokeniser's file says, and 512 if it does not.
        ///
        /// @throws IllegalArgumentException if that is not positive
        public Builder maximumTokens(int most) {
            Require.positive("embedder: a maximum of tokens of", most);
            this.most = most;
            return this;
        }

        /// How many texts go through the model together: 32 if not given.
        ///
        /// @throws IllegalArgumentException if that is not positive
        public Builder batchSize(int batchSize) {
            Require.positive("embedder: a batch size of", batchSize);
            this.batchSize = batchSize;
            return this;
        }

        /// Reads the files.
        ///
        /// @throws IllegalArgumentException if one is damaged or has what is not supported, or the model
        ///   takes other inputs than tokens, or fewer than the maximum
        /// @throws UncheckedIOException if one is not there, or cannot be read
        public TextEmbedder load() {
            if (!Files.exists(model)) {
                throw new UncheckedIOException(new NoSuchFileException(model + ": no such file or folder"));
            }
            boolean isFolder = Files.isDirectory(model);
            Path onnx = isFolder ? model.resolve("model.onnx") : model;
            Path folder = isFolder ? model : model.toAbsolutePath().resolveSibling("");
            PretrainedTokenizer tokens = PretrainedTokenizer.load(tokenizer == null ? folder : tokenizer);
            Pooling how = pooling == null ? pooling(folder) : pooling;
            int length = most > 0 ? most : tokens.maximum().orElse(USUAL_TOKENS);
            if (!isFolder || Files.isRegularFile(onnx)) {
                return new TextEmbedder(tokens, new OnnxEncoder(onnx, how), length, batchSize);
            }
            SentenceEncoder read = SentenceEncoder.load(model, how);
            int places = read.bert().context();
            Require.that(most <= places, "%s: a maximum of %s tokens, but it has %s places", model, most, places);
            Compiled compiled = Modules.compiled(read, in -> List.of(read.apply(in.get(0), in.get(1), in.get(2))));
            Encoder encoder = batch -> compiled.call(List.of(batch.ids(), batch.types(), batch.mask()))
                    .getFirst();
            return new TextEmbedder(tokens, encoder, Math.min(length, places), batchSize);
        }

        private static Pooling pooling(Path folder) {
            return Files.exists(Pooling.file(folder)) ? Pooling.read(folder) : Pooling.MEAN;
        }
    }

    /// Makes a vector of each text.
    ///
    /// @throws IllegalArgumentException if the model cannot take them
    public Embedded embed(List<String> texts) {
        List<Encoding> encodings = texts.stream().map(tokenizer::encoding).toList();
        float[][] vectors = new float[texts.size()][];
        int[] byLength = IntStream.range(0, vectors.length)
                .boxed()
                .sorted(Comparator.comparingInt(i -> encodings.get(i).length()))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int from = 0; from < byLength.length; from += batchSize) {
            int[] chosen = Arrays.copyOfRange(byLength, from, Math.min(from + batchSize, byLength.length));
            List<Encoding> together =
                    Arrays.stream(chosen).mapToObj(encodings::get).toList();
            float[][] some = rows(encoder.vectors(filled(together)));
            for (int i = 0; i < chosen.length; i++) {
                vectors[chosen[i]] = some[i];
            }
        }
        return new Embedded(
                vectors, encodings.stream().mapToInt(TextEmbedder::ofText).toArray());
    }

    /// As rows of one length, of which the last text is the longest.
    private EncodedBatch filled(List<Encoding> texts) {
        int longest = texts.getLast().length();
        int length = Math.min(Math.ceilDiv(longest, LENGTHS) * LENGTHS, most);
        return tokenizer.paddedTo(batchSize == 1 ? longest : length).padded(texts);
    }

    private static float[][] rows(Tensor vectors) {
        float[] all = vectors.toFloats();
        int width = vectors.dim(1);
        return IntStream.range(0, vectors.dim(0))
                .mapToObj(i -> Arrays.copyOfRange(all, i * width, (i + 1) * width))
                .toArray(float[][]::new);
    }

    private static int ofText(Encoding encoding) {
        int count = 0;
        for (boolean special : encoding.special()) {
            count += special ? 0 : 1;
        }
        return count;
    }
}
