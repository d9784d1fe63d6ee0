package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;
import static fathom.parity.Torch.index;
import static fathom.parity.Torch.maybe;

import fathom.nn.Bidirectional;
import fathom.nn.Dropout;
import fathom.nn.Gru;
import fathom.nn.Lstm;
import fathom.nn.Parameter;
import fathom.nn.Recurrent;
import fathom.nn.RecurrentCell;
import fathom.nn.RecurrentStack;
import fathom.nn.Rnn;
import fathom.nn.Sequences;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.PackedSequence;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Recurrent layers in both directions, several one after the other, and for sequences of different
/// length: outputs and states at the end, from states that are not zeros. Inputs are the sequences,
/// the tensors of the state, and the parameters cell by cell.
@RequiresLibtorch
class DeepRecurrentTest {
    @TestFactory
    Stream<DynamicTest> bidirectional() {
        return Stream.of(Cells.values())
                .flatMap(kind -> Stream.of(new Deep(3, 5, 4, 6), new Deep(33, 7, 3, 5))
                        .flatMap(d -> Case.tests(d.test("bidirectional " + kind, kind, true, 1, List.of()))));
    }

    @TestFactory
    Stream<DynamicTest> layers() {
        return Stream.of(Cells.values())
                .flatMap(kind -> Case.tests(
                        new Deep(3, 5, 4, 6).test("three " + kind, kind, false, 3, List.of()),
                        new Deep(1, 4, 3, 5).test("two bidirectional " + kind, kind, true, 2, List.of())));
    }

    /// Against libtorch's packed sequences, outputs and states at the sequences' own ends.
    @TestFactory
    Stream<DynamicTest> lengths() {
        return Stream.of(Cells.values())
                .flatMap(kind -> Case.tests(
                        new Deep(3, 5, 4, 6).test("lengths of " + kind, kind, false, 1, List.of(3, 5, 1)),
                        new Deep(4, 7, 3, 5)
                                .test("lengths of two bidirectional " + kind, kind, true, 2, List.of(7, 2, 1, 4))));
    }

    /// The kinds of cells, as both libraries have them.
    private enum Cells {
        LSTM(4, 3, 2) {
            @Override
            RecurrentCell of(List<Parameter> p) {
                return new Lstm(p.get(0), p.get(1), p.get(2));
            }
        },
        GRU(3, 4, 1) {
            @Override
            RecurrentCell of(List<Parameter> p) {
                return new Gru(p.get(0), p.get(1), p.get(2), p.get(3));
            }
        },
        RNN(1, 3, 1) {
            @Override
            RecurrentCell of(List<Parameter> p) {
                return new Rnn(p.get(0), p.get(1), p.get(2));
            }
        };

        final int gates;
        final int parameters;
        final int states;

        Cells(int gates, int parameters, int states) {
            this.gates = gates;
            this.parameters = parameters;
            this.states = states;
        }

        abstract RecurrentCell of(List<Parameter> p);

        /// One result of all that libtorch gives: the outputs and the states, flat.
        Tensor theirs(Tensor x, TensorVector states, TensorVector weights, int layers, boolean bidirectional) {
            return switch (this) {
                case LSTM -> {
                    var y = torch.lstm(x, states, weights, true, layers, 0, true, bidirectional, true);
                    yield flat(y.get0(), y.get1(), y.get2());
                }
                case GRU -> {
                    var y = torch.gru(x, states.get(0), weights, true, layers, 0, true, bidirectional, true);
                    yield flat(y.get0(), y.get1());
                }
                case RNN -> {
                    var y = torch.rnn_tanh(x, states.get(0), weights, true, layers, 0, true, bidirectional, true);
                    yield flat(y.get0(), y.get1());
                }
            };
        }

        Tensor packed(PackedSequence x, TensorVector states, TensorVector weights, int layers, boolean bidirectional) {
            return switch (this) {
                case LSTM -> {
                    var y = torch.lstm(
                            x.data(), x.batch_sizes(), states, weights, true, layers, 0, true, bidirectional);
                    yield flat(padded(x, y.get0()), sorted(x, y.get1()), sorted(x, y.get2()));
                }
                case GRU -> {
                    var y = torch.gru(
                            x.data(), x.batch_sizes(), states.get(0), weights, true, layers, 0, true, bidirectional);
                    yield flat(padded(x, y.get0()), sorted(x, y.get1()));
                }
                case RNN -> {
                    var y = torch.rnn_tanh(
                            x.data(), x.batch_sizes(), states.get(0), weights, true, layers, 0, true, bidirectional);
                    yield flat(padded(x, y.get0()), sorted(x, y.get1()));
                }
            };
        }

