package fathom.tensor;

import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A cell that is applied step by step along time, each time to what it gave before: what recurrent
/// layers are made of.
///
/// All steps are one operation, however many there are, and so is their gradient. In each step the
/// part of the state that is fed back is multiplied by weights; all else that the cell does must be
/// elementwise, and is compiled into one loop. What does not depend on the state, such as the
/// product of the inputs and their weights, is best computed for all times together beforehand.
///
/// ```java
/// // Elman's network: h = tanh(x + h W)
/// var cell = (Recurrence.Cell) (x, p, s) -> List.of(x.get(0).add(p.get(0)).tanh());
/// var h = Recurrence.of(cell, 64, List.of(x), w, initial, false).sequence(0);   // [T, N, H]
/// ```
///
/// @param history the result of the operation, `[T + 1, N, (S + P) * H]`
/// @param blocks S, how many blocks of H columns the state has
/// @param width H
/// @param reversed whether time runs backwards
public record Recurrence(Tensor history, int blocks, int width, boolean reversed) {

    /// One step, given in terms of blocks `[N, H]`.
    @FunctionalInterface
    public interface Cell {
        /// The new blocks of the state.
        ///
        /// @param inputs what the sequences have for this time, block by block
        /// @param products the state that is fed back times the weights, in blocks
        /// @param state the old blocks of the state; the first ones are those that are fed back
        List<Tensor> step(List<Tensor> inputs, List<Tensor> products, List<Tensor> state);
    }

    /// Applies a cell along time.
    ///
    /// @param cell elementwise operations on what it is given and on constants
    /// @param width H, the columns of a block
    /// @param sequences one or more, `[T, N, X * H]`, of one block or more each; views (slices,
    ///   exchanged axes, broadcasts) cost nothing
    /// @param weights `[F * H, P * H]`: by what the first F blocks of the state are multiplied
    /// @param initial the first state, `[N, S * H]`
    /// @param reverse whether time runs from the end of the sequences to their beginning
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or the cell uses other
    ///   tensors or other operations
    public static Recurrence of(
            Cell cell, int width, List<Tensor> sequences, Tensor weights, Tensor initial, boolean reverse) {
        Require.positive("recurrence: width", width);
        boolean fits = weights.rank() == 2
                && initial.rank() == 2
                && weights.dim(1) % width == 0
                && initial.dim(1) % width == 0;
        String expected = "recurrence: weights %s and an initial state %s, expected [F * H, P * H] and [N, S * H] for"
                + " H = %s";
        Require.that(fits, expected, weights.type(), initial.type(), width);
        int columns = 0;
        for (Tensor x : sequences) {
            boolean whole = x.rank() == 3 && x.dim(2) % width == 0;
            Require.that(whole, "recurrence: a sequence %s, expected [T, N, X * H] for H = %s", x.type(), width);
            columns += x.dim(2);
        }
        Shape block = Shape.of(initial.dim(0), width);
        List<Tensor> inputs = placeholders(columns / width, block, initial.dtype());
        List<Tensor> products = placeholders(weights.dim(1) / width, block, initial.dtype());
        List<Tensor> state = placeholders(initial.dim(1) / width, block, initial.dtype());
        List<Tensor> next = cell.step(inputs, products, state);
        String blocks = "recurrence: a cell that gives %s blocks of state, expected %s as in the initial state %s";
        Require.that(next.size() == state.size(), blocks, next.size(), state.size(), initial.type());
        List<Node> arguments = Stream.of(inputs, products, state)
                .flatMap(List::stream)
                .map(Tensor::node)
                .toList();
        Graph step = Graph.closed(next.stream().map(Tensor::node).toList(), arguments);
        List<Tensor> operands = new ArrayList<>(sequences);
        operands.add(weights);
        operands.add(initial);
        Tensor history = Tensor.of(new Op.Recurrence(step, reverse), operands.toArray(Tensor[]::new));
        return new Recurrence(history, state.size(), width, reverse);
    }

    private static List<Tensor> placeholders(int count, Shape block, DType dtype) {
        return IntStream.range(0, count)
                .mapToObj(_ -> Tensor.of(new Op.Data(block, dtype)))
                .toList();
    }

    /// One block of the state after each step, `[T, N, H]`: at place `t` what the step at time `t`
    /// gave.
    public Tensor sequence(int block) {
        int from = reversed ? 0 : 1;
        return history.slice(0, from, from + history.dim(0) - 1).slice(2, block * width, (block + 1) * width);
    }

    /// One block of the state after the last step, `[N, H]`.
    public Tensor last(int block) {
        int row = reversed ? 0 : history.dim(0) - 1;
        return history.slice(0, row, row + 1)
                .slice(2, block * width, (block + 1) * width)
                .squeeze(0);
    }
}
