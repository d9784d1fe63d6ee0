package fathom.data.text.pipeline;

import fathom.data.text.pipeline.Piece.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What becomes of the places at which a text is cut.
enum SplitBehavior {
    REMOVED,
    ISOLATED,
    MERGED_WITH_PREVIOUS,
    MERGED_WITH_NEXT,
    CONTIGUOUS;

    /// The parts of a text.
    ///
    /// @param spans the places, and those between
    List<Span> apply(List<Span> spans) {
        return switch (this) {
            case REMOVED -> spans.stream().filter(span -> !span.match()).toList();
            case ISOLATED -> spans;
            case MERGED_WITH_PREVIOUS -> joined(spans);
            case MERGED_WITH_NEXT -> joined(spans.reversed()).reversed();
            case CONTIGUOUS -> runs(spans);
        };
    }

    /// Joins each match that follows none to its neighbour before.
    private static List<Span> joined(List<Span> spans) {
        List<Span> joined = new ArrayList<>();
        boolean afterMatch = false;
        for (Span span : spans) {
            if (span.match() && !afterMatch && !joined.isEmpty()) {
                joined.add(union(joined.removeLast(), span));
            } else {
                joined.add(span);
            }
            afterMatch = span.match();
        }
        return joined;
    }

    private static List<Span> runs(List<Span> spans) {
        List<Span> runs = new ArrayList<>();
        for (Span span : spans) {
            if (!runs.isEmpty() && runs.getLast().match() == span.match()) {
                runs.add(union(runs.removeLast(), span));
            } else {
                runs.add(span);
            }
        }
        return Collections.unmodifiableList(runs);
    }

    private static Span union(Span a, Span b) {
        return new Span(Math.min(a.from(), b.from()), Math.max(a.to(), b.to()), b.match());
    }
}
