package fathom.nn.generate;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Looks for the likeliest sequences of tokens by going on with the best few at every step, and not with the best
/// alone.
/// Graves: *Sequence transduction with recurrent neural networks* (2012).
///
/// A model is any state that goes on with a token, such as the caches of a decoder, which do not change and so can be
/// gone
/// on from more than once.
///
/// @param width how many sequences are gone on with
/// @param most tokens of a sequence at most
/// @param ends tokens that end a sequence, of which they are then the last
/// @param lengthPenalty the exponent of the length by which the sum of log-probabilities is divided: 0 for the
/// likeliest
///   sequence, more for longer ones. Wu et al.: *Google's neural machine translation system* (2016)
public record BeamSearch(int width, int most, Set<Integer> ends, double lengthPenalty) {
    public BeamSearch {
        Require.positive("beamSearch: width", width);
        Require.positive("beamSearch: most", most);
        Require.notNegative("beamSearch: lengthPenalty", lengthPenalty);
        ends = Set.copyOf(ends);
    }

    /// With no ends, and no penalty.
    public static BeamSearch of(int width, int most) {
        return new BeamSearch(width, most, Set.of(), 0);
    }

    public BeamSearch ends(Integer... tokens) {
        return new BeamSearch(width, most, Set.of(tokens), lengthPenalty);
    }

    public BeamSearch lengthPenalty(double exponent) {
        return new BeamSearch(width, most, ends, exponent);
    }

    /// What a model says of the next token, and what it is in by then.
    ///
    /// @param logits one for each token
    public record Reading<S>(float[] logits, S state) {}

    /// Goes on with a token.
    @FunctionalInterface
    public interface Model<S> {
        Reading<S> next(S state, int token);
    }

    /// A sequence that was found.
    ///
    /// @param tokens without those that came before the search
    /// @param logProbability of all of them
    /// @param score by which sequences are compared
    public record Found(List<Integer> tokens, double logProbability, double score) {
        public Found {
            tokens = List.copyOf(tokens);
        }
    }

    private record Beam<S>(List<Integer> tokens, double logProbability, Reading<S> reading) {}

    private record Candidate<S>(Beam<S> beam, int token, double logProbability) {}

    /// Searches.
    ///
    /// @param start what the model says after what it has read
    /// @param model which is asked for each sequence that is gone on with
    /// @return up to `width` sequences, the best first
    /// @throws IllegalArgumentException if no token has a finite logit
    public <S> List<Found> search(Reading<S> start, Model<S> model) {
        List<Found> ended = new ArrayList<>();
        List<Beam<S>> beams = List.of(new Beam<>(List.of(), 0, start));
        for (int length = 1; !beams.isEmpty() && length <= most && !isDone(ended, beams); length++) {
            List<Beam<S>> next = new ArrayList<>();
            for (Candidate<S> candidate : candidates(beams)) {
                List<Integer> tokens = new ArrayList<>(candidate.beam.tokens);
                tokens.add(candidate.token);
                if (ends.contains(candidate.token) || length == most) {
                    ended.add(found(tokens, candidate.logProbability));
                } else if (next.size() < width) {
                    Reading<S> reading = model.next(candidate.beam.reading.state, candidate.token);
                    next.add(new Beam<>(tokens, candidate.logProbability, reading));
                }
            }
            beams = next;
        }
        ended.sort(Comparator.comparingDouble(Found::score).reversed());
        return ended.stream().limit(width).toList();
    }

    private Found found(List<Integer> tokens, double logProbability) {
        return new Found(tokens, logProbability, score(logProbability, tokens.size()));
    }

    private double score(double logProbability, int length) {
        return logProbability / Math.pow(length, lengthPenalty);
    }

    /// Whether nothing better than what has ended can come any more: what goes on only gets less likely.
    private <S> boolean isDone(List<Found> ended, List<Beam<S>> beams) {
        double best = beams.stream().mapToDouble(Beam::logProbability).max().orElse(Double.NEGATIVE_INFINITY);
        return ended.stream().filter(f -> f.score >= score(best, most)).count() >= width;
    }

    /// The likeliest ways to go on; as many as there can be ends besides those that are gone on with.
    private <S> List<Candidate<S>> candidates(List<Beam<S>> beams) {
        int count = width * (1 + ends.size());
        List<Candidate<S>> all = new ArrayList<>();
        for (Beam<S> beam : beams) {
            all.addAll(best(beam, count));
        }
        // Sorting is stable: of equal ones the first stays the first.
        all.sort(
                Comparator.comparingDouble((Candidate<S> c) -> c.logProbability).reversed());
        return all.subList(0, Math.min(count, all.size()));
    }

    private static <S> List<Candidate<S>> best(Beam<S> beam, int count) {
        float[] logits = beam.reading.logits;
        double[] shares = Sampling.of().topK(count).probabilities(logits);
        double[] all = Sampling.of().probabilities(logits);
        List<Candidate<S>> best = new ArrayList<>();
        for (int token = 0; token < shares.length; token++) {
            if (shares[token] > 0) {
                best.add(new Candidate<>(beam, token, beam.logProbability + Math.log(all[token])));
            }
        }
        return best;
    }
}
