package fathom.data.text.pipeline;

import fathom.data.text.pipeline.Bpe.Characteristics;
import fathom.data.text.pipeline.SentencePieces.Kind;
import fathom.data.text.pipeline.SentencePieces.ScoredPiece;
import fathom.data.text.pipeline.TokenPipeline.Parts;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Makes the tokeniser that the values in a GGUF file describe, under `tokenizer.ggml.`: pieces with scores, as
/// SentencePiece's byte pairs have them, or pieces and merges of bytes, as GPT-2 has them.
///
/// The keys are those of the specification of GGUF; what the names of cuts stand for is as in llama.cpp.
public final class GgufTokens {
    private static final String PREFIX = "tokenizer.ggml.";

    private final String where;
    private final Map<String, ?> values;
    private final List<String> tokens;
    private final List<Kind> kinds;

    private GgufTokens(String where, Map<String, ?> values) {
        this.where = where;
        this.values = values;
        this.tokens = texts("tokens");
        Require.that(!tokens.isEmpty(), "%s: no %stokens", where, PREFIX);
        this.kinds = kinds();
    }

    /// @param where for errors
    /// @param values of the file, by key
    /// @throws IllegalArgumentException if they are not a tokeniser's, or one's that is not supported
    public static TokenPipeline of(String where, Map<String, ?> values) {
        GgufTokens file = new GgufTokens(where, values);
        String model = file.text("model", "no model");
        return switch (model) {
            case "llama" -> file.sentencePieces();
            case "gpt2" -> file.bytePairs();
            default ->
                throw new IllegalArgumentException(
                        "%s: %smodel '%s', expected llama or gpt2".formatted(where, PREFIX, model));
        };
    }

    // ---- the two kinds ----

