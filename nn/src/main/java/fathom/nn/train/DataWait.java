package fathom.nn.train;

import java.util.Locale;

/// How much of the time of a training's steps is waiting for data: nearly nothing if batches are
/// prepared as fast as they are used.
///
/// The first step of each [Trainer#fit] is left out: it waits for a loader that has only just begun, and
/// compiles the program.
public final class DataWait implements Callback {
    private boolean first = true;
    private long steps;
    private double seconds;
    private double waited;

    @Override
    public void started(Plan plan) {
        first = true;
    }

    @Override
    public void step(StepResult result) {
        if (first) {
            first = false;
            return;
        }
        steps++;
        seconds += result.seconds();
        waited += result.secondsWaited();
    }

    /// How many steps were looked at.
    public long steps() {
        return steps;
    }

    /// How long they took, in seconds.
    public double seconds() {
        return seconds;
    }

    /// How much of that was waiting, in seconds.
    public double secondsWaited() {
        return waited;
    }

    /// How much of it as a part of the whole, from 0 to 1; NaN before the second step.
    public double share() {
        return steps == 0 ? Double.NaN : waited / seconds;
    }

    /// `0.4 % of the time of 2145 steps was waiting for data`
    @Override
    public String toString() {
        return steps == 0
                ? "too few steps to say how long they waited for data"
                : String.format(
                        Locale.ROOT, "%.1f %% of the time of %d steps was waiting for data", 100 * share(), steps);
    }
}
