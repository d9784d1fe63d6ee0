package fathom.data.text.pipeline;

import fathom.data.text.pipeline.Bpe.Characteristics;
import fathom.data.text.pipeline.SubwordModel.ByteTokens;
import fathom.data.text.pipeline.TokenPipeline.Parts;
import fathom.ir.Require;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a model of SentencePiece knows, whatever file it is from, and the tokeniser that follows.
///
/// @param where for errors
/// @param pieces by their numbers
/// @param modelType how texts are cut: [#UNIGRAM] or [#BPE]
/// @param byteFallback whether characters without a piece become bytes
/// @param characterMap what texts are changed by before, or nothing
/// @param addMark whether a text gets a mark for a space
/// @param markAfter whether that comes after it, and not before
/// @param tidy whether spaces at its ends are dropped, and several are one
/// @param escape whether spaces become marks
@SuppressWarnings("ArrayRecordComponent")
record SentencePieces(
        String where,
        List<ScoredPiece> pieces,
        int modelType,
        boolean byteFallback,
        byte[] characterMap,
        boolean addMark,
        boolean markAfter,
        boolean tidy,
        boolean escape) {
    static final int UNIGRAM = 1;
    static final int BPE = 2;

    /// What a piece is, by its number.
    enum Kind {
        NONE,
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    /// A piece.
    record ScoredPiece(String text, float score, Kind kind) {}

    private Map<String, Integer> ids(Kind... kinds) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (int id = 0; id < pieces.size(); id++) {
            ScoredPiece piece = pieces.get(id);
            if (kinds.length == 0 || List.of(kinds).contains(piece.kind())) {
                Integer before = ids.put(piece.text(), id);
                Require.that(before == null, "%s: piece '%s' comes twice", where, piece.text());
            }
        }
        return ids;
    }

    /// The tokeniser.
    ///
    /// @param added tokens that are looked for in the text itself
    /// @param template what the model wants around texts
    /// @throws IllegalArgumentException if the pieces do not make one
    TokenPipeline pipeline(List<AddedToken> added, Template template) {
        Require.that(!pieces.isEmpty(), "%s: no pieces, expected some", where);
        Map<String, Integer> all = ids();
        Set<Integer> special = new HashSet<>(ids(Kind.CONTROL, Kind.UNKNOWN).values());
        Map<String, Integer> kept = ids(Kind.USER_DEFINED);
        Normalizer normalizer = new Normalizer.SentencePiece(
                characterMap.length == 0 ? null : CharacterMap.of(where, characterMap),
                new PrefixTable(kept),
                addMark && !markAfter,
                addMark && markAfter,
                tidy,
                escape);
        List<Decoder> decoders = new ArrayList<>();
        if (escape) {
            decoders.add(new Decoder.Replace(new Finder.Literal("▁"), " "));
        }
        decoders.addAll(List.of(new Decoder.ByteFallback(), new Decoder.Fuse()));
        if (addMark) {
            decoders.add(new Decoder.Strip(' ', markAfter ? 0 : 1, markAfter ? 1 : 0));
        }
        return new TokenPipeline(new Parts(
                TokenList.of(where, all),
                special,
                added,
                normalizer,
                PreTokenizer.none(),
                model(kept),
                template,
                new Decoder.Sequence(decoders),
                null,
                null));
    }

    private SubwordModel model(Map<String, Integer> kept) {
        Integer unknown = ids(Kind.UNKNOWN).values().stream().findFirst().orElse(null);
        ByteTokens bytes = byteFallback ? ByteTokens.of(ids(Kind.BYTE)) : null;
        return switch (modelType) {
            case UNIGRAM -> unigram(unknown, bytes);
            case BPE -> bpe(unknown, bytes, kept);
            default ->
                throw new IllegalArgumentException(
                        "%s: a model of type %s, expected 1 (unigram) or 2 (byte pairs)".formatted(where, modelType));
        };
    }

    private SubwordModel unigram(@Nullable Integer unknown, @Nullable ByteTokens bytes) {
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (ScoredPiece piece : pieces) {
            if (piece.kind() == Kind.NORMAL) {
                least = Math.min(least, piece.score());
                greatest = Math.max(greatest, piece.score());
            }
        }
        double[] scores = new double[pieces.size()];
        for (int id = 0; id < scores.length; id++) {
            ScoredPiece piece = pieces.get(id);
            // What a user defined wins against all that is as long.
            int length = piece.text().getBytes(StandardCharsets.UTF_8).length;
            scores[id] = piece.kind() == Kind.USER_DEFINED ? length * greatest - 0.1 : piece.score();
        }
        return new Unigram(ids(Kind.NORMAL, Kind.USER_DEFINED), scores, least, unknown, bytes, true);
    }

    private SubwordModel bpe(@Nullable Integer unknown, @Nullable ByteTokens bytes, Map<String, Integer> kept) {
        Require.that(ids(Kind.UNUSED).isEmpty(), "%s: byte pairs with unused pieces, which are not supported", where);
        Map<String, Integer> normal = ids(Kind.NORMAL);
        float[] scores = new float[pieces.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = pieces.get(id).score();
        }
        Characteristics characteristics = new Characteristics(unknown, true, bytes, "", "", false, kept);
        return new Bpe(normal, ScoredPieces.merges(where, normal, scores), characteristics);
    }
}