    private TokenPipeline sentencePieces() {
        List<Float> scores = list("scores", Double.class, Double::floatValue, "a number");
        Require.that(scores.size() == tokens.size(), "%s: %s scores of %s tokens", where, scores.size(), tokens.size());
        List<ScoredPiece> pieces = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            // Those that are not used keep their number, and no text becomes one of them.
            Kind kind = kinds.get(id) == Kind.UNUSED ? Kind.CONTROL : kinds.get(id);
            pieces.add(new ScoredPiece(tokens.get(id), scores.get(id), kind));
        }
        boolean addMark = flag("add_space_prefix", true);
        boolean tidy = flag("remove_extra_whitespaces", false);
        return new SentencePieces(where, pieces, SentencePieces.BPE, true, new byte[0], addMark, false, tidy, true)
                .pipeline(special(Kind.CONTROL), template(true));
    }

    private TokenPipeline bytePairs() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            Integer before = ids.put(tokens.get(id), id);
            Require.that(before == null, "%s: token '%s' comes twice", where, tokens.get(id));
        }
        List<List<String>> pairs = new ArrayList<>();
        for (String merge : texts("merges")) {
            // A space within a piece is written as another letter.
            List<String> pair = List.of(merge.split(" ", -1));
            Require.that(pair.size() == 2, "%s: merge '%s', expected two pieces", where, merge);
            pairs.add(pair);
        }
        String cuts = text("pre", "default");
        // These take a word that is a token as it is, in whatever order its pieces would be merged.
        boolean whole = List.of("llama-bpe", "llama3", "llama-v3").contains(cuts);
        return new TokenPipeline(new Parts(
                TokenList.of(where, ids),
                numbers(Kind.CONTROL, Kind.UNKNOWN),
                special(Kind.CONTROL, Kind.USER_DEFINED),
                Normalizer.none(),
                new PreTokenizer.ByteLevel(words(cuts), flag("add_space_prefix", false)),
                new Bpe(
                        ids,
                        ModelJson.merges(where, ids, pairs, ""),
                        new Characteristics(null, false, null, "", "", whole, Map.of())),
                template(whole),
                new Decoder.ByteLevel(),
                null,
                null));
    }

    private PreTokenizer words(String name) {
        return switch (name) {
            case "gpt-2" -> PreTokenizer.gpt2Words();
            case "llama-bpe", "llama3", "llama-v3" -> split(expression("{1,3}"));
            case "qwen2", "deepseek-r1-qwen" -> split(expression(""));
            case "smollm", "starcoder", "refact", "command-r" ->
                new PreTokenizer.Sequence(List.of(split("\\p{N}"), PreTokenizer.gpt2Words()));
            case "default" ->
                new PreTokenizer.Sequence(List.of(
                        split("[\\p{P}\\$\\+<=>\\^~\\|]+"),
                        PreTokenizer.gpt2Words(),
                        split("\\p{N}+"),
                        split("[0-9][0-9][0-9]")));
            default ->
                throw new IllegalArgumentException(
                        ("%s: %spre '%s', expected gpt-2, llama-bpe, qwen2, deepseek-r1-qwen, smollm, starcoder, refact,"
                                        + " command-r or default")
                                .formatted(where, PREFIX, name));
        };
    }

    /// What is left out of words; letters with a sign before them; so many digits; signs with line ends after
    /// them; and white space.
    private static String expression(String digits) {
        return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + digits
                + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    }

    private static PreTokenizer split(String expression) {
        return new PreTokenizer.Split(Finder.Regex.of("GGUF", expression), SplitBehavior.ISOLATED, false);
    }

    // ---- tokens that are no text ----

    private List<Kind> kinds() {
        List<Kind> read = list(
                "token_type",
                Long.class,
                number -> number > 0 && number < Kind.values().length ? Kind.values()[number.intValue()] : Kind.NONE,
                "a whole number");
        boolean fits = read.isEmpty() || read.size() == tokens.size() && !read.contains(Kind.NONE);
        String message = "%s: %stoken_type has %s items, expected one from 1 to 6 for each of %s tokens";
        Require.that(fits, message, where, PREFIX, read.size(), tokens.size());
        return read.isEmpty() ? tokens.stream().map(_ -> Kind.NORMAL).toList() : read;
    }

    private Set<Integer> numbers(Kind... wanted) {
        Set<Integer> numbers = new HashSet<>();
        for (int id = 0; id < kinds.size(); id++) {
            if (List.of(wanted).contains(kinds.get(id))) {
                numbers.add(id);
            }
        }
        return numbers;
    }

    /// Tokens such as `<|im_start|>` are looked for in the text, for that is how talks are written down.
    private List<AddedToken> special(Kind... wanted) {
        List<AddedToken> special = new ArrayList<>();
        for (int id = 0; id < kinds.size(); id++) {
            String token = tokens.get(id);
            if (!token.isEmpty() && List.of(wanted).contains(kinds.get(id))) {
                boolean isControl = kinds.get(id) == Kind.CONTROL;
                special.add(new AddedToken(token, id, false, false, false, false, isControl));
            }
        }
        return special;
    }

    private Template template(boolean isBegun) {
        List<Template.Slot> begin = flag("add_bos_token", isBegun) ? token("bos_token_id") : List.of();
        List<Template.Slot> end = flag("add_eos_token", false) ? token("eos_token_id") : List.of();
        List<Template.Slot> single = new ArrayList<>(begin);
        single.add(new Template.Text(false, 0));
        single.addAll(end);
        List<Template.Slot> pair = new ArrayList<>(single);
        pair.addAll(begin);
        pair.add(new Template.Text(true, 0));
        pair.addAll(end);
        return new Template(single, pair);
    }

    private List<Template.Slot> token(String key) {
        Long id = value(key, Long.class, "a whole number");
        if (id == null) {
            return List.of();
        }
        boolean fits = id >= 0 && id < tokens.size();
        Require.that(fits, "%s: %s%s is %s of %s tokens", where, PREFIX, key, id, tokens.size());
        return List.of(new Template.Special(List.of(id.intValue()), 0));
    }

    // ---- values ----

    private <T> @Nullable T value(String key, Class<T> type, String expected) {
        Object value = values.get(PREFIX + key);
        boolean fits = value == null || type.isInstance(value);
        Require.that(fits, "%s: %s%s is something else, expected %s", where, PREFIX, key, expected);
        return value == null ? null : type.cast(value);
    }

    private String text(String key, String otherwise) {
        String text = value(key, String.class, "a text");
        return text == null ? otherwise : text;
    }

    private boolean flag(String key, boolean otherwise) {
        Boolean flag = value(key, Boolean.class, "true or false");
        return flag == null ? otherwise : flag;
    }

    private List<String> texts(String key) {
        return list(key, String.class, text -> text, "a text");
    }

    private <T, R> List<R> list(String key, Class<T> type, Function<T, R> item, String expected) {
        List<?> items = value(key, List.class, "a list");
        List<R> all = new ArrayList<>();
        for (Object each : items == null ? List.of() : items) {
            Require.that(type.isInstance(each), "%s: an item of %s%s is not %s", where, PREFIX, key, expected);
            all.add(item.apply(type.cast(each)));
        }
        return all;
    }
}
