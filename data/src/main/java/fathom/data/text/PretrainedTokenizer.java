package fathom.data.text;

import fathom.data.text.pipeline.GgufTokens;
import fathom.data.text.pipeline.SentencePieceFile;
import fathom.data.text.pipeline.TokenFiles;
import fathom.data.text.pipeline.TokenPipeline;
import fathom.data.text.pipeline.TokenPipeline.Encoded;
import fathom.data.text.pipeline.TokenPipeline.Rows;
import fathom.data.text.pipeline.TokenizerJson;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The tokeniser of a published model, read from its files: BERT's relatives, GPT-2's, Llama's, and all
/// that the library *tokenizers* of Hugging Face or SentencePiece have written of the same components.
///
/// [#encode] gives a text's tokens alone. What a model is to be given, with `[CLS]` or `<s>` where its
/// tokeniser puts those, is an [Encoding], and many texts are an [EncodedBatch].
public final class PretrainedTokenizer implements Tokenizer {
    private static final List<String> SENTENCE_PIECE =
            List.of("tokenizer.model", "spiece.model", "sentencepiece.bpe.model");

    private final TokenPipeline pipeline;
    private final Vocabulary vocabulary;

    private PretrainedTokenizer(TokenPipeline pipeline, Vocabulary vocabulary) {
        this.pipeline = pipeline;
        this.vocabulary = vocabulary;
    }

    private static PretrainedTokenizer of(TokenPipeline pipeline) {
        return new PretrainedTokenizer(pipeline, Vocabulary.of(pipeline.tokens()));
    }

    // ---- reading ----

    /// Reads the tokeniser of a model's folder, or of a file: `tokenizer.json`; SentencePiece's
    /// `*.model`; `vocab.json` with `merges.txt` beside it; `vocab.txt`, for which case and accents are
    /// dropped; `*.bin` of llama2.c. Of a folder, the first of these that is there.
    ///
    /// @throws IllegalArgumentException if there is none, or it is damaged, or has components that are
    ///   not supported; the message names all of them
    /// @throws java.io.UncheckedIOException if a file cannot be read
    public static PretrainedTokenizer load(Path path) {
        if (Files.isDirectory(path)) {
            List<String> names = new ArrayList<>(List.of("tokenizer.json"));
            names.addAll(SENTENCE_PIECE);
            names.addAll(List.of("vocab.json", "vocab.txt", "tokenizer.bin"));
            String found = names.stream()
                    .filter(name -> Files.exists(path.resolve(name)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(path + ": none of the files " + names));
            return load(path.resolve(found));
        }
        String name = String.valueOf(path.getFileName());
        if (name.endsWith(".model")) {
            return sentencePiece(path);
        }
        if (name.endsWith(".bin")) {
            return llama2c(path);
        }
        if (name.endsWith(".txt")) {
            return bert(path, true);
        }
        if (name.equals("vocab.json")) {
            return gpt2(path, path.resolveSibling("merges.txt"));
        }
        return json(path);
    }

    /// Reads `tokenizer.json`, whatever its name.
    ///
    /// @throws IllegalArgumentException if it is damaged, or has components that are not supported; the
    ///   message names all of them
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static PretrainedTokenizer json(Path file) {
        return of(TokenizerJson.read(file));
    }

    /// Reads BERT's `vocab.txt`.
    ///
    /// @param lowerCase whether case and accents are dropped; the file does not say
    /// @throws IllegalArgumentException if a piece comes twice, or one that BERT needs is missing
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static PretrainedTokenizer bert(Path vocabulary, boolean lowerCase) {
        return of(TokenFiles.bert(vocabulary, lowerCase));
    }

    /// Reads GPT-2's `vocab.json` and `merges.txt`.
    ///
    /// @throws IllegalArgumentException if a file holds something else; the message names it
    /// @throws java.io.UncheckedIOException if one cannot be read
    public static PretrainedTokenizer gpt2(Path vocabulary, Path merges) {
        return of(TokenFiles.gpt2(vocabulary, merges));
    }

    /// Reads a file of SentencePiece, of unigrams or byte pairs. It does not say what its model wants
    /// around texts, so that is nothing; see [#around].
    ///
    /// @throws IllegalArgumentException if it is damaged, or of another type
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static PretrainedTokenizer sentencePiece(Path file) {
        return of(SentencePieceFile.read(file));
    }

    /// Reads the `tokenizer.bin` of llama2.c.
    ///
    /// @throws IllegalArgumentException if it is damaged
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static PretrainedTokenizer llama2c(Path file) {
        return of(TokenFiles.llama2c(file));
    }

    /// Makes the tokeniser that a GGUF file has among its values, under `tokenizer.ggml.`: of the models `llama`,
    /// which is SentencePiece's byte pairs, and `gpt2`. Tokens of control that stand in a text are taken for what
    /// they say.
    ///
    /// @param where the file, for errors
    /// @param values by key: texts, [Long], [Double], [Boolean], and lists of these
    /// @throws IllegalArgumentException if the values are not a tokeniser's, or one's that is not supported
    public static PretrainedTokenizer gguf(String where, Map<String, ?> values) {
        return of(GgufTokens.of(where, values));
    }

    // ---- tokens ----

    /// The tokens and their numbers. A number that no token has, as some files leave out a few, has one
    /// such as `<none 17>` here.
    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /// A token's number, if it is one.
    public OptionalInt id(String token) {
        return vocabulary.contains(token) ? OptionalInt.of(vocabulary.id(token)) : OptionalInt.empty();
    }

    /// Whether a token tells the model something, such as `[SEP]`, and is no part of a text.
    public boolean isSpecial(int id) {
        return pipeline.isSpecial(id);
    }

    @Override
    public List<String> tokens(String text) {
        return Arrays.stream(encode(text)).mapToObj(vocabulary::token).toList();
    }

    /// The numbers of a text's tokens, all of them and nothing else.
    ///
    /// @throws IllegalArgumentException if something has no token, and nothing stands for unknown ones
    @Override
    public int[] encode(String text) {
        return pipeline.encode(text);
    }

    /// The text of some tokens, special ones too.
    @Override
    public String text(List<String> tokens) {
        return pipeline.text(tokens);
    }

    /// The text of some tokens, without special ones.
    ///
    /// @throws IllegalArgumentException if a number is not in the vocabulary
    @Override
    public String decode(int... ids) {
        return text(Arrays.stream(ids)
                .filter(id -> !isSpecial(id))
                .mapToObj(vocabulary::token)
                .toList());
    }

    // ---- what a model is given ----

    /// A text's tokens with what the model wants around them, cut off if they are to be.
    ///
    /// @throws IllegalArgumentException as [#encode], or if there is no room for any text
    public Encoding encoding(String text) {
        return encoding(pipeline.encode(text, null));
    }

    /// Two texts' tokens with what the model wants around and between them, cut off if they are to be.
    ///
    /// @throws IllegalArgumentException as [#encode], or if there is no room for any text
    public Encoding encoding(String first, String second) {
        return encoding(pipeline.encode(first, second));
    }

    private static Encoding encoding(Encoded encoded) {
        return new Encoding(encoded.ids(), encoded.types(), encoded.special());
    }

    /// Texts as rows, filled up to one length.
    ///
    /// @throws IllegalArgumentException as [#encoding(String)]
    public EncodedBatch batch(List<String> texts) {
        return rows(texts.stream().map(text -> pipeline.encode(text, null)).toList());
    }

    /// Pairs of texts as rows, filled up to one length.
    ///
    /// @throws IllegalArgumentException as [#encoding(String)], or if there are more of the one than of
    ///   the other
    public EncodedBatch batch(List<String> firsts, List<String> seconds) {
        int count = firsts.size();
        Require.that(count == seconds.size(), "batch: %s first texts and %s second ones", count, seconds.size());
        List<Encoded> sequences = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sequences.add(pipeline.encode(firsts.get(i), seconds.get(i)));
        }
        return rows(sequences);
    }

