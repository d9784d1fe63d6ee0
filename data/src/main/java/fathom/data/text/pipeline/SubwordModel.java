package fathom.data.text.pipeline;

import fathom.ir.Require;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Cuts a part of a text into tokens.
sealed interface SubwordModel permits Bpe, Unigram, LongestMatch, SubwordModel.WordLevel {
    /// Gives the numbers of a part's tokens.
    ///
    /// @throws IllegalArgumentException if something in it has no token, and nothing stands for unknown
    ///   ones
    void encode(String part, IntConsumer out);

    /// Each part is a token.
    ///
    /// @param ids the tokens and their numbers
    /// @param unknown the number of what stands for all others
    record WordLevel(Map<String, Integer> ids, @Nullable Integer unknown) implements SubwordModel {
        @Override
        public void encode(String part, IntConsumer out) {
            Integer id = ids.getOrDefault(part, unknown);
            out.accept(known(id, part));
        }
    }

    /// A number that has to be there.
    static int known(@Nullable Integer id, String part) {
        if (id == null) {
            throw new IllegalArgumentException("no token for '" + part + "', and none for what is unknown");
        }
        return id;
    }

    /// The tokens for single bytes.
    ///
    /// @param ids 256 numbers, of which those of bytes without a token are -1
    @SuppressWarnings("ArrayRecordComponent")
    record ByteTokens(int[] ids) {
        private static final int BYTES = 256;

        /// Finds tokens with names such as `<0x0A>`.
        static ByteTokens of(Map<String, Integer> tokens) {
            int[] ids = new int[BYTES];
            for (int b = 0; b < BYTES; b++) {
                ids[b] = tokens.getOrDefault("<0x%02X>".formatted(b), -1);
            }
            return new ByteTokens(ids);
        }

        /// Gives the tokens of a text's bytes, if all of these have one.
        boolean encode(String text, IntConsumer out) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            for (byte b : bytes) {
                if (ids[b & 0xff] < 0) {
                    return false;
                }
            }
            for (byte b : bytes) {
                out.accept(ids[b & 0xff]);
            }
            return true;
        }

        /// The byte that a token's name stands for, or -1.
        static int value(String token) {
            if (token.length() != 6 || !token.startsWith("<0x") || !token.endsWith(">")) {
                return -1;
            }
            int high = Character.digit(token.charAt(3), 16);
            int low = Character.digit(token.charAt(4), 16);
            return high < 0 || low < 0 ? -1 : high * 16 + low;
        }
    }

    /// That all of some tokens are there.
    static int id(String where, Map<String, Integer> ids, String token) {
        Integer id = ids.get(token);
        Require.that(id != null, "%s: '%s' is no token of the vocabulary", where, token);
        return known(id, token);
    }
}
