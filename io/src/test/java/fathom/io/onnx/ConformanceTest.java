package fathom.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The conformance data of ONNX, case by case.
class ConformanceTest {
    @TestFactory
    Stream<DynamicTest> cases() {
        Optional<List<ConformanceData.Case>> cases = ConformanceData.cases();
        assumeTrue(cases.isPresent(), "the package libonnx-testdata cannot be had: no apt, or no network");
        return cases.get().stream()
                .map(c -> DynamicTest.dynamicTest(c.suite() + "/" + c.name(), () -> {
                    ModelProto model = ModelReader.read(c.model());
                    Optional<String> out = ConformanceCase.outOfScope(model);
                    assumeTrue(out.isEmpty(), () -> "out of scope: " + out.orElseThrow());
                    assertThat(ConformanceCase.run(c.folder())).isEmpty();
                }));
    }
}
