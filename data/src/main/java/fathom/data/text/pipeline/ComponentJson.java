package fathom.data.text.pipeline;

import fathom.data.text.pipeline.PreTokenizer.Metaspace;
import fathom.data.text.pipeline.PreTokenizer.Prepend;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Reads the components of a `tokenizer.json` that change and cut texts and put them together again.
/// Those that are not known are gathered, so that all are said at once.
final class ComponentJson {
    private static final String SPACE_MARK = "▁";

    private final List<String> unsupported = new ArrayList<>();

    /// What was not known, as texts for an error.
    List<String> unsupported() {
        return List.copyOf(unsupported);
    }

    /// Takes note of something that is not known.
    void unsupported(String kind, String what) {
        unsupported.add(kind + " " + what);
    }

    // ---- normalizers ----

    Normalizer normalizer(JsonValue json) {
        if (json.isNull()) {
            return Normalizer.none();
        }
        String type = json.field("type").text();
        return switch (type) {
            case "Sequence" ->
                new Normalizer.Sequence(json.field("normalizers").items().stream()
                        .map(this::normalizer)
                        .toList());
            case "BertNormalizer" -> {
                boolean lowerCase = json.flag("lowercase", true);
                yield new Normalizer.Bert(
                        json.flag("clean_text", true),
                        json.flag("handle_chinese_chars", true),
                        json.flag("strip_accents", lowerCase),
                        lowerCase);
            }
            case "NFC", "NFD", "NFKC", "NFKD" -> new Normalizer.Unicode(Form.valueOf(type));
            case "Lowercase" -> new Normalizer.Lowercase();
            case "StripAccents" -> new Normalizer.StripAccents();
            case "Strip" -> new Normalizer.Strip(json.flag("strip_left", true), json.flag("strip_right", true));
            case "Nmt" -> new Normalizer.Nmt();
            case "Replace" ->
                new Normalizer.Replace(
                        finder(json.field("pattern")), json.field("content").text());
            case "Prepend" -> new Normalizer.Prepend(json.field("prepend").text());
            case "ByteLevel" -> new Normalizer.Bytes();
            case "Precompiled" -> precompiled(json.field("precompiled_charsmap"));
            default -> {
                unsupported("normalizer", type);
                yield Normalizer.none();
            }
        };
    }

    private static Normalizer precompiled(JsonValue json) {
        if (json.isNull() || json.text().isEmpty()) {
            return Normalizer.none();
        }
        try {
            return new Normalizer.Precompiled(
                    CharacterMap.of(json.where(), Base64.getDecoder().decode(json.text())));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(json.where() + ": no sound character map: " + e.getMessage(), e);
        }
    }

    /// A text or a regular expression.
    private static Finder finder(JsonValue json) {
        JsonValue text = json.isText() ? json : json.field("String");
        if (text.isNull()) {
            JsonValue regex = json.field("Regex");
            return Finder.Regex.of(regex.where(), regex.text());
        }
        return new Finder.Literal(text.text());
    }

    // ---- pre-tokenizers ----

    PreTokenizer preTokenizer(JsonValue json) {
        if (json.isNull()) {
            return PreTokenizer.none();
        }
        String type = json.field("type").text();
        return switch (type) {
            case "Sequence" ->
                new PreTokenizer.Sequence(json.field("pretokenizers").items().stream()
                        .map(this::preTokenizer)
                        .toList());
            case "BertPreTokenizer" -> PreTokenizer.bert();
            case "ByteLevel" ->
                new PreTokenizer.ByteLevel(
                        json.flag("use_regex", true) ? PreTokenizer.gpt2Words() : PreTokenizer.none(),
                        json.flag("add_prefix_space", true));
            case "Metaspace" -> metaspace(json);
            case "Whitespace" -> PreTokenizer.words();
            case "WhitespaceSplit" -> PreTokenizer.whitespace();
            case "CharDelimiterSplit" ->
                new PreTokenizer.Split(
                        new Finder.Literal(json.field("delimiter").text()), SplitBehavior.REMOVED, false);
            case "Punctuation" ->
                new PreTokenizer.Split(
                        new Finder.Characterwise(Characters::isPunctuation),
                        behavior(json.field("behavior"), SplitBehavior.ISOLATED),
                        false);
            case "Digits" ->
                new PreTokenizer.Split(
                        new Finder.Characterwise(Characters::isNumber),
                        json.flag("individual_digits", false) ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS,
                        false);
            case "Split" ->
                new PreTokenizer.Split(
                        finder(json.field("pattern")),
                        behavior(json.field("behavior"), SplitBehavior.ISOLATED),
                        json.flag("invert", false));
            default -> {
                unsupported("pre_tokenizer", type);
                yield PreTokenizer.none();
            }
        };
    }

    private static SplitBehavior behavior(JsonValue json, SplitBehavior otherwise) {
        if (json.isNull()) {
            return otherwise;
        }
        return switch (json.text()) {
            case "Removed" -> SplitBehavior.REMOVED;
            case "Isolated" -> SplitBehavior.ISOLATED;
            case "MergedWithPrevious" -> SplitBehavior.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> SplitBehavior.MERGED_WITH_NEXT;
            case "Contiguous" -> SplitBehavior.CONTIGUOUS;
            default -> throw json.not("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
        };
    }

    private static Metaspace metaspace(JsonValue json) {
        return new Metaspace(json.text("replacement", SPACE_MARK), prepend(json), json.flag("split", true));
    }

    /// Older files say only whether or not.
    private static Prepend prepend(JsonValue json) {
        JsonValue scheme = json.field("prepend_scheme");
        if (scheme.isNull()) {
            return json.flag("add_prefix_space", true) ? Prepend.ALWAYS : Prepend.NEVER;
        }
        return switch (scheme.text()) {
            case "always" -> json.flag("add_prefix_space", true) ? Prepend.ALWAYS : Prepend.NEVER;
            case "first" -> Prepend.FIRST;
            case "never" -> Prepend.NEVER;
            default -> throw scheme.not("always, first or never");
        };
    }

    // ---- decoders ----

    private static int character(JsonValue json) {
        if (json.text().isEmpty()) {
            throw json.not("a character");
        }
        return json.text().codePointAt(0);
    }

    Decoder decoder(JsonValue json) {
        if (json.isNull()) {
            return new Decoder.Spaces();
        }
        String type = json.field("type").text();
        return switch (type) {
            case "Sequence" ->
                new Decoder.Sequence(json.field("decoders").items().stream()
                        .map(this::decoder)
                        .toList());
            case "ByteLevel" -> new Decoder.ByteLevel();
            case "WordPiece" -> new Decoder.Pieces(json.text("prefix", "##"), json.flag("cleanup", true));
            case "Metaspace" ->
                new Decoder.Metaspace(json.text("replacement", SPACE_MARK), prepend(json) != Prepend.NEVER);
            case "BPEDecoder" -> new Decoder.WordEnds(json.text("suffix", "</w>"));
            case "ByteFallback" -> new Decoder.ByteFallback();
            case "Fuse" -> new Decoder.Fuse();
            case "Strip" ->
                new Decoder.Strip(
                        character(json.field("content")),
                        json.field("start").integer(),
                        json.field("stop").integer());
            case "Replace" ->
                new Decoder.Replace(
                        finder(json.field("pattern")), json.field("content").text());
            case "CTC" ->
                new Decoder.Ctc(
                        json.text("pad_token", "<pad>"),
                        json.text("word_delimiter_token", "|"),
                        json.flag("cleanup", true));
            default -> {
                unsupported("decoder", type);
                yield new Decoder.Fuse();
            }
        };
    }
}
