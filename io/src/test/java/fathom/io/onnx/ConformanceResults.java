package fathom.io.onnx;

import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelReader;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What came of the cases of the conformance data, all of which are run once.
///
/// @param test which case it is
/// @param operators the names of the operators in it
/// @param outOfScope the type that Fathom has no tensors of, if that is why it was not run
/// @param failure what went wrong, if something did
record ConformanceResults(
        ConformanceData.Case test, Set<String> operators, Optional<String> outOfScope, Optional<String> failure) {
    private static @Nullable Optional<List<ConformanceResults>> all;

    /// The results of all cases, or nothing where the data cannot be had.
    static synchronized Optional<List<ConformanceResults>> all() {
        if (all == null) {
            all = ConformanceData.cases()
                    .map(cases -> cases.stream().map(ConformanceResults::of).toList());
        }
        return all;
    }

    private static ConformanceResults of(ConformanceData.Case test) {
        ModelProto model = ModelReader.read(test.model());
        Set<String> operators = ConformanceCase.operators(model.graph());
        Optional<String> out = ConformanceCase.outOfScope(model);
        if (out.isPresent()) {
            return new ConformanceResults(test, operators, out, Optional.empty());
        }
        return new ConformanceResults(test, operators, out, failure(test));
    }

    private static Optional<String> failure(ConformanceData.Case test) {
        try {
            return ConformanceCase.run(test.folder());
        } catch (RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    boolean passed() {
        return outOfScope.isEmpty() && failure.isEmpty();
    }
}
