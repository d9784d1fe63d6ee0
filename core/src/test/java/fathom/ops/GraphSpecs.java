package fathom.ops;

import fathom.autodiff.Gradients;
import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Recurrence;
import fathom.tensor.Recurrence.Cell;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Operations that hold graphs: checkpoints, and recurrences of the usual cells and of some that nobody
/// uses.
final class GraphSpecs {
    static final Cell ELMAN = (x, p, s) -> List.of(x.get(0).add(p.get(0)).tanh());

    static final Cell GRU = (x, p, s) -> {
        Tensor reset = x.get(0).add(p.get(0)).sigmoid();
        Tensor update = x.get(1).add(p.get(1)).sigmoid();
        Tensor candidate = x.get(2).add(reset.mul(p.get(2))).tanh();
        return List.of(update.rsub(1).mul(candidate).add(update.mul(s.get(0))));
    };

    static final Cell LSTM = (x, p, s) -> {
        List<Tensor> z =
                IntStream.range(0, 4).mapToObj(i -> x.get(i).add(p.get(i))).toList();
        Tensor c = z.get(1)
                .sigmoid()
                .mul(s.get(1))
                .add(z.get(0).sigmoid().mul(z.get(2).tanh()));
        return List.of(z.get(3).sigmoid().mul(c.tanh()), c);
    };

    /// Two blocks fed, one product, one block of state that is only carried and one that is not read.
    private static final Cell ODD = (x, p, s) -> List.of(
            p.get(0).mul(x.get(0)).tanh(),
            s.get(2).sin(),
            s.get(0).mul(0.3).add(x.get(0).mul(x.get(0))),
            x.get(0).greater(0).select(p.get(0), s.get(1)).mul(0.5));

    /// A running sum: nothing is multiplied.
    private static final Cell SUM = (x, p, s) -> List.of(s.get(0).add(x.get(0)));

    private GraphSpecs() {}

    static List<OpSpec> all() {
        return List.of(recurrence(), checkpoint(), after());
    }

    private static OpSpec after() {
        return OpSpec.of(
                Op.After.class,
                Sample.of(new Op.After(), Input.normal(2, 3), Input.normal(4)),
                Sample.of(new Op.After(), Input.normal(0, 3), Input.normal(1)));
    }

    private static OpSpec checkpoint() {
        Node argument = Node.of(new Op.Data(Shape.of(2, 3), DType.F32));
        Op of2x3 = new Op.Checkpoint(
                Graph.closed(List.of(new Tensor(argument).exp().node()), List.of(argument)));
        return OpSpec.of(
                        Op.Checkpoint.class,
                        checkpoint("a chain", in -> in.get(0).sin().exp().mul(in.get(0)), x(2, 3)),
                        checkpoint(
                                "products",
                                in -> in.get(0).matmul(in.get(1)).tanh().sum(0),
                                x(2, 3),
                                x(3, 4)),
                        checkpoint("of nothing", in -> in.get(0).tanh().mul(2), x(0, 3)))
                .refuses(of2x3, List.of(x(3, 2)), "argument 0 to be F32[2, 3]");
    }

    private static Input x(int... shape) {
        return Input.normal(shape);
    }

    /// A function of the first operand that also uses the others.
    private static Sample checkpoint(String name, Function<List<Tensor>, Tensor> function, Input... inputs) {
        return new Sample(
                name,
                List.of(inputs),
                in -> Gradients.checkpoint(
                        first -> {
                            List<Tensor> all = new ArrayList<>(in);
                            all.set(0, first);
                            return function.apply(all);
                        },
                        in.getFirst()),
                true,
                2);
    }

