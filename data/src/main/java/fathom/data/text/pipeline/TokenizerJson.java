package fathom.data.text.pipeline;

import fathom.data.text.pipeline.TokenPipeline.Parts;
import fathom.ir.Require;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads `tokenizer.json`, in which the library *tokenizers* of Hugging Face keeps all of a tokeniser.
public final class TokenizerJson {
    private final JsonValue root;
    private final ComponentJson components = new ComponentJson();

    private TokenizerJson(JsonValue root) {
        this.root = root;
    }

    /// Reads a file.
    ///
    /// @throws IllegalArgumentException if it is damaged, or has components that are not supported, all
    ///   of which the message names
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static TokenPipeline read(Path file) {
        JsonValue root = JsonValue.read(file);
        try {
            return new TokenizerJson(root).read();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (message.startsWith(root.where())) {
                throw e;
            }
            // Components do not know what file they are of.
            throw new IllegalArgumentException(root.where() + ": " + message, e);
        }
    }

    private TokenPipeline read() {
        Normalizer normalizer = components.normalizer(root.field("normalizer"));
        PreTokenizer preTokenizer = components.preTokenizer(root.field("pre_tokenizer"));
        Decoder decoder = components.decoder(root.field("decoder"));
        ModelJson model = new ModelJson(root.field("model"), components);
        Template template = template(root.field("post_processor"));
        List<String> unsupported = components.unsupported();
        Require.that(unsupported.isEmpty(), "%s: not supported: %s", root.where(), String.join(", ", unsupported));
        Map<String, Integer> ids = new LinkedHashMap<>(model.ids());
        List<AddedToken> added = added(root.field("added_tokens"), ids);
        Set<Integer> special = new HashSet<>();
        added.stream().filter(AddedToken::special).forEach(token -> special.add(token.id()));
        return new TokenPipeline(new Parts(
                TokenList.of(root.where(), ids),
                special,
                added,
                normalizer,
                preTokenizer,
                model.model(),
                template,
                decoder,
                truncation(root.field("truncation")),
                padding(root.field("padding"))));
    }

    private static List<AddedToken> added(JsonValue json, Map<String, Integer> ids) {
        List<AddedToken> added = new ArrayList<>();
        for (JsonValue token : json.isNull() ? List.<JsonValue>of() : json.items()) {
            String content = token.field("content").text();
            if (content.isEmpty()) {
                continue;
            }
            // The model's own number is the one that it knows.
            Integer known = ids.putIfAbsent(content, token.field("id").integer());
            added.add(new AddedToken(
                    content,
                    known == null ? token.field("id").integer() : known,
                    token.flag("single_word", false),
                    token.flag("lstrip", false),
                    token.flag("rstrip", false),
                    token.flag("normalized", true),
                    token.flag("special", false)));
        }
        return added;
    }

    // ---- what the model wants around texts ----

    private Template template(JsonValue json) {
        if (json.isNull()) {
            return Template.plain();
        }
        String type = json.field("type").text();
        return switch (type) {
            case "ByteLevel" -> Template.plain();
            case "BertProcessing" -> Template.bert(number(json.field("cls")), number(json.field("sep")));
            case "RobertaProcessing" -> Template.roberta(number(json.field("cls")), number(json.field("sep")));
            case "TemplateProcessing" ->
                new Template(
                        slots(json.field("single"), json.field("special_tokens")),
                        slots(json.field("pair"), json.field("special_tokens")));
            case "Sequence" -> sequence(json.field("processors").items());
            default -> {
                components.unsupported("post_processor", type);
                yield Template.plain();
            }
        };
    }

    /// All but one have to do with places in the text alone, which nobody asks for here.
    private Template sequence(List<JsonValue> processors) {
        List<Template> templates = new ArrayList<>();
        for (JsonValue processor : processors) {
            if (!processor.field("type").text().equals("ByteLevel")) {
                templates.add(template(processor));
            }
        }
        if (templates.size() > 1) {
            components.unsupported("post_processor", "Sequence of " + templates.size() + " templates");
        }
        return templates.isEmpty() ? Template.plain() : templates.getFirst();
    }

    /// Of a token and its number.
    private static int number(JsonValue json) {
        List<JsonValue> pair = json.items();
        if (pair.size() != 2) {
            throw json.not("a token and its number");
        }
        return pair.getLast().integer();
    }

    private static List<Template.Slot> slots(JsonValue json, JsonValue special) {
        List<Template.Slot> slots = new ArrayList<>();
        for (JsonValue item : json.items()) {
            JsonValue sequence = item.field("Sequence");
            JsonValue token = item.field("SpecialToken");
            if (!sequence.isNull()) {
                boolean second = switch (sequence.field("id").text()) {
                    case "A" -> false;
                    case "B" -> true;
                    default -> throw sequence.field("id").not("A or B");
                };
                slots.add(new Template.Text(second, sequence.integer("type_id", 0)));
            } else {
                JsonValue ids = special.field(token.field("id").text()).field("ids");
                slots.add(new Template.Special(
                        ids.items().stream().map(JsonValue::integer).toList(), token.integer("type_id", 0)));
            }
        }
        return slots;
    }

    // ---- lengths ----

    private static @Nullable Truncation truncation(JsonValue json) {
        if (json.isNull()) {
            return null;
        }
        Truncation.Strategy strategy = switch (json.text("strategy", "LongestFirst")) {
            case "LongestFirst", "longest_first" -> Truncation.Strategy.LONGEST_FIRST;
            case "OnlyFirst", "only_first" -> Truncation.Strategy.ONLY_FIRST;
            case "OnlySecond", "only_second" -> Truncation.Strategy.ONLY_SECOND;
            default -> throw json.field("strategy").not("LongestFirst, OnlyFirst or OnlySecond");
        };
        return new Truncation(json.field("max_length").integer(), strategy, isLeft(json));
    }

    private static @Nullable Padding padding(JsonValue json) {
        if (json.isNull()) {
            return null;
        }
        JsonValue strategy = json.field("strategy");
        int fixed = strategy.isObject() ? strategy.field("Fixed").integer() : 0;
        return new Padding(
                fixed,
                Math.max(1, json.integer("pad_to_multiple_of", 1)),
                isLeft(json),
                json.integer("pad_id", 0),
                json.integer("pad_type_id", 0));
    }

    private static boolean isLeft(JsonValue json) {
        return switch (json.text("direction", "Right")) {
            case "Right" -> false;
            case "Left" -> true;
            default -> throw json.field("direction").not("Left or Right");
        };
    }
}
