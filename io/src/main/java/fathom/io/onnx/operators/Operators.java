package fathom.io.onnx.operators;

import fathom.io.onnx.run.OperatorTable;
import java.util.List;
import java.util.stream.Stream;

/// All operators, family by family.
public final class Operators {
    /// The table of them.
    public static final OperatorTable TABLE = new OperatorTable(Stream.of(
                    ElementwiseOperators.table(),
                    ArithmeticOperators.table(),
                    ReductionOperators.table(),
                    MovementOperators.table(),
                    IndexingOperators.table(),
                    SelectionOperators.table(),
                    ContractionOperators.table(),
                    PoolingOperators.table(),
                    NormalizationOperators.table(),
                    LossOperators.table(),
                    RandomOperators.table(),
                    TrainingOperators.table(),
                    ControlFlowOperators.table(),
                    RecurrentOperators.table(),
                    QuantizedOperators.table(),
                    AttentionOperators.table(),
                    ImageOperators.table())
            .flatMap(List::stream)
            .toList());

    private Operators() {}
}