        private static Tensor padded(PackedSequence x, Tensor data) {
            var y = new PackedSequence(data, x.batch_sizes(), x.sorted_indices(), x.unsorted_indices());
            return torch.pad_packed_sequence(y, true, 0, new LongOptional()).get0();
        }

        /// States as the samples came and not by length.
        private static Tensor sorted(PackedSequence x, Tensor states) {
            return states.index_select(1, x.unsorted_indices());
        }

        private static Tensor flat(Tensor... all) {
            TensorVector rows = new TensorVector();
            for (Tensor t : all) {
                rows.push_back(t.reshape(-1));
            }
            return torch.cat(rows);
        }
    }

    private record Deep(int samples, int time, int in, int units) {
        Case test(String name, Cells kind, boolean bidirectional, int layers, List<Integer> lengths) {
            int each = bidirectional ? 2 : 1;
            int cells = layers * each;
            List<Input> inputs = new ArrayList<>(List.of(normal(samples, time, in)));
            for (int i = 0; i < cells * kind.states; i++) {
                inputs.add(normal(samples, units));
            }
            for (int i = 0; i < cells; i++) {
                inputs.add(uniform(-0.4, 0.4, i < each ? in : each * units, kind.gates * units));
                inputs.add(uniform(-0.4, 0.4, units, kind.gates * units));
                inputs.add(normal(kind.gates * units));
                if (kind == Cells.GRU) {
                    inputs.add(normal(units));
                }
            }
            int first = 1 + cells * kind.states;
            Function<List<Parameter>, fathom.tensor.Tensor> ours = p -> {
                List<RecurrentCell> built = new ArrayList<>();
                for (int i = 0; i < cells; i++) {
                    int from = first + i * kind.parameters;
                    built.add(kind.of(p.subList(from, from + kind.parameters)));
                }
                List<Recurrent> stack = new ArrayList<>();
                for (int i = 0; i < cells; i += each) {
                    stack.add(bidirectional ? new Bidirectional(built.get(i), built.get(i + 1)) : built.get(i));
                }
                Sequences x = Sequences.of(p.getFirst().value())
                        .from(p.subList(1, first).stream().map(Parameter::value).toList());
                Recurrent layer = layers == 1 ? stack.getFirst() : new RecurrentStack(stack, new Dropout(0.5));
                Recurrent.Result y = layer.run(lengths.isEmpty() ? x : x.lengths(tensor(lengths)));
                List<fathom.tensor.Tensor> all =
                        new ArrayList<>(List.of(y.outputs().reshape(-1)));
                // Libtorch has all first tensors of the states, then all second ones.
                for (int s = 0; s < kind.states; s++) {
                    for (int i = 0; i < cells; i++) {
                        all.add(y.state().get(i * kind.states + s).reshape(-1));
                    }
                }
                return fathom.tensor.Tensor.concat(0, all);
            };
            Function<List<Tensor>, Tensor> theirs = t -> {
                TensorVector weights = new TensorVector();
                for (int i = 0; i < cells; i++) {
                    int from = first + i * kind.parameters;
                    weights.push_back(t.get(from).t());
                    weights.push_back(t.get(from + 1).t());
                    weights.push_back(t.get(from + 2));
                    Tensor none = torch.zeros_like(t.get(from + 2));
                    weights.push_back(
                            kind == Cells.GRU
                                    ? torch.cat(new TensorVector(
                                            none.slice(0, maybe(0), maybe(2L * units), 1), t.get(from + 3)))
                                    : none);
                }
                if (lengths.isEmpty()) {
                    return kind.theirs(t.getFirst(), states(kind, t, cells), weights, layers, bidirectional);
                }
                PackedSequence x =
                        torch.pack_padded_sequence(t.getFirst(), index(Torch.of(tensor(lengths))), true, false);
                TensorVector sorted = new TensorVector();
                for (Tensor s : states(kind, t, cells).get()) {
                    sorted.push_back(s.index_select(1, x.sorted_indices()));
                }
                return kind.packed(x, sorted, weights, layers, bidirectional);
            };
            return Case.layer(name + " of " + this, inputs, ours, theirs).within(2);
        }

        private static fathom.tensor.Tensor tensor(List<Integer> lengths) {
            int[] all = lengths.stream().mapToInt(i -> i).toArray();
            return fathom.tensor.Tensor.of(all, all.length);
        }

        /// `[cells, N, units]` for each tensor of a cell's state.
        private static TensorVector states(Cells kind, List<Tensor> t, int cells) {
            TensorVector all = new TensorVector();
            for (int s = 0; s < kind.states; s++) {
                TensorVector one = new TensorVector();
                for (int i = 0; i < cells; i++) {
                    one.push_back(t.get(1 + i * kind.states + s));
                }
                all.push_back(torch.stack(one));
            }
            return all;
        }
    }
}
