package fathom.io.onnx;

import fathom.io.onnx.operators.Operators;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Writes `docs/onnx.md`: which operators there are, and which cases of the conformance data pass.
final class ConformanceTable {
    private static final String HEAD = """
            # ONNX

            `fathom.io.onnx.OnnxModel` reads models of operator sets 7 and newer. What is here is written by a test of
            `io`: `mvn -pl io -am test -Dtest=ConformanceTest -Dfathom.onnx=write
            -Dsurefire.failIfNoSpecifiedTests=false`. The cases are those of Debian's package `libonnx-testdata`, at the
            tolerances of the suite's own runner.

            `fathom.io.onnx.export.OnnxExport` writes models of operator set 18. Tests of `parity` run what it writes in ONNX
            Runtime; `fathom export` does it for a trained run.

            """;
    private static final String EXCEPTIONS = """

            ## Where the data is not followed

            - `test_adam_multiple`: its results were made with an epsilon of 0.01, which the model does not say; the
              default is 0.000001.
            - Results of bfloat16 were cut off where the specification rounds them; they are compared to a unit of the
              last place.
            - Operators that depend on chance (`Bernoulli`, `Dropout` in training, `RandomUniformLike`) give other random
              numbers than NumPy: types, shapes and the elements that both keep are compared.

            """;

    private ConformanceTable() {}

    static String of(List<ConformanceResults> results) {
        StringBuilder out = new StringBuilder(HEAD);
        out.append("| suite | cases | pass | fail | out of scope |\n| --- | --- | --- | --- | --- |\n");
        Map<String, List<ConformanceResults>> suites = results.stream()
                .collect(Collectors.groupingBy(r -> r.test().suite(), TreeMap::new, Collectors.toList()));
        suites.forEach((suite, all) -> out.append("| %s | %s | %s | %s | %s |\n"
                .formatted(
                        suite,
                        all.size(),
                        count(all, ConformanceResults::passed),
                        count(all, r -> r.failure().isPresent()),
                        count(all, r -> r.outOfScope().isPresent()))));
        out.append(EXCEPTIONS);
        out.append("## Operators\n\nWith the number of cases that have them, and how many of these pass.\n\n");
        out.append("| operator | cases | pass |\n| --- | --- | --- |\n");
        SortedSet<String> names = new TreeSet<>(Operators.TABLE.names(""));
        names.addAll(Operators.TABLE.names("ai.onnx.preview.training"));
        List<ConformanceResults> inScope =
                results.stream().filter(r -> r.outOfScope().isEmpty()).toList();
        for (String name : names) {
            List<ConformanceResults> having =
                    inScope.stream().filter(r -> r.operators().contains(name)).toList();
            long passed = count(having, ConformanceResults::passed);
            out.append("| %s | %s | %s |\n".formatted(name, having.size(), passed));
        }
        out.append("\n## Out of scope\n\nThese have types that Fathom has no tensors of.\n\n");
        out.append("| case | type |\n| --- | --- |\n");
        for (ConformanceResults r : results) {
            r.outOfScope()
                    .ifPresent(type -> out.append("| %s/%s | %s |\n"
                            .formatted(r.test().suite(), r.test().name(), type)));
        }
        return out.toString();
    }

    private static long count(List<ConformanceResults> all, Predicate<ConformanceResults> what) {
        return all.stream().filter(what).count();
    }
}
