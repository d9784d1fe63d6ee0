package fathom.data;

import fathom.data.Ragged.Padded;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Samples whose inputs are sequences of different length, with a target for each sequence or a
/// sequence of targets. Batches are filled up, and have the `lengths`.
///
/// ```
/// SequenceLoader batches = SequenceDataset.of(tokens, labels).batch(32).shuffle(42).bucketed(50);
/// ```
public final class SequenceDataset {
    /// What the lengths of the inputs are called in batches.
    static final String LENGTHS = "lengths";

    private final Ragged inputs;
    private final Column targets;
    private final Map<String, Column> others;

    private SequenceDataset(Ragged inputs, Column targets, Map<String, Column> others) {
        this.inputs = inputs;
        this.targets = targets;
        this.others = others;
    }

    private static SequenceDataset of(Ragged inputs, int targetCount, Column targets) {
        int count = inputs.count();
        checkCount(targetCount, "targets", count);
        Require.that(count > 0, "sequences: none, expected at least one");
        return new SequenceDataset(inputs, targets, Map.of());
    }

    private static void checkCount(int given, String what, int count) {
        Require.that(given == count, "sequences: %s inputs and %s %s, expected as many", count, given, what);
    }

    /// Reads what belongs to some sequences; sequences are filled up as the inputs are.
    private interface Column {
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
        return of(Ragged.ofTokens("input", tokens), targets.count(), fixed(targets));
    }

    /// Sequences of tokens and sequences of tokens that belong to them: tags, or translations.
    ///
    /// @throws IllegalArgumentException as [#of(List, int[])]
    public static SequenceDataset of(List<int[]> tokens, List<int[]> targets) {
        Ragged ragged = Ragged.ofTokens("target", targets);
        return of(Ragged.ofTokens("input", tokens), ragged.count(), ragged::pad);
    }

    /// Sequences of vectors `[T, C]` and a target of fixed shape for each.
    ///
    /// @throws IllegalArgumentException as [#of(List, int[])], or if vectors differ in length
    public static SequenceDataset ofVectors(List<float[][]> vectors, Samples targets) {
        return of(Ragged.ofVectors("input", vectors), targets.count(), fixed(targets));
    }

    private static Column fixed(Samples targets) {
        return (indices, filler, multiple) -> new Padded(targets.readAll(indices), targets.batchShape(indices.length));
    }

    /// The same sequences with further inputs or targets of fixed shape, which batches have under that
    /// name; see [fathom.tensor.Batch#get]. Those called `weights` are taken for the samples' weights by
    /// a training with a plain loss.
    ///
    /// @throws IllegalArgumentException if there are not as many, or the name is taken, as `lengths` is
    public SequenceDataset with(String name, Samples values) {
        return with(name, values.count(), fixed(values));
    }

    /// The same sequences with further sequences of tokens, filled up as the inputs are: what a decoder
    /// has written so far.
    ///
    /// @throws IllegalArgumentException as [#with(String, Samples)], or if a sequence is empty
    public SequenceDataset with(String name, List<int[]> tokens) {
        Ragged ragged = Ragged.ofTokens(name, tokens);
        return with(name, ragged.count(), ragged::pad);
    }

    private SequenceDataset with(String name, int count, Column values) {
        boolean free = !name.equals(LENGTHS) && !others.containsKey(name);
        Require.that(free, "sequences: a second %s, expected a name of its own", name);
        checkCount(count, name, size());
        Map<String, Column> more = new LinkedHashMap<>(others);
        more.put(name, values);
        return new SequenceDataset(inputs, targets, more);
    }

    /// How many samples there are.
    public int size() {
        return inputs.count();
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

    Map<String, Padded> others(int[] indices, double filler, int multiple) {
        Map<String, Padded> values = new LinkedHashMap<>();
        others.forEach((name, column) -> values.put(name, column.read(indices, filler, multiple)));
        return values;
    }
}
