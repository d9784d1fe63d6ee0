package fathom.parity.tokens;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The text of a `tokenizer.json`, made of components.
///
/// @param added its tokens that are looked for in the text itself
/// @param model as JSON, as are all others, of which `null` is one
record TokenizerText(
        String added, String normalizer, String preTokenizer, String model, String postProcessor, String decoder) {
    static TokenizerText of(String normalizer, String preTokenizer, String model, String decoder) {
        return new TokenizerText("[]", normalizer, preTokenizer, model, "null", decoder);
    }

    TokenizerText withAdded(String... tokens) {
        String list = "[" + String.join(",", tokens) + "]";
        return new TokenizerText(list, normalizer, preTokenizer, model, postProcessor, decoder);
    }

    TokenizerText withPostProcessor(String json) {
        return new TokenizerText(added, normalizer, preTokenizer, model, json, decoder);
    }

    String json() {
        return """
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": %s, "normalizer": %s,
                 "pre_tokenizer": %s, "post_processor": %s, "decoder": %s, "model": %s}""".formatted(added, normalizer, preTokenizer, postProcessor, decoder, model);
    }

    static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    static String sequence(String name, String... components) {
        return "{\"type\": \"Sequence\", \"%s\": [%s]}".formatted(name, String.join(",", components));
    }

    /// A token that is looked for in the text itself.
    ///
    /// @param flags some of `single_word`, `lstrip`, `rstrip`, `normalized` and `special`
    static String addedToken(int id, String content, String flags) {
        String fields = List.of("single_word", "lstrip", "rstrip", "normalized", "special").stream()
                .map(name -> "\"%s\": %s".formatted(name, flags.contains(name)))
                .collect(Collectors.joining(", "));
        return "{\"id\": %s, \"content\": %s, %s}".formatted(id, quoted(content), fields);
    }

    static String vocabulary(Map<String, Integer> ids) {
        return ids.entrySet().stream()
                .map(e -> quoted(e.getKey()) + ":" + e.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    /// The model of byte pairs.
    ///
    /// @param asPairs whether a merge is a list of two, rather than one text
    /// @param more further fields
    static String bpe(Map<String, Integer> ids, List<List<String>> merges, boolean asPairs, String more) {
        String list = merges.stream()
                .map(m -> asPairs
                        ? "[" + quoted(m.getFirst()) + "," + quoted(m.getLast()) + "]"
                        : quoted(String.join(" ", m)))
                .collect(Collectors.joining(",", "[", "]"));
        return "{\"type\": \"BPE\", \"vocab\": %s, \"merges\": %s%s}".formatted(vocabulary(ids), list, more);
    }

    /// The letters that bytes are written with, as GPT-2 has them.
    static List<String> byteLetters() {
        List<String> letters = new ArrayList<>();
        int next = 256;
        for (int b = 0; b < 256; b++) {
            boolean printable = b > 32 && b < 127 || b > 160 && b != 173;
            letters.add(Character.toString(printable ? b : next++));
        }
        return letters;
    }

    /// A model in which each byte is a token, and the first of a word another one than the others: so
    /// the tokens show what the text was changed to and where it was cut.
    static String transparent() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        byteLetters().forEach(letter -> ids.put(letter, ids.size()));
        byteLetters().forEach(letter -> ids.put("##" + letter, ids.size()));
        return bpe(ids, List.of(), false, ", \"continuing_subword_prefix\": \"##\"");
    }

    // ---- learning ----

    /// Byte pairs learnt from words: the most frequent pair is merged first.
    ///
    /// @param merges their pairs, in that order
    record Learnt(Map<String, Integer> ids, List<List<String>> merges) {}

    /// @param words and how often they occur
    /// @param first tokens that there are in any case
    static Learnt learn(Map<String, Integer> words, List<String> first, int merges) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        first.forEach(token -> ids.putIfAbsent(token, ids.size()));
        Map<List<String>, Integer> pieces = new HashMap<>();
        words.forEach((word, count) -> {
            List<String> characters =
                    word.codePoints().mapToObj(Character::toString).toList();
            characters.forEach(c -> ids.putIfAbsent(c, ids.size()));
            pieces.merge(characters, count, Integer::sum);
        });
        List<List<String>> found = new ArrayList<>();
        while (found.size() < merges) {
            Map<List<String>, Integer> pairs = new HashMap<>();
            pieces.forEach((parts, count) -> {
                for (int i = 0; i + 1 < parts.size(); i++) {
                    pairs.merge(List.of(parts.get(i), parts.get(i + 1)), count, Integer::sum);
                }
            });
            List<String> best = pairs.entrySet().stream()
                    .max(Map.Entry.<List<String>, Integer>comparingByValue()
                            .thenComparing(e -> e.getKey().toString()))
                    .orElseThrow()
                    .getKey();
            found.add(best);
            ids.putIfAbsent(String.join("", best), ids.size());
            Map<List<String>, Integer> merged = new HashMap<>();
            pieces.forEach((parts, count) -> merged.merge(join(parts, best), count, Integer::sum));
            pieces.clear();
            pieces.putAll(merged);
        }
        return new Learnt(ids, found);
    }

    private static List<String> join(List<String> parts, List<String> pair) {
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (i + 1 < parts.size() && pair.equals(parts.subList(i, i + 2))) {
                joined.add(String.join("", pair));
                i++;
            } else {
                joined.add(parts.get(i));
            }
        }
        return joined;
    }

    /// Words with the mark of SentencePiece before them.
    static Map<String, Integer> marked(Map<String, Integer> words) {
        Map<String, Integer> marked = new HashMap<>();
        words.forEach((word, count) -> marked.merge("▁" + word, count, Integer::sum));
        return marked;
    }

    /// Words as letters of their bytes, with a space before.
    static Map<String, Integer> byteWords(Map<String, Integer> words) {
        List<String> letters = byteLetters();
        Map<String, Integer> spelled = new HashMap<>();
        words.forEach((word, count) -> {
            StringBuilder text = new StringBuilder();
            for (byte b : (" " + word).getBytes(StandardCharsets.UTF_8)) {
                text.append(letters.get(b & 0xff));
            }
            spelled.merge(text.toString(), count, Integer::sum);
        });
        return spelled;
    }

    /// The tokens of the 256 bytes.
    static List<String> byteTokens() {
        List<String> tokens = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            tokens.add("<0x%02X>".formatted(b));
        }
        return tokens;
    }

    /// Pieces and their logarithms of probability: all beginnings and ends of words that occur often,
    /// and characters.
    static Map<String, Double> pieces(Map<String, Integer> words, int most) {
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Integer> single = new HashMap<>();
        marked(words).forEach((word, count) -> {
            int[] characters = word.codePoints().toArray();
            for (int from = 0; from < characters.length; from++) {
                single.merge(new String(characters, from, 1), count, Integer::sum);
                for (int length = 2; length <= 8 && from + length <= characters.length; length++) {
                    counts.merge(new String(characters, from, length), count, Integer::sum);
                }
            }
        });
        Map<String, Integer> kept = new LinkedHashMap<>();
        single.entrySet().stream()
                .filter(e -> e.getValue() > 1)
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> kept.put(e.getKey(), e.getValue()));
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry::getKey))
                .limit(most)
                .forEach(e -> kept.put(e.getKey(), e.getValue()));
        double total = kept.values().stream().mapToInt(Integer::intValue).sum();
        Map<String, Double> scores = new LinkedHashMap<>();
        // Floats, as SentencePiece has them; and no two of the same.
        int[] place = {0};
        kept.forEach((piece, count) ->
                scores.put(piece, (double) (float) (Math.log(count / total) - 1e-6 * place[0]++)));
        return scores;
    }

    /// The model of unigrams.
    static String unigram(Map<String, Double> pieces, int unknown, String more) {
        String list = pieces.entrySet().stream()
                .map(e -> "[" + quoted(e.getKey()) + "," + e.getValue() + "]")
                .collect(Collectors.joining(",", "[", "]"));
        return "{\"type\": \"Unigram\", \"unk_id\": %s, \"vocab\": %s%s}".formatted(unknown, list, more);
    }
}
