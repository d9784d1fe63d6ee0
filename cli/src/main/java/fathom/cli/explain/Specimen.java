package fathom.cli.explain;

import fathom.cli.bench.BenchModel;
import fathom.cli.bench.Training;
import fathom.compile.KernelInfo;
import fathom.compile.Profile;
import fathom.compile.Profile.ProgramTimes;
import fathom.ir.Buffer;
import fathom.nn.Context;
import fathom.nn.Modules;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;

/// A program of a model, as it was seen while it ran.
///
/// @param title what it is, in a line
/// @param program the program with its times and the names of its arguments
/// @param isTimed whether the times mean something: a first run mostly measures the JIT compiler
public record Specimen(String title, ProgramTimes program, boolean isTimed) {
    private static final int WARM_UP_SECONDS = 5;
    private static final int SECONDS = 3;
    private static final int WARM_UP_STEPS = 20;
    private static final int STEPS = 5;

    /// The program of a training step, or of a forward pass.
    ///
    /// @param batch samples in it
    /// @param training whether it is a training step
    /// @param timed whether to run it until its times are worth reading
    public static Specimen of(BenchModel kind, int batch, boolean training, boolean timed) {
        Training model = Training.of(kind, batch);
        Map<Buffer, String> names = new IdentityHashMap<>();
        Runnable step = training ? model::step : () -> infer(model);
        // The first run compiles, and a variable's update goes to another buffer than its value is
        // in: now all have been seen.
        collect(model, names);
        step.run();
        collect(model, names);
        if (timed) {
            repeat(step, WARM_UP_SECONDS, WARM_UP_STEPS);
        }
        Profile profile = Profile.of(0, names::get);
        profile.run(() -> {
            if (timed) {
                repeat(step, SECONDS, STEPS);
            } else {
                step.run();
            }
        });
        String title =
                "%s, %s, %d samples".formatted(kind.id(), training ? "a training step" : "a forward pass", batch);
        return new Specimen(title, main(profile), timed);
    }

    /// The program that does the work.
    private static ProgramTimes main(Profile profile) {
        return profile.programs().stream()
                .max(Comparator.comparingLong(
                        p -> p.kernels().stream().mapToLong(KernelInfo::flops).sum()))
                .orElseThrow(() -> new IllegalStateException("explain: no program was run"));
    }

    private static void infer(Training model) {
        Context.inference(() -> model.model().apply(model.data().x(0)).evaluate());
    }

    private static void collect(Training model, Map<Buffer, String> names) {
        Modules.parameters(model.model())
                .forEach((path, p) -> names.put(p.value().buffer(), path));
        Modules.buffers(model.model()).forEach((path, v) -> names.put(v.value().buffer(), path));
        model.optimizer().variables().forEach((path, v) -> names.put(v.value().buffer(), path));
        for (int i = 0; i < model.data().x().size(); i++) {
            names.put(model.data().x(i).buffer(), "x");
        }
        for (int i = 0; i < model.data().y().size(); i++) {
            names.put(model.data().y(i).buffer(), "labels");
        }
    }

    /// Until both the time and the number are reached.
    private static void repeat(Runnable step, int seconds, int steps) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        for (int i = 0; i < steps || System.nanoTime() < end; i++) {
            step.run();
        }
    }

    /// What is known of the program, as a table to read.
    public String table() {
        return isTimed ? program.explain() : program.program().explain();
    }
}