    /// Texts that were encoded before as rows, filled up to one length.
    public EncodedBatch padded(List<Encoding> encodings) {
        return rows(encodings.stream()
                .map(e -> new Encoded(e.ids(), e.types(), e.special()))
                .toList());
    }

    private EncodedBatch rows(List<Encoded> sequences) {
        Rows rows = pipeline.pad(sequences);
        int count = sequences.size();
        return new EncodedBatch(
                Tensor.of(rows.ids(), count, rows.length()),
                Tensor.of(rows.types(), count, rows.length()),
                Tensor.of(rows.mask(), count, rows.length()));
    }

    // ---- others ----

    /// One that cuts texts off, so that with what the model wants they have so many tokens at most.
    public PretrainedTokenizer truncatedTo(int length) {
        Require.positive("truncation: a length of", length);
        return new PretrainedTokenizer(pipeline.truncatedTo(length), vocabulary);
    }

    /// How many tokens a text has at most, with what the model wants around it; nothing if texts are not
    /// cut off.
    public OptionalInt maximum() {
        return pipeline.maximum();
    }

    /// One that cuts nothing off, whatever its file says.
    public PretrainedTokenizer untruncated() {
        return new PretrainedTokenizer(pipeline.untruncated(), vocabulary);
    }

    /// One that fills rows up to a length, unless one is longer.
    public PretrainedTokenizer paddedTo(int length) {
        Require.positive("padding: a length of", length);
        return new PretrainedTokenizer(pipeline.paddedTo(length), vocabulary);
    }

    /// One that fills rows up to the longest of a batch, whatever its file says.
    public PretrainedTokenizer paddedToLongest() {
        return new PretrainedTokenizer(pipeline.paddedTo(0), vocabulary);
    }

    /// One that puts tokens around each text instead of what its file says, such as `<s>` before it.
    ///
    /// @param before those before, or null for none
    /// @param after those after, or null for none
    /// @throws IllegalArgumentException if one is not in the vocabulary
    public PretrainedTokenizer around(@Nullable String before, @Nullable String after) {
        return new PretrainedTokenizer(pipeline.around(number(before), number(after)), vocabulary);
    }

    private List<Integer> number(@Nullable String token) {
        if (token == null) {
            return List.of();
        }
        Require.that(vocabulary.contains(token), "'%s' is none of the %s tokens", token, vocabulary.size());
        return List.of(vocabulary.id(token));
    }

    @Override
    public String toString() {
        return "tokenizer of " + vocabulary;
    }
}