    private static OpSpec recurrence() {
        Op.Recurrence elman = op(ELMAN, 1, 1, 1);
        return OpSpec.of(
                        Op.Recurrence.class,
                        sample("elman", ELMAN, 1, 3, 2, 4, 1, 1, 1, false, true),
                        sample("elman of one", ELMAN, 1, 1, 1, 1, 1, 1, 1, true, true),
                        sample("elman without time", ELMAN, 1, 0, 2, 3, 1, 1, 1, false, true),
                        sample("elman without samples", ELMAN, 1, 2, 0, 3, 1, 1, 1, false, false),
                        sample("elman not fed", ELMAN, 1, 3, 2, 2, 0, 1, 1, false, true),
                        sample("gru", GRU, 3, 2, 2, 2, 1, 3, 1, false, true),
                        sample("gru reversed", GRU, 3, 3, 1, 2, 1, 3, 1, true, true),
                        sample("lstm", LSTM, 4, 2, 1, 2, 1, 4, 2, false, true),
                        sample("lstm reversed", LSTM, 4, 2, 2, 1, 1, 4, 2, true, true),
                        sample("odd", ODD, 1, 3, 2, 2, 2, 1, 4, false, true),
                        sample("sum", SUM, 1, 4, 2, 3, 0, 0, 1, true, true),
                        sample("large lstm", LSTM, 4, 9, 33, 37, 1, 4, 2, false, false),
                        sample("large gru", GRU, 3, 7, 5, 64, 1, 3, 1, true, false))
                .refuses(elman, List.of(Input.normal(2, 3), Input.normal(3, 3), Input.normal(2, 3)), "[T, N, X * H]")
                .refuses(elman, List.of(Input.normal(3, 3), Input.normal(2, 3)), "one or more sequences")
                .refuses(
                        elman,
                        List.of(Input.normal(2, 1, 3), Input.normal(3, 4), Input.normal(1, 3)),
                        "weights [F * H, P * H]")
                .refuses(
                        elman,
                        List.of(Input.normal(2, 1, 3), Input.normal(3, 3), Input.normal(2, 3)),
                        "an initial state [N, S * H]")
                .refuses(
                        elman,
                        List.of(Input.normal(2, 1, 3), Input.normal(2, 2, 3), Input.normal(3, 3), Input.normal(1, 3)),
                        "of one T, one N and blocks of 3 columns")
                .refuses(
                        elman,
                        List.of(Input.normal(2, 1, 2), Input.normal(2, 2), Input.normal(1, 2)),
                        "a cell over blocks [1, 2]");
    }

    /// For blocks `[1, 3]` of F32.
    private static Op.Recurrence op(Cell cell, int inputs, int products, int states) {
        List<Tensor> all = IntStream.range(0, inputs + products + states)
                .mapToObj(_ -> Tensor.of(new Op.Data(Shape.of(1, 3), DType.F32)))
                .toList();
        List<Node> roots = cell
                .step(
                        all.subList(0, inputs),
                        all.subList(inputs, inputs + products),
                        all.subList(inputs + products, all.size()))
                .stream()
                .map(Tensor::node)
                .toList();
        return new Op.Recurrence(
                Graph.closed(roots, all.stream().map(Tensor::node).toList()), false);
    }

    private static Sample sample(
            String name,
            Cell cell,
            int inputs,
            int time,
            int samples,
            int width,
            int fed,
            int products,
            int states,
            boolean reverse,
            boolean smooth) {
        List<Input> operands = List.of(
                Input.normal(time, samples, inputs * width),
                Input.uniform(-0.5, 0.5, fed * width, products * width),
                Input.normal(samples, states * width));
        return new Sample(
                name,
                operands,
                in -> {
                    // The last block as a sequence of its own.
                    int last = (inputs - 1) * width;
                    Tensor x = in.getFirst();
                    List<Tensor> sequences =
                            inputs == 1 ? List.of(x) : List.of(x.slice(2, 0, last), x.slice(2, last, last + width));
                    return Recurrence.of(cell, width, sequences, in.get(1), in.get(2), reverse)
                            .history();
                },
                smooth,
                5);
    }
}
