package fathom.data;

import fathom.data.Ragged.Padded;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Samples whose inputs are sequences of different length, with a target for each sequence or a
/// sequence of targets.
///
/// ```
/// SequenceLoader batches = SequenceDataset.of(tokens, labels).batch(32).shuffle(42).bucketed(50);
/// ```
public final class SequenceDataset {
    private final Ragged inputs;
    private final Targets targets;
    private final int count;

    private SequenceDataset(Ragged inputs, int targetCount, Targets targets) {
        this.inputs = inputs;
        this.targets = targets;
        this.count = inputs.count();
        String message = "sequences: %s inputs and %s targets, expected as many";
        Require.that(count == targetCount, message, count, targetCount);
        Require.that(count > 0, "sequences: none, expected at least one");
    }

    /// Reads the targets of some sequences; sequences are filled up as the inputs are.
    private interface Targets {
        Padded read(int[] indices, double filler, int multiple);
    }

    /// Sequences of tokens and a class index for each.
    ///
    /// @throws IllegalArgumentException if there are not as many of both, none, or an empty sequence
    public static SequenceDataset of(List<int[]> tokens, int[] labels) {
        return of(tokens, Samples.of(Tensor.of(labels, labels.length)));
    }

    /// Sequences of tokens and a target of fixed shape for each.
    ///
    /// @throws IllegalArgumentException as [#of(List, int[])]
    public static SequenceDataset of(List<int[]> tokens, Samples targets) {
        return new SequenceDataset(Ragged.ofTokens("input", tokens), targets.count(), fixed(targets));
    }

    /// Sequences of tokens and sequences of tokens that belong to them: tags, or translations.
    ///
    /// @throws IllegalArgumentException as [#of(List, int[])]
    public static SequenceDataset of(List<int[]> tokens, List<int[]> targets) {
        Ragged ragged = Ragged.ofTokens("target", targets);
        return new SequenceDataset(Ragged.ofTokens("input", tokens), ragged.count(), ragged::pad);
    }

    /// Sequences of vectors `[T, C]` and a target of fixed shape for each.
    ///
    /// @throws IllegalArgumentException as [#of(List, int[])], or if vectors differ in length
    public static SequenceDataset ofVectors(List<float[][]> vectors, Samples targets) {
        return new SequenceDataset(Ragged.ofVectors("input", vectors), targets.count(), fixed(targets));
    }

    private static Targets fixed(Samples targets) {
        return (indices, filler, multiple) -> new Padded(targets.readAll(indices), targets.batchShape(indices.length));
    }

    /// How many samples there are.
    public int size() {
        return count;
    }

    /// How many steps a sample has.
    int length(int index) {
        return inputs.length(index);
    }

    /// Batches of the given size, filled up with 0; the last one of an epoch may be smaller.
    ///
    /// @throws IllegalArgumentException if the size is below 1
    public SequenceLoader batch(int size) {
        Require.positive("batch size", size);
        return SequenceLoader.of(this, size);
    }

    Padded inputs(int[] indices, double filler, int multiple) {
        return inputs.pad(indices, filler, multiple);
    }

    Padded targets(int[] indices, double filler, int multiple) {
        return targets.read(indices, filler, multiple);
    }
}
