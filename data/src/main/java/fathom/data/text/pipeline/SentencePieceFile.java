package fathom.data.text.pipeline;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import fathom.data.text.pipeline.Bpe.Characteristics;
import fathom.data.text.pipeline.SubwordModel.ByteTokens;
import fathom.data.text.pipeline.TokenPipeline.Parts;
import fathom.ir.Require;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the files of SentencePiece, `*.model`: a message of protocol buffers with the pieces, how they
/// were learnt, and how texts are changed before.
///
/// The fields and their numbers are those of `sentencepiece_model.proto`.
public final class SentencePieceFile {
    /// What a piece is, by its number.
    private enum Kind {
        NONE,
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    private record ScoredPiece(String text, float score, Kind kind) {}

    private static final int UNIGRAM = 1;
    private static final int BPE = 2;

    private final String where;
    private final List<ScoredPiece> pieces = new ArrayList<>();
    private int modelType = UNIGRAM;
    private boolean byteFallback;
    private boolean markAfter;
    private byte[] characterMap = {};
    private boolean addMark = true;
    private boolean tidy = true;
    private boolean escape = true;

    private SentencePieceFile(String where) {
        this.where = where;
    }

    /// Reads a file.
    ///
    /// @throws IllegalArgumentException if it is damaged, or of a kind that is not supported
    /// @throws java.io.UncheckedIOException if it cannot be read
    public static TokenPipeline read(Path file) {
        SentencePieceFile reader = new SentencePieceFile(file.toString());
        try {
            reader.model(CodedInputStream.newInstance(TokenFiles.bytes(file)));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": not a file of SentencePiece: " + e.getMessage(), e);
        }
        return reader.pipeline();
    }

    // ---- the message ----

    /// Reads a field's value if it is one of interest.
    private interface Field {
        boolean read(int number, int wireType, CodedInputStream in) throws IOException;
    }

    private static void message(CodedInputStream in, Field field) throws IOException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            boolean read = field.read(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag), in);
            if (!read && !in.skipField(tag)) {
                throw new InvalidProtocolBufferException("a group that ends and does not begin");
            }
        }
    }

    /// A message within another.
    private static void inner(CodedInputStream in, Field field) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        message(in, field);
        in.checkLastTagWas(0);
        in.popLimit(limit);
    }

    private static boolean is(int number, int wireType, int wantedNumber, int wantedType) {
        return number == wantedNumber && wireType == wantedType;
    }

    private void model(CodedInputStream in) throws IOException {
        message(in, (number, type, content) -> {
            if (type != WireFormat.WIRETYPE_LENGTH_DELIMITED || number > 3) {
                return false;
            }
            switch (number) {
                case 1 -> piece(content);
                case 2 -> inner(content, this::trainer);
                default -> inner(content, this::normalizer);
            }
            return true;
        });
    }

    private void piece(CodedInputStream in) throws IOException {
        String[] text = {""};
        float[] score = {0};
        int[] kind = {Kind.NORMAL.ordinal()};
        inner(in, (number, type, content) -> {
            if (is(number, type, 1, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                text[0] = content.readStringRequireUtf8();
            } else if (is(number, type, 2, WireFormat.WIRETYPE_FIXED32)) {
                score[0] = content.readFloat();
            } else if (is(number, type, 3, WireFormat.WIRETYPE_VARINT)) {
                kind[0] = content.readEnum();
            } else {
                return false;
            }
            return true;
        });
        int id = pieces.size();
        boolean known = kind[0] > 0 && kind[0] < Kind.values().length;
        Require.that(known, "%s: piece %s of kind %s, expected 1 to 6", where, id, kind[0]);
        Require.that(Float.isFinite(score[0]), "%s: piece %s has score %s", where, id, score[0]);
        pieces.add(new ScoredPiece(text[0], score[0], Kind.values()[kind[0]]));
    }

    private boolean trainer(int number, int type, CodedInputStream in) throws IOException {
        if (type != WireFormat.WIRETYPE_VARINT) {
            return false;
        }
        switch (number) {
            case 3 -> modelType = in.readEnum();
            case 24 -> markAfter = in.readBool();
            case 35 -> byteFallback = in.readBool();
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean normalizer(int number, int type, CodedInputStream in) throws IOException {
        if (is(number, type, 2, WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
            characterMap = in.readByteArray();
        } else if (is(number, type, 3, WireFormat.WIRETYPE_VARINT)) {
            addMark = in.readBool();
        } else if (is(number, type, 4, WireFormat.WIRETYPE_VARINT)) {
            tidy = in.readBool();
        } else if (is(number, type, 5, WireFormat.WIRETYPE_VARINT)) {
            escape = in.readBool();
        } else {
            return false;
        }
        return true;
    }

    // ---- what follows from it ----

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

    private TokenPipeline pipeline() {
        Require.that(!pieces.isEmpty(), "%s: no pieces, expected a file of SentencePiece", where);
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
                List.of(),
                normalizer,
                PreTokenizer.none(),
                model(kept),
                Template.plain(),
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
