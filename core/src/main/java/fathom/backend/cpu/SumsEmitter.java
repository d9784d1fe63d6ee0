package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/// Emits the frame of kernels that hold a run of results in registers while they add products to it.
///
/// @param vectors how many vectors of results
record SumsEmitter(Lanes lanes, int vectors) {
    /// Emits the sums' start, the code that adds to them, and their end.
    ///
    /// @param results a local variable, an array of elements
    /// @param at a local variable, where in it the first result is
    /// @param accumulate a local variable: other than zero if the results are added to, and not
    ///   written anew
    /// @param add is given the local variables of the sums
    void emit(CodeBuilder code, int results, int at, int accumulate, Consumer<int[]> add) {
        int[] sums = new int[vectors];
        each(v -> {
            sums[v] = lanes.local(code);
            lanes.constant(code, 0);
            lanes.set(code, sums[v]);
        });
        Label fresh = code.newLabel();
        code.iload(accumulate).ifeq(fresh);
        each(v -> {
            lanes.load(code, results, at, v * lanes.count());
            lanes.set(code, sums[v]);
        });
        code.labelBinding(fresh);
        add.accept(sums);
        each(v -> lanes.store(code, sums[v], results, at, v * lanes.count()));
    }

    /// Emits the adding of one product to each sum.
    ///
    /// @param factors pushes both factors of the vector of the given number
    void addProducts(CodeBuilder code, int[] sums, IntConsumer factors) {
        each(v -> {
            factors.accept(v);
            lanes.get(code, sums[v]);
            lanes.fma(code);
            lanes.set(code, sums[v]);
        });
    }

    private void each(IntConsumer body) {
        for (int v = 0; v < vectors; v++) {
            body.accept(v);
        }
    }
}
