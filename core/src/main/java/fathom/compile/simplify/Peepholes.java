package fathom.compile.simplify;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.Peephole;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rules of [Peephole] on the entries of a graph, where other passes make room for them: a
/// movement that has come next to its like, or that has come to move nothing.
final class Peepholes implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> {
            // A sum of one element is the element only up to the sign of zero. As the graph is built
            // that is settled for all backends; here it would change a bit.
            if (e.inputs().isEmpty() || e.op() instanceof Op.Reduce) {
                return null;
            }
            return Peephole.simplify(new Entries(to), e.op(), e.inputs(), e.shape(), e.dtype());
        });
    }

    private record Entries(Rewriter to) implements Peephole.Terms<Integer> {
        @Override
        public Op op(Integer x) {
            return to.entry(x).op();
        }

        @Override
        public List<Integer> inputs(Integer x) {
            return to.entry(x).inputs();
        }

        @Override
        public Shape shape(Integer x) {
            return to.entry(x).shape();
        }

        @Override
        public DType dtype(Integer x) {
            return to.entry(x).dtype();
        }

        @Override
        public boolean isEvaluated(Integer x) {
            return to.entry(x).isLeaf();
        }

        @Override
        public @Nullable Double constant(Integer x) {
            return Rewriter.constant(to.entry(x));
        }

        @Override
        public Integer fullLike(Integer constant, Shape shape) {
            return to.fullLike(to.entry(constant), shape);
        }

        @Override
        public Integer make(Op op, Shape shape, DType dtype, List<Integer> inputs) {
            return to.add(new Entry(op, inputs, shape, dtype, -1));
        }
    }
}
