package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.compile.Backend;
import fathom.ir.Graph;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;

/// Random graphs through the passes: each alone and all of them, with the same bits before and
/// after on the reference backend; and through the fused backend, which computes the same bits
/// again where nothing is approximated.
class RandomPassTest {
    private static final Map<String, Integer> FOUND = new HashMap<>();

    @Property(tries = 6000, seed = "21")
    void everyPassAlone(@ForAll @Size(min = 1, max = 16) List<@IntRange(max = 1 << 24) Integer> numbers) {
        RandomEntries.Case given = RandomEntries.of(numbers, false);
        for (Pass pass : Simplify.passes()) {
            Graph simple = pass.apply(given.graph());
            if (simple != given.graph()) {
                FOUND.merge(pass.getClass().getSimpleName(), 1, Integer::sum);
                given.arguments().assertSame(pass, given.graph(), simple);
            }
        }
    }

    @AfterContainer
    static void everyPassHasFoundSomething() {
        // Empty if another property was asked for alone.
        for (Pass pass : FOUND.isEmpty() ? List.<Pass>of() : Simplify.passes()) {
            String name = pass.getClass().getSimpleName();
            assertThat(FOUND.getOrDefault(name, 0)).as(name).isGreaterThan(30);
        }
    }

    @Property(tries = 4000, seed = "22")
    void allPasses(@ForAll @Size(min = 1, max = 24) List<@IntRange(max = 1 << 24) Integer> numbers) {
        RandomEntries.Case given = RandomEntries.of(numbers, false);
        Graph simple = Simplify.graph(given.graph());
        given.arguments().assertSame(Simplify::graph, given.graph(), simple);
        assertThat(Simplify.graph(simple)).as("simplified again").isSameAs(simple);
    }

    @Property(tries = 1500, seed = "23")
    void fused(@ForAll @Size(min = 1, max = 16) List<@IntRange(max = 1 << 24) Integer> numbers) {
        RandomEntries.Case given = RandomEntries.of(numbers, true);
        TestGraph arguments = given.arguments();
        String difference = TestGraph.difference(
                arguments.run(TestGraph.REFERENCE, given.graph()), arguments.run(Cpu.BACKEND, given.graph()));
        assertThat(difference)
                .as("fused:%n%s%nsimplified%n%s", arguments.listing(given.graph()), Simplify.graph(given.graph()))
                .isNull();
    }

    /// Started only when it is needed, as it takes threads.
    private static final class Cpu {
        static final Backend BACKEND = new fathom.backend.cpu.CpuBackend(2, true);
    }
}
