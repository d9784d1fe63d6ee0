package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Batch;
import fathom.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/// What each sample of a data set is made of, all of it read by the same index.
///
/// @param others further inputs and targets by name
record Columns(Samples inputs, Samples targets, Map<String, Samples> others) {
    Columns {
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
        int count = inputs.count();
        String message = "dataset: %s inputs %s and %s targets %s, expected as many";
        Require.that(count == targets.count(), message, count, inputs.shape(), targets.count(), targets.shape());
    }

    /// The same change to each.
    Columns map(UnaryOperator<Samples> change) {
        return combine(this, (one, _) -> change.apply(one));
    }

    /// The samples of this, then those of others of the same kinds.
    ///
    /// @throws IllegalArgumentException if they differ in names, shapes or dtypes
    Columns join(Columns second) {
        boolean same = others.keySet().equals(second.others.keySet());
        String message = "concat: samples with %s and with %s, expected the same names";
        Require.that(same, message, others.keySet(), second.others.keySet());
        return combine(second, JoinedSamples::new);
    }

    private Columns combine(Columns second, BinaryOperator<Samples> both) {
        Map<String, Samples> combined = new LinkedHashMap<>();
        others.forEach((name, one) -> {
            Samples two = second.others.get(name);
            combined.put(name, both.apply(one, two == null ? one : two));
        });
        return new Columns(both.apply(inputs, second.inputs), both.apply(targets, second.targets), combined);
    }

    /// The inputs of this as inputs and those of the second as targets, with all that both have besides.
    ///
    /// @throws IllegalArgumentException if there are not as many of both, or a name is in both
    Columns zip(Columns second) {
        Columns all = new Columns(inputs, second.inputs, others);
        for (Map.Entry<String, Samples> e : second.others.entrySet()) {
            all = all.with("zip", e.getKey(), e.getValue());
        }
        return all;
    }

    /// @throws IllegalArgumentException if there are such values already
    Columns with(String operation, String name, Samples values) {
        boolean free = !others.containsKey(name);
        Require.that(free, "%s: a second %s, expected a name other than %s", operation, name, others.keySet());
        Map<String, Samples> more = new LinkedHashMap<>(others);
        more.put(name, values);
        return new Columns(inputs, targets, more);
    }

    Columns withInputs(Samples newInputs) {
        return new Columns(newInputs, targets, others);
    }

    Columns withTargets(Samples newTargets) {
        return new Columns(inputs, newTargets, others);
    }

    Columns inEpoch(int epoch) {
        return map(samples -> samples.inEpoch(epoch));
    }

    /// Some samples' elements, of which tensors are made later, on the thread that uses them.
    Raw read(int[] indices) {
        Map<String, Buffer> more = new LinkedHashMap<>();
        others.forEach((name, samples) -> more.put(name, samples.readAll(indices)));
        return new Raw(this, indices.length, inputs.readAll(indices), targets.readAll(indices), more);
    }

    /// A batch's elements.
    record Raw(Columns from, int size, Buffer x, Buffer y, Map<String, Buffer> others) {
        Batch toBatch() {
            Map<String, Tensor> more = new LinkedHashMap<>();
            from.others.forEach((name, samples) -> {
                Buffer elements = others.get(name);
                if (elements != null) {
                    more.put(name, tensor(elements, samples));
                }
            });
            return new Batch(tensor(x, from.inputs), tensor(y, from.targets), more);
        }

        private Tensor tensor(Buffer elements, Samples samples) {
            return Tensor.of(elements, samples.batchShape(size));
        }
    }

    /// `inputs F32[2], targets I32[]` and so on.
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("inputs ").append(inputs.dtype()).append(inputs.shape());
        text.append(", targets ").append(targets.dtype()).append(targets.shape());
        others.forEach((name, samples) -> text.append(", ")
                .append(name)
                .append(' ')
                .append(samples.dtype())
                .append(samples.shape()));
        return text.toString();
    }
}
