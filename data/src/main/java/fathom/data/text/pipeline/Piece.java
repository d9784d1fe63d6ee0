package fathom.data.text.pipeline;

import java.util.ArrayList;
import java.util.List;

/// A part of a text on its way to tokens.
///
/// @param text the part
/// @param first whether the whole text begins with it
record Piece(String text, boolean first) {
    /// The parts between some places, of which empty ones are left out.
    List<Piece> cut(List<Span> spans) {
        List<Piece> pieces = new ArrayList<>();
        for (Span span : spans) {
            if (span.from() < span.to()) {
                pieces.add(new Piece(text.substring(span.from(), span.to()), first && span.from() == 0));
            }
        }
        return pieces;
    }

    /// A place in a text.
    ///
    /// @param match whether it is what was looked for, or what lies between
    record Span(int from, int to, boolean match) {}
}
