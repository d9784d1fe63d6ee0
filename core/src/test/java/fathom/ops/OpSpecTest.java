package fathom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import fathom.tensor.TestDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpSpecTest {
    static Stream<OpSpec> specs() {
        return OpSpec.all().stream();
    }

    static Stream<OpSpec.Mistake> mistakes() {
        return OpSpec.all().stream().flatMap(s -> s.mistakes().stream());
    }

    @Test
    void everyOperationHasASpec() {
        List<Class<?>> specified = new ArrayList<>();
        OpSpec.all().forEach(s -> specified.add(s.op()));
        assertThat(specified).containsExactlyInAnyOrder(Op.class.getPermittedSubclasses());
    }

    @ParameterizedTest
    @MethodSource("specs")
    void samplesAreOfTheOperation(OpSpec spec) {
        assertThat(spec.samples()).isNotEmpty();
        for (Sample s : spec.samples()) {
            Op built = compute(s, DType.F64, Variant.PLAIN).node().op();
            // A reduction over axes of size 1, or of none, is simplified away.
            if (built.getClass() != spec.op()) {
                assertThat(built).as(s.name()).isInstanceOf(Op.Data.class);
            }
        }
        assertThat(spec.samples())
                .anyMatch(s -> spec.op()
                        .isInstance(compute(s, DType.F64, Variant.PLAIN).node().op()));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void cpuAgreesWithTheReference(OpSpec spec) {
        assertThat(disagreements(spec.samples())).isEmpty();
    }

    @Test
    void cpuAgreesWithTheReferenceOnCompositions() {
        assertThat(disagreements(Compositions.all())).isEmpty();
    }

    private static List<String> disagreements(List<Sample> samples) {
        List<String> failures = new ArrayList<>();
        for (Sample s : samples) {
            boolean floating = s.inputs().stream().anyMatch(Input::isFloating);
            for (DType dtype : floating ? List.of(DType.F32, DType.F64) : List.of(DType.F32)) {
                for (Variant variant : Variant.values()) {
                    String what = s + " " + dtype + " " + variant;
                    try {
                        Tensor expected = TestDevice.REFERENCE.call(
                                () -> compute(s, dtype, Variant.PLAIN).evaluate());
                        Tensor actual = TestDevice.CPU.call(
                                () -> compute(s, dtype, variant).evaluate());
                        Close.assertClose(what, actual, expected, s.tolerance());
                    } catch (RuntimeException | LinkageError | AssertionError e) {
                        failures.add(e instanceof AssertionError ? e.getMessage() : what + ": " + e);
                    }
                }
            }
        }
        return failures;
    }

    private static Tensor compute(Sample s, DType dtype, Variant variant) {
        return variant.result(s.build()
                .apply(s.inputs().stream()
                        .map(i -> variant.operand(i.tensor(dtype)))
                        .toList()));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreRefusedWhenWritten(OpSpec.Mistake mistake) {
        assertThatThrownBy(mistake::make)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(mistake.message().toArray(String[]::new));
    }

    @Test
    void everyOperationThatCanGoWrongSaysHow() {
        List<String> silent = OpSpec.all().stream()
                .filter(s -> s.mistakes().isEmpty())
                .map(OpSpec::toString)
                .collect(Collectors.toList());
        // These take anything.
        assertThat(silent).containsExactlyInAnyOrder("Data", "Full", "Cast", "StopGradient", "After");
    }
}
