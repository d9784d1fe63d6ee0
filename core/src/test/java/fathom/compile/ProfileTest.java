package fathom.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.compile.Profile.Event;
import fathom.compile.Profile.KernelRun;
import fathom.compile.Profile.ProgramTimes;
import fathom.compile.Profile.Span;
import fathom.ir.Buffer;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileTest {
    private static final int STEPS = 3;

    private static Device device(String name) {
        return name.equals("cpu") ? Device.cpu(2) : Device.reference();
    }

    private static Tensor normal(int seed, int... shape) {
        return RandomStream.of(seed).normal(Shape.of(shape)).evaluate();
    }

    /// A loop of one's own.
    private static void descend(Variable w, Tensor x) {
        for (int i = 0; i < STEPS; i++) {
            Tensor y = x.matmul(w.value()).relu();
            Device.current().commit(List.of(y.sum()), List.of(w.to(w.value().mul(0.9))));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void countsTheRunsOfEachKernelInsideAndNothingOutside(String name) {
        Profile profile = Profile.of();
        try (Device device = device(name)) {
            device.run(() -> {
                Variable w = Variable.of(normal(1, 20, 30));
                Tensor x = normal(2, 10, 20);
                descend(w, x);
                profile.run(() -> descend(w, x));
                descend(w, x);
            });
        }
        assertThat(profile.programs()).hasSize(1);
        ProgramTimes program = profile.programs().getFirst();
        assertThat(program.runs()).isEqualTo(STEPS);
        assertThat(program.kernels()).isEqualTo(program.program().kernels());
        assertThat(program.nanos()).hasSameSizeAs(program.kernels()).allMatch(n -> n >= 0);
        assertThat(program.kernels()).extracting(KernelInfo::name).anyMatch(k -> k.startsWith("matMul"));
        assertThat(profile.kernels())
                .hasSameSizeAs(program.kernels())
                .allMatch(k -> k.calls() == STEPS)
                .isSortedAccordingTo((a, b) -> Long.compare(b.nanos(), a.nanos()));
        assertThat(profile.events())
                .filteredOn(KernelRun.class::isInstance)
                .hasSize(STEPS * program.kernels().size());
    }

    @Test
    void eventsLieInsideTheSpansThatTheyArePartOf() {
        Profile profile = Profile.of();
        try (Device device = Device.cpu(1)) {
            Tensor x = device.call(() -> normal(1, 8, 8));
            profile.run(() ->
                    device.run(() -> Profile.span("mine", () -> x.matmul(x).evaluate())));
        }
        List<Event> events = profile.events();
        assertThat(events)
                .filteredOn(Span.class::isInstance)
                .extracting(e -> ((Span) e).name())
                .containsExactly("graph", "compile", "run", "mine");
        Event mine = events.getLast();
        Event run = span(events, "run");
        assertThat(events).allSatisfy(e -> isInside(e, mine));
        assertThat(events).filteredOn(KernelRun.class::isInstance).hasSize(1).allSatisfy(e -> isInside(e, run));
        assertThat(mine.thread()).isEqualTo(Thread.currentThread().threadId());
        assertThat(profile.threads())
                .containsExactly(java.util.Map.entry(
                        mine.thread(), Thread.currentThread().getName()));
    }

    private static Event span(List<Event> events, String name) {
        return events.stream()
                .filter(e -> e instanceof Span s && s.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void isInside(Event inner, Event outer) {
        assertThat(inner.start()).isGreaterThanOrEqualTo(outer.start());
        assertThat(inner.start() + inner.nanos()).isLessThanOrEqualTo(outer.start() + outer.nanos());
    }

    @Test
    void keepsTheFirstEventsAndCountsAll() {
        Profile profile = Profile.of(2, _ -> null);
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Variable w = Variable.of(normal(1, 20, 30));
                Tensor x = normal(2, 10, 20);
                profile.run(() -> descend(w, x));
            });
        }
        assertThat(profile.events()).hasSize(2);
        int kernels = profile.programs().getFirst().kernels().size();
        // Graph and run each time, the compilation once.
        assertThat(profile.droppedEvents()).isEqualTo(STEPS * (2 + kernels) + 1 - 2);
        assertThat(profile.programs().getFirst().runs()).isEqualTo(STEPS);
        assertThatThrownBy(() -> Profile.of(-1, _ -> null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
    }

    @Test
    void tablesHaveEachKernelOnceWithItsCalls() {
        Profile profile = Profile.of();
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Variable w = Variable.of(normal(1, 20, 30));
                Tensor x = normal(2, 10, 20);
                profile.run(() -> {
                    descend(w, x);
                    x.exp().evaluate();
                });
                Supplier<Tensor> product = () -> x.matmul(x.transpose());
                assertThat(device.explain(product.get())).doesNotContain("GFLOP/s");
                profile.run(() -> {
                    product.get().evaluate();
                    assertThat(device.explain(product.get())).contains("GFLOP/s");
                });
                assertThat(device.explain(product.get())).doesNotContain("GFLOP/s");
            });
        }
        String table = profile.table();
        assertThat(profile.kernels().size()).isGreaterThan(3);
        assertThat(profile.kernels())
                .allSatisfy(k -> assertThat(table.lines())
                        .filteredOn(line -> line.strip()
                                .startsWith(k.program() + "." + k.kernel().number() + " "))
                        .hasSize(1)
                        .first()
                        .asString()
                        .contains(k.kernel().name().split(",")[0], " " + k.calls() + " "));
        assertThat(profile.programs().getFirst().explain()).contains("GFLOP/s", "GB/s", "share", "peak memory");
    }

    @Test
    void argumentsAndTargetsHaveTheirNames() {
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Variable w = Variable.of(normal(1, 4, 4));
                Tensor x = normal(2, 4, 4);
                Buffer before = w.value().buffer();
                Profile profile =
                        Profile.of(10, b -> b == before ? "w" : b == x.buffer() ? "x" : b.size() == 16 ? "new" : null);
                profile.run(() -> device.commit(
                        List.of(w.value().sum()), List.of(w.to(w.value().matmul(x)))));
                ProgramTimes program = profile.programs().getFirst();
                assertThat(program.arguments()).containsExactlyInAnyOrder("w", "x");
                assertThat(program.results()).containsExactly("", "new");
            });
        }
    }

    @Test
    void aRunThatFailsIsNotCounted() {
        Profile profile = Profile.of();
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Tensor x = normal(1, 4, 4);
                Tensor bad = x.take(Tensor.of(new int[] {9}, 1), 0);
                assertThatThrownBy(() -> profile.run(bad::evaluate)).hasMessageContaining("index 9");
            });
        }
        assertThat(profile.programs().getFirst().runs()).isZero();
        assertThat(profile.events()).noneMatch(KernelRun.class::isInstance);
        assertThat(profile.table()).contains("gather");
    }

    @Test
    void severalThreadsMayShareOne() throws InterruptedException {
        Profile profile = Profile.of();
        try (Device device = Device.cpu(2)) {
            Tensor x = device.call(() -> normal(1, 8, 8));
            Runnable work = () -> profile.run(() -> device.run(() -> {
                for (int i = 0; i < 50; i++) {
                    x.matmul(x).evaluate();
                }
            }));
            Thread other = Thread.ofPlatform().name("other").start(work);
            work.run();
            other.join();
        }
        assertThat(profile.programs()).hasSize(1);
        assertThat(profile.programs().getFirst().runs()).isEqualTo(100);
        assertThat(profile.threads().values())
                .contains("other", Thread.currentThread().getName());
    }

    @Test
    void callAndSpanGiveBackWhatTheirCodeDoes() {
        assertThat(Profile.of().call(() -> Profile.span("a", () -> 5))).isEqualTo(5);
        assertThat(Profile.span("nobody sees it", () -> 6)).isEqualTo(6);
    }
}
