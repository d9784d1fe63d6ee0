package fathom.data.text.pipeline;

import fathom.data.TextLines;
import fathom.data.text.pipeline.Bpe.Characteristics;
import fathom.data.text.pipeline.SubwordModel.ByteTokens;
import fathom.data.text.pipeline.TokenPipeline.Parts;
import fathom.ir.Require;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the files that hold tokens alone, and leave how texts are cut to the one who reads them.
public final class TokenFiles {
    private TokenFiles() {}

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// BERT's `vocab.txt`: a piece a line.
    ///
    /// @throws IllegalArgumentException if a piece comes twice, or one that BERT needs is missing
    /// @throws UncheckedIOException if it cannot be read
    public static TokenPipeline bert(Path file, boolean lowerCase) {
        String where = file.toString();
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (String piece : TextLines.read(file)) {
            Require.that(ids.putIfAbsent(piece, ids.size()) == null, "%s: '%s' comes twice", where, piece);
        }
        List<AddedToken> special = new ArrayList<>();
        for (String token : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
            special.add(AddedToken.special(token, SubwordModel.id(where, ids, token)));
        }
        Template template = Template.bert(SubwordModel.id(where, ids, "[CLS]"), SubwordModel.id(where, ids, "[SEP]"));
        return new TokenPipeline(new Parts(
                TokenList.of(where, ids),
                numbers(special),
                special,
                new Normalizer.Bert(true, true, lowerCase, lowerCase),
                PreTokenizer.bert(),
                new LongestMatch(ids, "##", SubwordModel.id(where, ids, "[UNK]"), 100),
                template,
                new Decoder.Pieces("##", true),
                null,
                null));
    }

    private static Set<Integer> numbers(List<AddedToken> tokens) {
        Set<Integer> numbers = new HashSet<>();
        tokens.forEach(token -> numbers.add(token.id()));
        return numbers;
    }

    /// GPT-2's `vocab.json` and `merges.txt`.
    ///
    /// @throws IllegalArgumentException if a file holds something else; the message names it
    /// @throws UncheckedIOException if one cannot be read
    public static TokenPipeline gpt2(Path vocabulary, Path merges) {
        String where = vocabulary.toString();
        Map<String, Integer> ids = new LinkedHashMap<>();
        JsonValue.read(vocabulary).fields().forEach((token, id) -> ids.put(token, id.integer()));
        List<List<String>> pairs = new ArrayList<>();
        List<String> lines = TextLines.read(merges);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.isEmpty() && !(i == 0 && line.startsWith("#version"))) {
                List<String> pair = List.of(line.split(" ", -1));
                Require.that(pair.size() == 2, "%s:%s: '%s', expected two pieces", merges, i + 1, line);
                pairs.add(pair);
            }
        }
        List<AddedToken> special = new ArrayList<>();
        Integer end = ids.get("<|endoftext|>");
        if (end != null) {
            special.add(AddedToken.special("<|endoftext|>", end));
        }
        return new TokenPipeline(new Parts(
                TokenList.of(where, ids),
                numbers(special),
                special,
                Normalizer.none(),
                new PreTokenizer.ByteLevel(PreTokenizer.gpt2Words(), false),
                new Bpe(ids, ModelJson.merges(merges.toString(), ids, pairs, ""), Characteristics.plain()),
                Template.plain(),
                new Decoder.ByteLevel(),
                null,
                null));
    }

    /// The `tokenizer.bin` of llama2.c: the length of the longest piece, and for each piece a score, a
    /// length and that many bytes; all little-endian. Pieces have spaces rather than marks, and the
    /// first three are for what is unknown, for the beginning and for the end.
    ///
    /// @throws IllegalArgumentException if it is damaged
    /// @throws UncheckedIOException if it cannot be read
    public static TokenPipeline llama2c(Path file) {
        String where = file.toString();
        ByteBuffer in = ByteBuffer.wrap(bytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        Require.that(in.remaining() >= Integer.BYTES, "%s: %s bytes, expected at least 4", where, in.remaining());
        int longest = in.getInt();
        Map<String, Integer> ids = new LinkedHashMap<>();
        List<Float> scores = new ArrayList<>();
        while (in.hasRemaining()) {
            int id = scores.size();
            String cut = "%s: piece %s: cut off";
            Require.that(in.remaining() >= Float.BYTES + Integer.BYTES, cut, where, id);
            float score = in.getFloat();
            int length = in.getInt();
            boolean fits = length >= 0 && length <= longest && length <= in.remaining();
            String message = "%s: piece %s of %s bytes, the longest is to have %s, and %s are left";
            Require.that(fits, message, where, id, length, longest, in.remaining());
            byte[] piece = new byte[length];
            in.get(piece);
            scores.add(score);
            String text = new String(piece, StandardCharsets.UTF_8);
            Require.that(ids.putIfAbsent(text, id) == null, "%s: piece '%s' comes twice", where, text);
        }
        int reserved = 3;
        Require.that(scores.size() > reserved, "%s: %s pieces, expected more than 3", where, scores.size());
        Map<String, Integer> normal = new LinkedHashMap<>();
        float[] byNumber = new float[scores.size()];
        ids.forEach((piece, id) -> {
            byNumber[id] = scores.get(id);
            if (id >= reserved && ByteTokens.value(piece) < 0) {
                normal.put(piece, id);
            }
        });
        Template.Slot start = new Template.Special(List.of(1), 0);
        return new TokenPipeline(new Parts(
                TokenList.of(where, ids),
                Set.of(0, 1, 2),
                List.of(),
                new Normalizer.Prepend(" "),
                PreTokenizer.none(),
                new Bpe(
                        normal,
                        ScoredPieces.merges(where, normal, byNumber),
                        new Characteristics(0, true, ByteTokens.of(ids), "", "", false, Map.of())),
                new Template(
                        List.of(start, new Template.Text(false, 0)),
                        List.of(start, new Template.Text(false, 0), new Template.Text(true, 0))),
                new Decoder.Sequence(
                        List.of(new Decoder.ByteFallback(), new Decoder.Fuse(), new Decoder.Strip(' ', 1, 0))),
                null,
                null));
    }
}
