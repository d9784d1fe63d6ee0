package fathom.data.text.pipeline;

import fathom.data.text.pipeline.AddedTokens.Found;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A text's way to the numbers of its tokens and back: tokens that are looked for in the text itself,
/// the text changed, cut, and its parts made tokens; what the model wants around them; and the text of
/// tokens.
public final class TokenPipeline {
    /// What a pipeline is made of.
    ///
    /// @param tokens by their numbers
    /// @param special the numbers of tokens that are no part of a text
    /// @param added tokens that are looked for in the text itself
    /// @param truncation if any
    /// @param padding if any
    record Parts(
            List<String> tokens,
            Set<Integer> special,
            List<AddedToken> added,
            Normalizer normalizer,
            PreTokenizer preTokenizer,
            SubwordModel model,
            Template template,
            Decoder decoder,
            @Nullable Truncation truncation,
            @Nullable Padding padding) {}

    private final Parts parts;
    private final AddedTokens before;
    private final AddedTokens after;

    TokenPipeline(Parts parts) {
        this.parts = parts;
        this.before = new AddedTokens(
                parts.added().stream().filter(t -> !t.normalized()).toList(), Normalizer.none());
        this.after = new AddedTokens(
                parts.added().stream().filter(AddedToken::normalized).toList(), parts.normalizer());
    }

    /// The tokens by their numbers.
    public List<String> tokens() {
        return parts.tokens();
    }

    /// Whether a token is no part of a text.
    public boolean isSpecial(int id) {
        return parts.special().contains(id);
    }

    // ---- to numbers ----

    /// The numbers of a text's tokens, without what the model wants around them.
    public int[] encode(String text) {
        IntStream.Builder ids = IntStream.builder();
        // A word often comes again.
        Map<String, int[]> known = new HashMap<>();
        for (Found raw : before.find(new Piece(Characters.wellFormed(text), true))) {
            if (raw.id() >= 0) {
                ids.accept(raw.id());
                continue;
            }
            String changed = parts.normalizer().normalize(raw.piece().text());
            for (Found found : after.find(new Piece(changed, raw.piece().first()))) {
                if (found.id() >= 0) {
                    ids.accept(found.id());
                } else {
                    for (Piece piece : parts.preTokenizer().split(found.piece())) {
                        Arrays.stream(known.computeIfAbsent(piece.text(), this::model))
                                .forEach(ids);
                    }
                }
            }
        }
        return ids.build().toArray();
    }

    private int[] model(String part) {
        IntStream.Builder ids = IntStream.builder();
        parts.model().encode(part, ids);
        return ids.build().toArray();
    }

    /// What a model is given.
    ///
    /// @param ids the tokens' numbers
    /// @param types what kind of token the model is told that each is
    /// @param special which are no part of a text
    @SuppressWarnings("ArrayRecordComponent")
    public record Encoded(int[] ids, int[] types, boolean[] special) {}

    /// A text's tokens, or those of two, with what the model wants around them, and cut off if they are
    /// to be.
    ///
    /// @throws IllegalArgumentException if there is no room for any text
    public Encoded encode(String first, @Nullable String second) {
        int[] a = encode(first);
        int[] b = second == null ? new int[0] : encode(second);
        boolean isPair = second != null;
        Truncation truncation = parts.truncation();
        if (truncation != null) {
            int added = parts.template().added(isPair);
            if (isPair) {
                int[][] cut = truncation.cut(a, b, added);
                a = cut[0];
                b = cut[1];
            } else {
                a = truncation.cut(a, added);
            }
        }
        IntStream.Builder ids = IntStream.builder();
        IntStream.Builder types = IntStream.builder();
        List<Boolean> special = new ArrayList<>();
        for (Template.Slot slot : parts.template().slots(isPair)) {
            int[] tokens = switch (slot) {
                case Template.Text text -> text.second() ? b : a;
                case Template.Special s ->
                    s.ids().stream().mapToInt(Integer::intValue).toArray();
            };
            for (int token : tokens) {
                ids.accept(token);
                types.accept(slot.type());
                special.add(slot instanceof Template.Special);
            }
        }
        boolean[] flags = new boolean[special.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = special.get(i);
        }
        return new Encoded(ids.build().toArray(), types.build().toArray(), flags);
    }

