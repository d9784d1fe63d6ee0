package fathom.ops;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What the tests know about an operation: they compute, differentiate and compare every sample.
///
/// @param op the operation's record
/// @param samples uses of it
/// @param mistakes uses that must be refused
record OpSpec(Class<? extends Op> op, List<Sample> samples, List<Mistake> mistakes) {

    /// A use that must be refused when it is written.
    ///
    /// @param op the operation
    /// @param operands its operands
    /// @param message parts of the message: what was expected
    record Mistake(Op op, List<Input> operands, List<String> message) {
        void make() {
            Node.of(op, operands.stream().map(i -> i.tensor(DType.F32).node()).toList());
        }

        @Override
        public String toString() {
            return op + " " + operands.stream().map(Input::shape).toList();
        }
    }

    static OpSpec of(Class<? extends Op> op, Sample... samples) {
        return new OpSpec(op, List.of(samples), List.of());
    }

    static OpSpec of(Class<? extends Op> op, List<Sample> samples) {
        return new OpSpec(op, List.copyOf(samples), List.of());
    }

    /// With a use that must be refused, by a message that names the operation, all operands and
    /// what was expected.
    OpSpec refuses(Op wrong, List<Input> operands, String... expected) {
        List<String> parts = new ArrayList<>(Arrays.asList(expected));
        parts.add(wrong.title());
        for (Input i : operands) {
            parts.add((i.fixed() ? i.dtype() : DType.F32).toString() + i.shape());
        }
        List<Mistake> all = new ArrayList<>(mistakes);
        all.add(new Mistake(wrong, operands, List.copyOf(parts)));
        return new OpSpec(op, samples, List.copyOf(all));
    }

    /// The specs of all operations.
    static List<OpSpec> all() {
        return Stream.of(
                        LeafSpecs.all(),
                        ElementwiseSpecs.all(),
                        ReductionSpecs.all(),
                        MovementSpecs.all(),
                        IndexingSpecs.all(),
                        ContractionSpecs.all(),
                        GraphSpecs.all(),
                        PoolingSpecs.all())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public String toString() {
        return op.getSimpleName();
    }
}
