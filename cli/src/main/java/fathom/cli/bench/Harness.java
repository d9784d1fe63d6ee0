package fathom.cli.bench;

import fathom.cli.Failure;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;

/// The measuring loop: warm-up, then windows of about two seconds. The loss is read at the end of a
/// window only.
final class Harness {
    private static final double WARM_UP_SECONDS = 3;
    private static final double WINDOW_SECONDS = 2;
    private static final int FEWEST_STEPS = 60;

    private final Workload workload;
    private final Job job;
    private final double first;
    private long steps;

    /// One workload, ready to be done step by step.
    interface Job {
        /// One training step, forward pass or product, done when this returns.
        void step();

        /// The loss of the latest step, or a sum over its output.
        double check();
    }

    Harness(Workload workload, Job job) {
        this.workload = workload;
        this.job = job;
        step();
        this.first = job.check();
    }

    private void step() {
        job.step();
        steps++;
    }

    /// Warms up and measures for about so many seconds.
    ///
    /// @param log gets the rate and the loss of each window
    /// @return the rate of each window
    /// @throws Failure if the loss is not finite or does not fall
    double[] measure(double seconds, PrintWriter log) {
        long start = System.nanoTime();
        while (secondsSince(start) < WARM_UP_SECONDS) {
            step();
        }
        job.check();
        int windows = (int) Math.max(1, Math.round(seconds / WINDOW_SECONDS));
        double[] rates = new double[windows];
        double[] losses = new double[windows];
        for (int i = 0; i < windows; i++) {
            long before = steps;
            long begin = System.nanoTime();
            do {
                step();
            } while (secondsSince(begin) < WINDOW_SECONDS);
            losses[i] = job.check();
            rates[i] = (steps - before) * workload.perStep() / secondsSince(begin);
        }
        double last = learnMore(Arrays.stream(losses).average().orElseThrow());
        log.printf(
                Locale.ROOT,
                "%s: %d steps, %s %.5f at first, %.5f on average at the windows' ends; %s %s%n",
                workload.id(),
                steps,
                workload.trains() ? "loss" : "checksum",
                first,
                last,
                workload.unit(),
                Measurement.numbers(rates));
        log.flush();
        if (!Double.isFinite(first) || !Double.isFinite(last)) {
            throw new Failure(workload.id() + ": the result is not finite");
        }
        if (workload.trains() && !(last < first)) {
            throw new Failure(workload.id() + ": the loss does not fall (" + first + " to " + last + ")");
        }
        return rates;
    }

    /// On a slow machine a few windows are too few steps to judge a loss by: some more, unmeasured.
    private double learnMore(double loss) {
        double last = loss;
        while (workload.trains() && !(last < first) && steps < FEWEST_STEPS) {
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                step();
                sum += job.check();
            }
            last = sum / 4;
        }
        return last;
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }
}
