package fathom.testing;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A file of SentencePiece, made field by field.
public final class SentencePieceText {
    /// What a piece is.
    public enum Kind {
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    public static final int UNIGRAM = 1;
    public static final int BPE = 2;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private SentencePieceText message(int field, Fields fields) {
        try {
            ByteArrayOutputStream inner = new ByteArrayOutputStream();
            CodedOutputStream content = CodedOutputStream.newInstance(inner);
            fields.write(content);
            content.flush();
            out.writeByteArray(field, inner.toByteArray());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Adds a piece.
    public SentencePieceText piece(String text, double score, Kind kind) {
        return message(1, content -> {
            content.writeString(1, text);
            content.writeFloat(2, (float) score);
            content.writeEnum(3, kind.ordinal() + 1);
        });
    }

    /// Says how the pieces were learnt.
    public SentencePieceText trainer(int type, boolean byteFallback) {
        return message(2, content -> {
            content.writeEnum(3, type);
            content.writeBool(35, byteFallback);
        });
    }

    /// Says how texts are changed before.
    public SentencePieceText normalizer(byte[] characterMap, boolean addMark, boolean tidy) {
        return message(3, content -> {
            content.writeString(1, "user_defined");
            if (characterMap.length > 0) {
                content.writeByteArray(2, characterMap);
            }
            content.writeBool(3, addMark);
            content.writeBool(4, tidy);
            content.writeBool(5, true);
        });
    }

    /// The file.
    public byte[] toBytes() {
        try {
            out.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