    // ---- to a text ----

    /// The text of tokens.
    public String text(List<String> tokens) {
        return String.join("", parts.decoder().decode(tokens));
    }

    // ---- lengths ----

    /// How many tokens a text has at most, if it is cut off.
    public OptionalInt maximum() {
        Truncation truncation = parts.truncation();
        return truncation == null ? OptionalInt.empty() : OptionalInt.of(truncation.length());
    }

    /// One that cuts texts off so that they have so many tokens at most.
    public TokenPipeline truncatedTo(int length) {
        Truncation now = parts.truncation();
        return with(
                new Truncation(
                        length,
                        now == null ? Truncation.Strategy.LONGEST_FIRST : now.strategy(),
                        now != null && now.atStart()),
                parts.padding());
    }

    /// One that leaves texts at their length.
    public TokenPipeline untruncated() {
        return with(null, parts.padding());
    }

    /// One that fills up to a length, or to the longest of a batch with 0.
    public TokenPipeline paddedTo(int length) {
        Padding now = padding();
        return with(parts.truncation(), new Padding(length, 1, now.atStart(), now.id(), now.type()));
    }

    /// One that puts tokens before and after each text.
    public TokenPipeline around(List<Integer> before, List<Integer> after) {
        Template.Slot start = new Template.Special(before, 0);
        Template.Slot end = new Template.Special(after, 0);
        Template template = new Template(
                List.of(start, new Template.Text(false, 0), end),
                List.of(start, new Template.Text(false, 0), end, start, new Template.Text(true, 0), end));
        return with(template, parts.truncation(), parts.padding());
    }

    private TokenPipeline with(@Nullable Truncation truncation, @Nullable Padding padding) {
        return with(parts.template(), truncation, padding);
    }

    private TokenPipeline with(Template template, @Nullable Truncation truncation, @Nullable Padding padding) {
        return new TokenPipeline(new Parts(
                parts.tokens(),
                parts.special(),
                parts.added(),
                parts.normalizer(),
                parts.preTokenizer(),
                parts.model(),
                template,
                parts.decoder(),
                truncation,
                padding));
    }

    /// What sequences are filled up with if nothing is said: a token that is named for it, or else
    /// token 0, at the end.
    private Padding padding() {
        Padding padding = parts.padding();
        if (padding != null) {
            return padding;
        }
        OptionalInt named = List.of("[PAD]", "<pad>", "<|endoftext|>").stream()
                .mapToInt(parts.tokens()::indexOf)
                .filter(id -> id >= 0)
                .findFirst();
        return new Padding(0, 1, false, named.orElse(0), 0);
    }

    /// Sequences as rows of one length.
    ///
    /// @param ids by rows
    /// @param types by rows
    /// @param mask which tokens are none for filling up, by rows
    /// @param length of a row
    @SuppressWarnings("ArrayRecordComponent")
    public record Rows(int[] ids, int[] types, boolean[] mask, int length) {}

    /// Fills sequences up to one length.
    public Rows pad(List<Encoded> sequences) {
        Padding padding = padding();
        int longest = sequences.stream().mapToInt(s -> s.ids().length).max().orElse(0);
        int length = padding.length(longest);
        int size = Math.multiplyExact(sequences.size(), length);
        Rows rows = new Rows(new int[size], new int[size], new boolean[size], length);
        Arrays.fill(rows.ids(), padding.id());
        Arrays.fill(rows.types(), padding.type());
        for (int row = 0; row < sequences.size(); row++) {
            Encoded sequence = sequences.get(row);
            int count = sequence.ids().length;
            int from = row * length + (padding.atStart() ? length - count : 0);
            System.arraycopy(sequence.ids(), 0, rows.ids(), from, count);
            System.arraycopy(sequence.types(), 0, rows.types(), from, count);
            Arrays.fill(rows.mask(), from, from + count, true);
        }
        return rows;
    }
}
