package fathom.data.text.pipeline;

import fathom.data.text.pipeline.Bpe.Characteristics;
import fathom.data.text.pipeline.Bpe.Merge;
import fathom.data.text.pipeline.SubwordModel.ByteTokens;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the model of a `tokenizer.json`: the tokens, and how a word is cut into them.
final class ModelJson {
    private final JsonValue json;
    private final Map<String, Integer> ids;
    private final SubwordModel model;

    ModelJson(JsonValue json, ComponentJson components) {
        this.json = json;
        String type = json.text("type", guess());
        this.ids = type.equals("Unigram") ? listed() : numbered();
        this.model = switch (type) {
            case "WordPiece" -> wordPiece();
            case "BPE" -> bpe(components);
            case "Unigram" -> unigram();
            case "WordLevel" -> new SubwordModel.WordLevel(ids, ids.get(json.text("unk_token", "<unk>")));
            default -> {
                components.unsupported("model", type);
                yield new SubwordModel.WordLevel(ids, null);
            }
        };
    }

    Map<String, Integer> ids() {
        return ids;
    }

    SubwordModel model() {
        return model;
    }

    /// Older files do not say what they have.
    private String guess() {
        if (!json.field("merges").isNull()) {
            return "BPE";
        }
        return json.field("vocab").isObject() ? "WordPiece" : "Unigram";
    }

    private Map<String, Integer> numbered() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        json.field("vocab").fields().forEach((token, id) -> numbers.put(token, id.integer()));
        return numbers;
    }

    private Map<String, Integer> listed() {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        for (JsonValue piece : json.field("vocab").items()) {
            if (piece.items().size() != 2) {
                throw piece.not("a piece and its score");
            }
            String token = piece.items().getFirst().text();
            Integer before = numbers.put(token, numbers.size());
            Require.that(before == null, "%s: piece '%s' comes twice", piece.where(), token);
        }
        return numbers;
    }

    private SubwordModel wordPiece() {
        String unknown = json.text("unk_token", "[UNK]");
        return new LongestMatch(
                ids,
                json.text("continuing_subword_prefix", "##"),
                SubwordModel.id(json.where(), ids, unknown),
                json.integer("max_input_chars_per_word", 100));
    }

    private SubwordModel unigram() {
        List<JsonValue> pieces = json.field("vocab").items();
        double[] scores = new double[pieces.size()];
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < scores.length; i++) {
            JsonValue score = pieces.get(i).items().getLast();
            scores[i] = score.number();
            Require.that(
                    Double.isFinite(scores[i]), "%s: a score of %s, expected a finite one", score.where(), scores[i]);
            least = Math.min(least, scores[i]);
        }
        JsonValue unknown = json.field("unk_id");
        return new Unigram(ids, scores, least, unknown.isNull() ? null : knownId(unknown), bytes(), false);
    }

    private int knownId(JsonValue id) {
        if (id.integer() < 0 || id.integer() >= ids.size()) {
            throw id.not("a token's number below " + ids.size());
        }
        return id.integer();
    }

    private @Nullable ByteTokens bytes() {
        return json.flag("byte_fallback", false) ? ByteTokens.of(ids) : null;
    }

    private SubwordModel bpe(ComponentJson components) {
        JsonValue dropout = json.field("dropout");
        if (!dropout.isNull() && dropout.number() != 0) {
            components.unsupported("model", "BPE with a dropout of " + dropout.value());
        }
        Optional<String> unknown = json.optionalText("unk_token");
        String inside = json.text("continuing_subword_prefix", "");
        Characteristics characteristics = new Characteristics(
                unknown.map(token -> SubwordModel.id(json.where(), ids, token)).orElse(null),
                json.flag("fuse_unk", false),
                bytes(),
                inside,
                json.text("end_of_word_suffix", ""),
                json.flag("ignore_merges", false),
                Map.of());
        List<List<String>> pairs = new ArrayList<>();
        for (JsonValue merge : json.field("merges").items()) {
            pairs.add(pair(merge));
        }
        return new Bpe(ids, merges(json.field("merges").where(), ids, pairs, inside), characteristics);
    }

    /// Two pieces, with a space between or as a list.
    private static List<String> pair(JsonValue json) {
        List<String> pair = json.isText()
                ? List.of(json.text().split(" ", -1))
                : json.items().stream().map(JsonValue::text).toList();
        if (pair.size() != 2) {
            throw json.not("two pieces");
        }
        return pair;
    }

    /// @param where for errors
    /// @param pairs of pieces, in the order in which they are merged
    /// @param inside what the second piece of a pair begins with
    static Map<Long, Merge> merges(String where, Map<String, Integer> ids, List<List<String>> pairs, String inside) {
        Map<Long, Merge> merges = new HashMap<>();
        int rank = 0;
        for (List<String> pair : pairs) {
            String left = pair.getFirst();
            String right = pair.getLast();
            int pieces = SubwordModel.id(where, ids, left);
            int rests = SubwordModel.id(where, ids, right);
            String rest = right.startsWith(inside) ? right.substring(inside.length()) : right;
            int merged = SubwordModel.id(where, ids, left + rest);
            merges.put(Bpe.pair(pieces, rests), new Merge(rank++, merged));
        }
        return merges;
    }
}
