package fathom.ir;

import fathom.ir.Typing.Type;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import java.util.stream.Collectors;

/// What an operation is applied to, while it is found out whether it fits.
///
/// @param op the operation
/// @param nodes its operands
record Operands(Op op, List<Node> nodes) {
    /// The first operand's shape.
    Shape shape() {
        return shape(0);
    }

    Shape shape(int i) {
        return nodes.get(i).shape();
    }

    /// The first operand's dtype.
    DType dtype() {
        return dtype(0);
    }

    DType dtype(int i) {
        return nodes.get(i).dtype();
    }

    /// The first operand's shape and dtype.
    Type type() {
        return nodes.getFirst().type();
    }

    boolean haveOneShape() {
        boolean one = true;
        for (int i = 1; i < nodes.size(); i++) {
            one &= shape(i).equals(shape());
        }
        return one;
    }

    void count(int expected) {
        check(nodes.size() == expected, "%s operands", expected);
    }

    void checkNumeric() {
        check(dtype().isNumeric(), "a numeric dtype");
    }

    /// That they fit.
    ///
    /// @param expected what the operation takes, with `%s` for each detail
    /// @throws IllegalArgumentException naming the operation, all operands and what was expected
    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
    void check(boolean ok, String expected, Object... details) {
        if (!ok) {
            String given = nodes.stream().map(n -> n.type().toString()).collect(Collectors.joining(", "));
            throw new IllegalArgumentException(
                    "%s(%s): expected %s".formatted(op.title(), given, expected.formatted(details)));
        }
    }
}
