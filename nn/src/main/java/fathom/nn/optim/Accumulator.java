package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The mean gradient over several batches, as far as they have been seen.
final class Accumulator {
    private final List<@Nullable Variable> sums = new ArrayList<>();
    private final boolean[] present;
    private int batches = 1;
    private int seen;

    Accumulator(int parameters) {
        present = new boolean[parameters];
        for (int i = 0; i < parameters; i++) {
            sums.add(null);
        }
    }

    void batches(int count) {
        Require.positive("accumulate: batches", count);
        boolean idle = seen == 0 || count == batches;
        Require.that(
                idle, "accumulate: %s batches after %s of %s, expected no change before a step", count, seen, batches);
        batches = count;
    }

    int batches() {
        return batches;
    }

    int seen() {
        return seen;
    }

    /// Whether the next batch is the last one before a step.
    boolean isLast() {
        return seen + 1 >= batches;
    }

    /// What was kept, with the gradients of another batch; null where there is neither.
    List<@Nullable Tensor> plus(List<@Nullable Tensor> gradients) {
        if (batches == 1) {
            return gradients;
        }
        List<@Nullable Tensor> all = new ArrayList<>();
        for (int i = 0; i < present.length; i++) {
            Tensor g = gradients.get(i);
            Tensor part = g == null ? null : g.mul(1.0 / batches);
            Tensor sum = sum(i);
            all.add(sum == null ? part : part == null ? sum : sum.add(part));
        }
        return all;
    }

    private @Nullable Tensor sum(int i) {
        Variable v = sums.get(i);
        return present[i] && v != null ? v.value() : null;
    }

    /// The updates that keep these sums for the next batch, to be committed.
    List<Variable.Update> keep(List<@Nullable Tensor> all) {
        List<Variable.Update> updates = new ArrayList<>();
        for (int i = 0; i < present.length; i++) {
            Tensor sum = all.get(i);
            if (sum != null) {
                updates.add(variable(i, sum).to(sum));
            }
        }
        return updates;
    }

    private Variable variable(int i, Tensor like) {
        Variable v = sums.get(i);
        if (v == null) {
            v = Variable.of(Slot.zeros("gradient", like).initial());
            sums.set(i, v);
        }
        return v;
    }

    /// After the sums were kept.
    void kept(List<@Nullable Tensor> all) {
        for (int i = 0; i < present.length; i++) {
            present[i] = all.get(i) != null;
        }
        seen++;
    }

    /// After a step.
    void clear() {
        Arrays.fill(present, false);
        seen = 0;
    }

    /// Copies of the sums, by the number of the parameter.
    Map<Integer, Tensor> state() {
        Map<Integer, Tensor> state = new LinkedHashMap<>();
        for (int i = 0; i < present.length; i++) {
            Tensor sum = sum(i);
            if (sum != null) {
                state.put(i, sum.copy());
            }
        }
        return state;
    }

    void load(Map<Integer, Tensor> state, int batchesSeen) {
        clear();
        state.forEach((i, sum) -> {
            variable(i, sum).set(sum);
            present[i] = true;
        });
        seen = batchesSeen;
    }
}
