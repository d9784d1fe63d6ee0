package fathom.data.text.pipeline;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import fathom.data.text.pipeline.SentencePieces.Kind;
import fathom.data.text.pipeline.SentencePieces.ScoredPiece;
import fathom.ir.Require;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Reads the files of SentencePiece, `*.model`: a message of protocol buffers with the pieces, how they
/// were learnt, and how texts are changed before.
///
/// The fields and their numbers are those of `sentencepiece_model.proto`.
public final class SentencePieceFile {
    private final String where;
    private final List<ScoredPiece> pieces = new ArrayList<>();
    private int modelType = SentencePieces.UNIGRAM;
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
        return new SentencePieces(
                        reader.where,
                        reader.pieces,
                        reader.modelType,
                        reader.byteFallback,
                        reader.characterMap,
                        reader.addMark,
                        reader.markAfter,
                        reader.tidy,
                        reader.escape)
                .pipeline(List.of(), Template.plain());
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
}
