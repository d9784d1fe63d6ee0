package fathom.data.text.pipeline;

import java.util.List;
import java.util.regex.Pattern;

/// Cuts a text into what tokens do not cross.
sealed interface PreTokenizer {
    /// The parts, of which none is empty.
    List<Piece> split(Piece piece);

    /// Cuts nothing.
    static PreTokenizer none() {
        return new Sequence(List.of());
    }

    /// One after the other.
    record Sequence(List<PreTokenizer> steps) implements PreTokenizer {
        public Sequence {
            steps = List.copyOf(steps);
        }

        @Override
        public List<Piece> split(Piece piece) {
            List<Piece> pieces = List.of(piece);
            for (PreTokenizer step : steps) {
                pieces = pieces.stream().flatMap(p -> step.split(p).stream()).toList();
            }
            return pieces;
        }
    }

    /// Cuts where something is found.
    ///
    /// @param pattern what is looked for
    /// @param behavior what becomes of that
    /// @param invert whether what lies between is meant instead
    record Split(Finder pattern, SplitBehavior behavior, boolean invert) implements PreTokenizer {
        @Override
        public List<Piece> split(Piece piece) {
            List<Piece.Span> spans = pattern.spans(piece.text());
            if (invert) {
                spans = spans.stream()
                        .map(s -> new Piece.Span(s.from(), s.to(), !s.match()))
                        .toList();
            }
            return piece.cut(behavior.apply(spans));
        }
    }

    /// White space is dropped, and each sign of punctuation is alone: BERT's words.
    static PreTokenizer bert() {
        return new Sequence(List.of(
                whitespace(),
                new Split(new Finder.Characterwise(Characters::isPunctuation), SplitBehavior.ISOLATED, false)));
    }

    /// White space is dropped.
    static PreTokenizer whitespace() {
        return new Split(new Finder.Characterwise(Characters::isSpace), SplitBehavior.REMOVED, false);
    }

    /// Runs of letters and digits, and runs of signs.
    static PreTokenizer words() {
        Pattern words = Pattern.compile("\\w+|[^\\w\\s]+", Pattern.UNICODE_CHARACTER_CLASS);
        return new Split(new Finder.Regex(words), SplitBehavior.REMOVED, true);
    }

    /// The words of GPT-2, with the space before them.
    String GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    /// GPT-2's words.
    static PreTokenizer gpt2Words() {
        return new Split(Finder.Regex.of("GPT-2", GPT2_WORDS), SplitBehavior.ISOLATED, false);
    }

    /// Writes the bytes of UTF-8 as letters.
    ///
    /// @param words cuts before
    /// @param addSpace whether there is to be a space before the text
    record ByteLevel(PreTokenizer words, boolean addSpace) implements PreTokenizer {
        @Override
        public List<Piece> split(Piece piece) {
            boolean prepend = addSpace && !piece.text().startsWith(" ");
            Piece spaced = prepend ? new Piece(" " + piece.text(), piece.first()) : piece;
            return words.split(spaced).stream()
                    .map(p -> new Piece(ByteLetters.of(p.text()), p.first()))
                    .toList();
        }
    }

    /// Which parts of a text get a mark for a space before them.
    enum Prepend {
        ALWAYS,
        FIRST,
        NEVER
    }

    /// Writes a space as a mark that can be seen, with which words begin: SentencePiece's `▁`.
    ///
    /// @param mark what stands for a space
    /// @param prepend which parts get one before them
    /// @param cut whether to cut before each
    record Metaspace(String mark, Prepend prepend, boolean cut) implements PreTokenizer {
        @Override
        public List<Piece> split(Piece piece) {
            String text = piece.text().replace(" ", mark);
            boolean wanted = prepend == Prepend.ALWAYS || prepend == Prepend.FIRST && piece.first();
            Piece marked = new Piece(wanted && !text.startsWith(mark) ? mark + text : text, piece.first());
            return cut
                    ? marked.cut(SplitBehavior.MERGED_WITH_NEXT.apply(new Finder.Literal(mark).spans(marked.text())))
                    : List.of(marked);
        }
    }
}
