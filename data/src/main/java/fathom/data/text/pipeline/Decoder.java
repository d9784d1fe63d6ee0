package fathom.data.text.pipeline;

import fathom.data.text.pipeline.SubwordModel.ByteTokens;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Makes parts of a text of tokens.
sealed interface Decoder {
    /// The parts, which are to be put together without anything between.
    List<String> decode(List<String> tokens);

    /// Where nothing else is said: a space between each two tokens.
    record Spaces() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join(" ", tokens));
        }
    }

    /// One after the other.
    record Sequence(List<Decoder> decoders) implements Decoder {
        public Sequence {
            decoders = List.copyOf(decoders);
        }

        @Override
        public List<String> decode(List<String> tokens) {
            List<String> parts = tokens;
            for (Decoder decoder : decoders) {
                parts = decoder.decode(parts);
            }
            return parts;
        }
    }

    /// Letters back to bytes. A token with a character that stands for no byte is taken for itself.
    record ByteLevel() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String token : tokens) {
                if (token.codePoints().allMatch(c -> ByteLetters.value(c) >= 0)) {
                    token.codePoints().map(ByteLetters::value).forEach(bytes::write);
                } else {
                    bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
                }
            }
            return List.of(bytes.toString(StandardCharsets.UTF_8));
        }
    }

    /// A space before each piece that begins a word.
    ///
    /// @param inside what the others begin with
    /// @param cleanup whether spaces before punctuation and English endings are dropped
    record Pieces(String inside, boolean cleanup) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> parts = new ArrayList<>();
            for (String token : tokens) {
                String part = parts.isEmpty()
                        ? token
                        : token.startsWith(inside) ? token.substring(inside.length()) : " " + token;
                parts.add(cleanup ? tidy(part) : part);
            }
            return parts;
        }
    }

    /// Without the spaces that words cut at punctuation leave in English.
    static String tidy(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    /// Marks back to spaces.
    ///
    /// @param mark what stands for a space
    /// @param prepended whether the first token has one that was not in the text
    record Metaspace(String mark, boolean prepended) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> parts = new ArrayList<>();
            for (String token : tokens) {
                parts.add(token.replace(mark, parts.isEmpty() && prepended ? "" : " "));
            }
            return parts;
        }
    }

    /// What ends a word back to a space, but for the last.
    record WordEnds(String end) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> parts = new ArrayList<>();
            for (String token : tokens) {
                parts.add(token.replace(end, parts.size() + 1 == tokens.size() ? "" : " "));
            }
            return parts;
        }
    }

    /// Tokens for bytes back to characters; a run of bytes that is not UTF-8 becomes as many U+FFFD.
    record ByteFallback() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> parts = new ArrayList<>();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String token : tokens) {
                int value = ByteTokens.value(token);
                if (value >= 0) {
                    bytes.write(value);
                } else {
                    flush(bytes, parts);
                    parts.add(token);
                }
            }
            flush(bytes, parts);
            return parts;
        }

        private static void flush(ByteArrayOutputStream bytes, List<String> parts) {
            if (bytes.size() > 0) {
                try {
                    parts.add(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes.toByteArray()))
                            .toString());
                } catch (CharacterCodingException e) {
                    parts.add("\uFFFD".repeat(bytes.size()));
                }
                bytes.reset();
            }
        }
    }

    /// All parts as one.
    record Fuse() implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join("", tokens));
        }
    }

    /// Drops a character at the ends of each part, so many times at most.
    record Strip(int character, int start, int stop) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(this::strip).toList();
        }

        private String strip(String token) {
            int[] characters = token.codePoints().toArray();
            int from = 0;
            while (from < Math.min(start, characters.length) && characters[from] == character) {
                from++;
            }
            int to = characters.length;
            while (to > from && characters.length - to < stop && characters[to - 1] == character) {
                to--;
            }
            return new String(characters, from, to - from);
        }
    }

    /// Puts something in the place of what is found.
    record Replace(Finder pattern, String content) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(token -> pattern.replace(token, content)).toList();
        }
    }

    /// Of a recogniser's frames: the same token again is one, and some stand for nothing (A. Graves et
    /// al.: *Connectionist temporal classification*, 2006).
    ///
    /// @param blank what stands for nothing
    /// @param delimiter what stands between words
    /// @param cleanup whether spaces before punctuation and English endings are dropped
    record Ctc(String blank, String delimiter, boolean cleanup) implements Decoder {
        @Override
        public List<String> decode(List<String> tokens) {
            List<String> parts = new ArrayList<>();
            String before = null;
            for (String token : tokens) {
                if (!token.equals(before)) {
                    String part = token.replace(blank, "");
                    part = cleanup ? tidy(part).replace(delimiter, " ") : part;
                    if (!part.isEmpty()) {
                        parts.add(part);
                    }
                }
                before = token;
            }
            return parts;
        }
    }
}
